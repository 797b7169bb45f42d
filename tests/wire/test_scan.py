import json
import timeit
from itertools import pairwise

import anthropic
import httpx2
import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion
from openai.types.responses import ResponseFailedEvent

from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Usage
from cccc_tui.wire.scan import StreamScan, break_event, keep_alive, scan_answer
from cccc_tui.wire.sse import Decoder

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def event(data: object, name: str = "") -> bytes:
    line = b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"
    return f"event: {name}\n".encode() + line if name else line


def named(data: dict[str, object]) -> bytes:
    return event(data, str(data["type"]))


def delta(**what: object) -> bytes:
    return named({"type": "content_block_delta", "index": 0, "delta": what})


def chunk(finish_reason: str | None = None, **what: object) -> bytes:
    choice = {"index": 0, "delta": what, "finish_reason": finish_reason}
    return event(
        {"id": "c1", "object": "chat.completion.chunk", "model": "real", "choices": [choice], "usage": None}
    )


RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 5,
    "status": "in_progress",
    "model": "real",
    "output": [],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "error": None,
    "incomplete_details": None,
    "usage": None,
}
RESPONSES_USAGE = {
    "input_tokens": 30,
    "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 4},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 39,
}


def response(kind: str, number: int, **changes: object) -> bytes:
    return named({"type": f"response.{kind}", "sequence_number": number, "response": RESPONSE | changes})


MESSAGE_START = named(
    {
        "type": "message_start",
        "message": {"id": "msg_1", "model": "real", "usage": {"input_tokens": 7, "output_tokens": 1}},
    }
)
MESSAGE_DELTA = named(
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 20, "input_tokens": 0},
    }
)
TALKS = 'It ends with "message_stop", "[DONE]", {"error": {"message": "x"}} or "finish_reason": "stop". 東京'
BLOCK_START = named(
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
)
DONE = b"data: [DONE]\n\n"
STREAMS = {
    "anthropic": [
        MESSAGE_START,
        b'event: ping\ndata: {"type": "ping"}\n\n',
        BLOCK_START,
        delta(type="text_delta", text=TALKS),
        named({"type": "content_block_stop", "index": 0}),
        MESSAGE_DELTA,
        named({"type": "message_stop"}),
    ],
    "chat": [
        b": waiting\n\n",
        chunk(role="assistant", content=""),
        chunk(content=TALKS),
        chunk("stop"),
        event(
            {
                "id": "c1",
                "model": "real",
                "choices": [],
                "usage": {"prompt_tokens": 7, "completion_tokens": 20},
            }
        ),
        DONE,
    ],
    "responses": [
        response("created", 0),
        response("in_progress", 1),
        named({"type": "response.output_text.delta", "sequence_number": 2, "delta": TALKS}),
        response("completed", 3, status="completed", usage=RESPONSES_USAGE),
    ],
}
FORMATS = list(STREAMS)
USAGES = {
    "anthropic": Usage(input_tokens=7, output_tokens=20),
    "chat": Usage(input_tokens=7, output_tokens=20),
    "responses": Usage(16, 9, cache_read_tokens=10, cache_write_tokens=4, reasoning_tokens=5),
}
STOPS = {"anthropic": "end_turn", "chat": "stop", "responses": "completed"}
IDS = {"anthropic": "msg_1", "chat": "c1", "responses": "resp_1"}


def scanned(form: str, *chunks: bytes, model: str | None = None) -> tuple[StreamScan, bytes]:
    scan = StreamScan(form, model)
    return scan, b"".join(scan.feed(part) for part in chunks)


@patiently
@given(
    form=st.sampled_from(FORMATS),
    line_end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    cuts=st.sets(st.integers(0, 2000)),
    model=st.sampled_from([None, "asked"]),
)
def test_any_chunking_passes_the_same_bytes_and_tells_the_same(form, line_end, cuts, model):
    stream = b"".join(STREAMS[form]).replace(b"\n", line_end)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    scan, passed = scanned(form, *(stream[a:b] for a, b in pairwise(edges)), model=model)
    expected = stream if model is None else stream.replace(b'"model": "real"', b'"model": "asked"')
    assert passed + scan.ending() == expected
    assert scan.content_seen and scan.finished and scan.whole and scan.error is None
    assert (scan.usage, scan.stop_reason) == (USAGES[form], STOPS[form])
    assert (scan.response_id, scan.upstream_model) == (IDS[form], "real")
    assert scan.last_sequence_number == (3 if form == "responses" else -1)


@pytest.mark.parametrize("form", FORMATS)
def test_a_chunk_of_whole_events_passes_as_the_very_object(form):
    scan = StreamScan(form)
    for part in STREAMS[form]:
        assert scan.feed(part) is part


def test_half_an_event_waits_for_its_other_half():
    scan = StreamScan("anthropic")
    assert scan.feed(BLOCK_START + b"event: con") == BLOCK_START
    assert scan.feed(b"tent_block_stop\ndata: {}\n") == b""
    assert scan.feed(b"\n") == b"event: content_block_stop\ndata: {}\n\n"


def test_a_model_s_name_is_put_back_and_no_other_byte_moves():
    odd = (
        b"event: message_start\r\n"
        b'data: {"type":"message_start", "message" :{"model": "r\\u0065al","n":1.0 }}\r\n\r\n'
    )
    _, passed = scanned("anthropic", odd, model="asked")
    assert passed == odd.replace(rb"r\u0065al", b"asked")


@pytest.mark.parametrize(
    "before",
    [
        b'{"id":"c","model":"real","choices":[{"delta":{"content":"\\"model\\":\\"real\\""}}]}',
        b'{"choices":[{"delta":{"model":"inner"}}], "model" : "real"}',
        b'{"provider":{"model":"inner"},"model":"real","choices":[]}',
        b'{"model":"real","usage":null}',
    ],
)
def test_only_the_chunk_s_own_model_is_renamed(before):
    scan = StreamScan("chat", "asked")
    renamed = json.loads(before) | {"model": "asked"}
    passed = scan.feed(event(before))
    assert json.loads(passed[6:]) == renamed and len(passed) == len(event(before)) + 1


def test_a_model_of_the_asked_name_leaves_the_chunk_alone():
    scan = StreamScan("responses", "real")
    assert scan.feed(part := response("created", 0)) is part


def test_data_over_several_lines_is_renamed_too():
    scan = StreamScan("chat", "asked")
    passed = scan.feed(b'data: {"model":\ndata: "real",\ndata: "choices":[]}\n\n')
    assert [json.loads(found.data) for found in Decoder().feed(passed)] == [{"model": "asked", "choices": []}]


NO_CONTENT = [
    ("anthropic", MESSAGE_START),
    ("anthropic", BLOCK_START),
    (
        "anthropic",
        named({"type": "content_block_start", "content_block": {"type": "thinking", "thinking": ""}}),
    ),
    ("anthropic", delta(type="text_delta", text="")),
    ("anthropic", b"event: ping\ndata: {}\n\n"),
    ("chat", b": OPENROUTER PROCESSING\n\n"),
    ("chat", chunk(role="assistant", content="")),
    ("chat", chunk(role="assistant", content=None, tool_calls=[])),
    ("chat", event({"choices": []})),
    ("chat", DONE),
    ("responses", response("created", 0)),
    ("responses", response("in_progress", 1)),
    ("responses", named({"type": "response.output_item.added", "item": {"type": "message", "content": []}})),
    ("responses", named({"type": "response.output_text.delta", "delta": ""})),
    ("responses", b'event: ping\ndata: {"type":"ping"}\n\n'),
    ("responses", b"data: not json\n\n"),
]
CONTENT = [
    ("anthropic", delta(type="text_delta", text="a")),
    ("anthropic", delta(type="thinking_delta", thinking="a")),
    (
        "anthropic",
        named({"type": "content_block_start", "content_block": {"type": "tool_use", "name": "Bash"}}),
    ),
    (
        "anthropic",
        named({"type": "content_block_start", "content_block": {"type": "redacted_thinking", "data": "x"}}),
    ),
    ("chat", chunk(content="a")),
    ("chat", chunk(reasoning_content="a")),
    ("chat", chunk(tool_calls=[{"index": 0, "function": {"name": "f"}}])),
    (
        "chat",
        event({"choices": [{"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}]}),
    ),
    ("responses", named({"type": "response.output_text.delta", "delta": "a"})),
    ("responses", named({"type": "response.reasoning_summary_text.delta", "delta": "a"})),
    (
        "responses",
        named({"type": "response.output_item.added", "item": {"type": "function_call", "name": "f"}}),
    ),
    ("responses", event({"type": "response.output_item.done", "item": {"type": "message"}})),
    ("responses", response("completed", 1, output=[{"type": "message"}])),
]


@pytest.mark.parametrize(("form", "part"), NO_CONTENT)
def test_what_only_opens_the_stream_is_no_content(form, part):
    assert not scanned(form, part)[0].content_seen


@pytest.mark.parametrize(("form", "part"), CONTENT)
def test_texts_thoughts_and_tool_calls_are_content(form, part):
    assert scanned(form, part)[0].content_seen


CHAT_USAGE = {"prompt_tokens": 30, "completion_tokens": 9}


@pytest.mark.parametrize(
    ("form", "parts", "usage"),
    [
        (
            "anthropic",
            [
                named(
                    {"type": "message_start", "message": {"usage": {"input_tokens": 0, "output_tokens": 0}}}
                ),
                named(
                    {
                        "type": "message_delta",
                        "delta": {},
                        "usage": {
                            "input_tokens": 30,
                            "output_tokens": 9,
                            "cache_read_input_tokens": 10,
                            "cache_creation_input_tokens": 4,
                            "output_tokens_details": {"thinking_tokens": 5},
                        },
                    }
                ),
            ],
            Usage(30, 9, 10, 4, 5),
        ),
        ("chat", [event({"usage": CHAT_USAGE | {"prompt_cache_hit_tokens": 10}})], Usage(20, 9, 10)),
        ("chat", [event({"choices": [{"usage": CHAT_USAGE | {"cached_tokens": 10}}]})], Usage(20, 9, 10)),
        (
            "chat",
            [
                event({"usage": {"prompt_tokens": 30, "completion_tokens": 2}}),
                event(
                    {
                        "usage": CHAT_USAGE
                        | {
                            "prompt_tokens_details": {"cached_tokens": 10},
                            "completion_tokens_details": {"reasoning_tokens": 5},
                        }
                    }
                ),
            ],
            Usage(20, 9, 10, 0, 5),
        ),
        (
            "chat",
            [event({"usage": CHAT_USAGE | {"prompt_tokens_details": {"cached_tokens": 99}}})],
            Usage(0, 9, 99),
        ),
        ("chat", [event({"usage": {"prompt_tokens": 30.0, "completion_tokens": "9"}})], Usage(30, 9)),
        ("chat", [event({"usage": {"prompt_tokens": "many"}})], Usage()),
    ],
)
def test_counts_are_running_totals_with_the_cache_beside_the_input(form, parts, usage):
    scan, passed = scanned(form, *parts)
    assert scan.usage == usage and passed == b"".join(parts)


ANTHROPIC_ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.mark.parametrize(
    ("form", "part", "error_class", "message"),
    [
        ("anthropic", event(ANTHROPIC_ERROR, "error"), "overloaded", "Overloaded"),
        ("anthropic", event(ANTHROPIC_ERROR), "overloaded", "Overloaded"),
        ("anthropic", event(b"boom", "error"), "server_error", "boom"),
        ("chat", event({"error": {"message": "slow down", "code": 429}}), "rate_limit", "slow down"),
        ("chat", event({"error": "overloaded"}), "overloaded", "overloaded"),
        ("chat", event({"message": "gone wrong"}, "error"), "server_error", "gone wrong"),
        (
            "responses",
            response("failed", 4, error={"code": "rate_limit_exceeded", "message": "try again in 2s"}),
            "rate_limit",
            "try again in 2s",
        ),
        ("responses", named({"type": "error", "code": "server_error", "message": "m"}), "server_error", "m"),
        ("responses", event({"type": "error", "error": {"message": "m"}}), "server_error", "m"),
    ],
)
@pytest.mark.parametrize("after_content", [False, True])
def test_an_error_event_is_seen_in_every_shape(form, part, error_class, message, after_content):
    before = STREAMS[form][:4] if after_content else []
    scan, passed = scanned(form, *before, part)
    assert scan.error and (scan.error.error_class, scan.error.message) == (error_class, message)
    assert not scan.whole and passed.endswith(part)


MESSAGE_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


@pytest.mark.parametrize(
    ("form", "parts", "tail", "ending"),
    [
        ("anthropic", [MESSAGE_START, MESSAGE_DELTA], b"", MESSAGE_STOP),
        ("anthropic", [MESSAGE_START], MESSAGE_DELTA[:-2], MESSAGE_DELTA + MESSAGE_STOP),
        ("anthropic", [MESSAGE_DELTA], b"event: message_stop\n", MESSAGE_STOP),
        ("chat", [chunk("stop")], b"", DONE),
        ("chat", [chunk("stop")], b"data: [DONE]", DONE),
        ("chat", [chunk("stop")], b"data: [DONE]\n", DONE),
        ("chat", [chunk("stop")], b'data: {"usage', DONE),
        ("responses", [], response("completed", 1)[:-2], response("completed", 1)),
        ("anthropic", STREAMS["anthropic"], b"", b""),
        ("chat", STREAMS["chat"], b"\n", b"\n"),
        ("responses", STREAMS["responses"], b": bye", b""),
    ],
)
def test_an_answer_that_was_whole_gets_its_formal_end(form, parts, tail, ending):
    scan, passed = scanned(form, *parts, tail)
    assert scan.whole and passed == b"".join(parts)
    assert scan.ending() == ending
    assert scan.finished and scan.ending() == b""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_answer_that_was_not_whole_stays_so(form, count):
    scan, passed = scanned(form, *STREAMS[form][:count])
    assert not scan.whole and scan.ending() == b"" and not scan.finished
    assert passed == b"".join(STREAMS[form][:count])


def test_asking_whether_the_answer_is_whole_changes_nothing():
    scan, _ = scanned("chat", chunk("stop"), b"data: [DO")
    assert scan.whole and not scan.finished
    assert scan.feed(b"NE]\n\n") == DONE and scan.finished


BROKEN = UpstreamError.of("broken_stream", "The upstream's stream broke off")
FINAL = UpstreamError.of("context_overflow", "This model's maximum context length is 5 tokens")


def streamed(body: bytes) -> httpx2.Client:
    headers = {"content-type": "text/event-stream"}
    return httpx2.Client(
        transport=httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, content=body))
    )


def test_the_anthropic_package_raises_from_a_broken_stream():
    scan, passed = scanned("anthropic", *STREAMS["anthropic"][:4], b'event: content_block_delta\ndata: {"ty')
    body = passed + break_event("anthropic", BROKEN, scan)
    ask = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}], "stream": True}
    with anthropic.Anthropic(api_key="k", http_client=streamed(body)) as client:
        events = iter(client.messages.create(**ask))
        seen = [next(events).type for _ in range(3)]
        with pytest.raises(anthropic.APIStatusError, match="broke off") as refusal:
            next(events)
    assert seen == ["message_start", "content_block_start", "content_block_delta"]
    assert refusal.value.body["error"]["type"] == "overloaded_error"


def test_the_openai_package_raises_from_a_broken_chat_stream():
    scan, passed = scanned("chat", *STREAMS["chat"][:3], b'data: {"ch')
    body = passed + break_event("chat", BROKEN, scan)
    assert body.endswith(DONE)
    with openai.OpenAI(api_key="k", http_client=streamed(body)) as client:
        chunks = client.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises(openai.APIError, match="broke off"):
            list(chunks)


@pytest.mark.parametrize("count", [0, 3])
def test_the_openai_package_reads_the_end_of_a_broken_responses_stream(count):
    scan, passed = scanned("responses", *STREAMS["responses"][:count], b'data: {"ty', model="asked")
    body = passed + break_event("responses", BROKEN, scan)
    with openai.OpenAI(api_key="k", http_client=streamed(body)) as client:
        first, *_, last = client.responses.create(model="m", input="x", stream=True)
    assert first.type == "response.created"  # without which the package's helper takes nothing else
    assert isinstance(last, ResponseFailedEvent)
    assert last.response.status == "failed" and last.response.model == "asked"
    assert last.response.error.code == "server_error" and last.response.error.message == BROKEN.message
    assert (last.response.id, last.sequence_number) == (("resp_1", 3) if count else ("resp_none", 1))
    *_, written = Decoder().feed(body)
    ResponseFailedEvent.model_validate_json(written.data)


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ("anthropic", b'"invalid_request_error"'),
        ("responses", b'"context_length_exceeded"'),
        ("chat", b"context_length"),
    ],
)
def test_a_stream_that_broke_for_good_says_so(form, sign):
    assert sign in break_event(form, FINAL, None)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_follows_a_stream_that_has_ended(form):
    scan, _ = scanned(form, *STREAMS[form])
    assert break_event(form, BROKEN, scan) == b""


@pytest.mark.parametrize(
    ("form", "client", "names"),
    [
        ("anthropic", "", ["ping"]),
        ("chat", "", []),
        ("responses", "openai-sdk", []),
        ("responses", "codex", ["ping"]),
    ],
)
def test_a_keep_alive_says_nothing_and_is_an_event_only_where_its_client_takes_one(form, client, names):
    sent = keep_alive(form, client)
    scan, passed = scanned(form, sent)
    assert passed == sent and not scan.content_seen and not scan.whole
    assert [found.name for found in Decoder().feed(sent)] == names


def test_half_an_emoji_does_not_hide_the_end():
    last = (
        b'data: {"type":"response.completed","response":{"output":[{"text":"\\ud83d"}],"model":"real"}}\n\n'
    )
    scan, passed = scanned("responses", last, model="asked")
    assert scan.finished and scan.content_seen and passed == last.replace(b"real", b"asked")


def test_a_plain_delta_costs_next_to_nothing():
    scan = StreamScan("anthropic")
    part = delta(type="text_delta", text="some twenty letters")
    scan.feed(part)
    best_s = min(timeit.repeat(lambda: scan.feed(part), number=100, repeat=50)) / 100
    assert best_s < 0.00005, "far above the measured time: only a decode of each event may fail this"


CHAT_ANSWER = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "real",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
ANSWERS = [
    (
        "anthropic",
        {
            "id": "c1",
            "type": "message",
            "model": "real",
            "content": [],
            "stop_reason": "stop",
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
    ),
    ("chat", CHAT_ANSWER),
    (
        "responses",
        RESPONSE
        | {
            "id": "c1",
            "status": "incomplete",
            "incomplete_details": {"reason": "stop"},
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
    ),
]


@pytest.mark.parametrize(("form", "answer"), ANSWERS)
def test_a_whole_answer_is_read_and_gets_its_model_s_name_back(form, answer):
    body = json.dumps(answer, indent=1).encode()
    scan = scan_answer(form, body, "asked")
    assert scan.body == body.replace(b'"model": "real"', b'"model": "asked"')
    assert scan.has_content and not scan.problem and scan.error is None
    assert (scan.response_id, scan.upstream_model, scan.stop_reason) == ("c1", "real", "stop")
    assert scan.usage == Usage(3, 2)
    assert scan_answer(form, body, None).body is body and scan_answer(form, body, "real").body is body


def test_the_openai_package_still_reads_an_answer_under_its_other_name():
    scan = scan_answer("chat", json.dumps(CHAT_ANSWER).encode(), "asked")
    assert ChatCompletion.model_validate_json(scan.body).model == "asked"


def test_a_count_of_tokens_is_an_answer():
    assert scan_answer("anthropic", b'{"input_tokens": 12}', None).has_content


@pytest.mark.parametrize(
    ("form", "body", "problem"),
    [
        ("chat", b" ", "The upstream sent an empty answer"),
        (
            "chat",
            b"<!doctype html><title>Login</title>",
            "The upstream sent an HTML page instead of an answer",
        ),
        (
            "chat",
            b"hello",
            "The upstream sent something else instead of an answer: "
            "the body is not JSON: invalid character at byte 1",
        ),
        (
            "chat",
            b'{"choices":[]}',
            "The upstream's answer has no `choices`, as one of this format must have",
        ),
        (
            "anthropic",
            json.dumps(CHAT_ANSWER).encode(),
            "The upstream's answer has no `content`, as one of this format must have",
        ),
        (
            "responses",
            b'{"output":null}',
            "The upstream's answer has no `output`, as one of this format must have",
        ),
    ],
)
def test_what_is_no_answer_says_why(form, body, problem):
    scan = scan_answer(form, body, "asked")
    assert (scan.has_content, scan.problem, scan.body, scan.error) == (False, problem, body, None)


@pytest.mark.parametrize(
    ("form", "answer", "error_class"),
    [
        ("anthropic", ANTHROPIC_ERROR, "overloaded"),
        ("chat", {"error": {"message": "Rate limited", "code": 429}}, "rate_limit"),
        (
            "chat",
            CHAT_ANSWER | {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "pay"}},
            "billing",
        ),
        (
            "responses",
            RESPONSE | {"status": "failed", "error": {"code": "server_error", "message": "m"}},
            "server_error",
        ),
    ],
)
def test_an_error_under_status_200_is_an_error(form, answer, error_class):
    scan = scan_answer(form, json.dumps(answer).encode(), None)
    assert scan.error and scan.error.error_class == error_class
    assert not scan.has_content and not scan.problem
