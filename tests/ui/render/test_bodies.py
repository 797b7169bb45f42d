"""Bodies as text."""

from cccc_tui.traffic.exchange import Body
from cccc_tui.traffic.transcript import Transcript
from cccc_tui.ui.render.bodies import (
    answer_section,
    body_sections,
    event_section,
    header_lines,
    is_event_stream,
    top_level_changes,
    usage_text,
)
from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.document import Document
from cccc_tui.ui.render.glyphs import UNICODE
from cccc_tui.wire.model import Usage


def body(data: bytes, keep: int = 10_000) -> Body:
    kept = Body(keep)
    kept.append(data)
    return kept


def texts(*sections) -> list[str]:
    return Document(*sections).texts


def test_json_is_indented_and_raw_is_not():
    assert texts(*body_sections(body(b'{"a":1}'), raw=False)) == ["{", '  "a": 1', "}"]
    assert texts(*body_sections(body(b'{"a":1}'), raw=True)) == ['{"a":1}']


def test_a_gap_says_how_much_is_missing():
    shown = texts(*body_sections(body(b"x" * 5_000, keep=100), raw=False))
    assert any("not kept" in text for text in shown)


def test_no_body_is_said_in_words():
    assert texts(*body_sections(None, raw=False)) == ["No body kept, or none was sent."]


def test_headers_are_aligned():
    lines = [plain(line) for line in header_lines((("a", "1"), ("content-type", "x")))]
    assert lines == ["a             1", "content-type  x"]


def transcript() -> Transcript:
    read = Transcript()
    read.read(
        body(
            b'event: content_block_delta\ndata: {"delta":{"thinking":"hm"}}\n\n'
            b'event: content_block_delta\ndata: {"delta":{"text":"Hello\\nyou"}}\n\n'
            b'event: content_block_start\ndata: {"content_block":{"type":"tool_use","name":"Read"}}\n\n'
            b'event: content_block_delta\ndata: {"delta":{"partial_json":"{\\"a\\":1}"}}\n\n'
        ),
        is_over=True,
    )
    return read


def test_a_stream_reads_as_what_it_says():
    shown = texts(answer_section(transcript(), UNICODE))
    assert shown == ["── thinking", "hm", "", "Hello", "you", "", "── tool call  Read", "{", '  "a": 1', "}"]


def test_raw_events_stand_one_a_line_and_paint_as_they_read():
    section = event_section(transcript())
    assert len(section.texts) == 4
    assert [plain(section.paint(number)) for number in range(4)] == list(section.texts)


def test_what_was_changed_on_the_way_is_listed_by_key():
    lines = top_level_changes(b'{"model":"a","n":1,"same":[1]}', b'{"model":"b","same":[1],"new":2}')
    assert [plain(line) for line in lines] == ['~ model: "a" → "b"', "- n: 1", "+ new: 2"]
    assert top_level_changes(b"no json", b"{}") == []


def test_a_stream_is_known_by_its_header_or_its_first_bytes():
    assert is_event_stream((("Content-Type", "text/event-stream"),), None)
    assert is_event_stream((), body(b"data: 1\n\n"))
    assert not is_event_stream((("content-type", "application/json"),), body(b"data: 1\n\n"))


def test_usage_in_short():
    assert usage_text(Usage()) == "–"
    assert usage_text(Usage(input_tokens=10, cache_read_tokens=990, output_tokens=5)) == "1.00k in · 5 out"
