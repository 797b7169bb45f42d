from cccc_tui.engine.translate import SameFormat
from cccc_tui.wire.errors import UpstreamError

DELTA = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n'
PING = b'event: ping\ndata: {"type":"ping"}\n\n'


def test_content_is_progress_and_an_upstreams_keep_alive_is_not():
    reader = SameFormat("anthropic", None).reader()
    assert reader.feed(PING) == PING
    assert (reader.progress, reader.content_seen) == (0, False)
    assert reader.feed(DELTA) == DELTA
    assert (reader.progress, reader.content_seen) == (1, True)


def test_a_broken_stream_ends_in_the_formats_own_way():
    reader = SameFormat("anthropic", None).reader()
    reader.feed(DELTA)
    error = UpstreamError(status=502, error_class="connection", message="gone")
    assert b"event: error" in reader.broken(error)


def test_a_whole_answer_says_the_clients_model_again():
    body = (
        b'{"id":"msg_1","type":"message","role":"assistant","model":"small","content":[{"type":"text","text":"x"}],'
        b'"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}'
    )
    scan = SameFormat("anthropic", "big").whole(body)
    assert scan.body == body.replace(b"small", b"big")
    assert scan.usage.output_tokens == 2
