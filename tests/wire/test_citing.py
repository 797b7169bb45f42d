"""Citations by block and by index."""

import json

from cccc_tui.wire.citing import placed, quoted
from cccc_tui.wire.convert import ConvertOptions, StreamConverter, convert_request, convert_response
from cccc_tui.wire.events import Answer
from cccc_tui.wire.model import Citation, Text
from tests.fakes.conversations import upstream_body, upstream_stream

PAGE = Citation("https://w.example", "W", "a page's own words")
TEXTS = [Text("It is "), Text("sunny", citations=[PAGE]), Text(" and "), Text("warm", citations=[PAGE])]
OPTIONS = ConvertOptions(origin="p1", exchange_id="e")


def chat_context():
    body = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
    return convert_request("chat", "anthropic", body, OPTIONS).context


def stretches(text: str, annotations: list[dict]) -> list[str]:
    marks = [mark["url_citation"] for mark in annotations]
    return [text[mark["start_index"] : mark["end_index"]] for mark in marks]


def test_blocks_of_a_message_are_cited_by_their_place_in_the_whole_of_it():
    body = convert_response(chat_context(), upstream_body("anthropic", Answer(parts=TEXTS))).body
    message = json.loads(body)["choices"][0]["message"]
    assert message["content"] == "It is sunny and warm"
    assert stretches(message["content"], message["annotations"]) == ["sunny", "warm"]


def test_the_same_holds_while_it_streams():
    stream = StreamConverter(chat_context())
    written = stream.feed(upstream_stream("anthropic", Answer(parts=TEXTS))) + stream.end()
    frames = [json.loads(line[6:]) for line in written.decode().splitlines() if line.startswith("data: {")]
    deltas = [choice["delta"] for frame in frames for choice in frame["choices"]]
    text = "".join(delta.get("content") or "" for delta in deltas)
    annotations = [mark for delta in deltas for mark in delta.get("annotations", ())]
    assert stretches(text, annotations) == ["sunny", "warm"]


def test_an_index_that_is_known_is_only_moved():
    known = Citation("u", start=2, end=4)
    assert (placed(known, 10, 99).start, placed(known, 10, 99).end) == (12, 14)
    assert (placed(PAGE, 10, 5).start, placed(PAGE, 10, 5).end) == (10, 15)


def test_the_words_of_a_stretch_are_quoted_where_the_provider_quotes_none():
    assert quoted(Citation("u", start=6, end=11), "It is sunny").cited_text == "sunny"
    assert quoted(PAGE, "It is sunny") is PAGE
    assert quoted(Citation("u"), "It is sunny").cited_text == ""
