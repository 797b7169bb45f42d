import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from cccc_tui.engine.heads import MOST_HEADS, ClientHeads, Lines
from cccc_tui.routing.detect import Place

MESSAGES = Place("generate", "anthropic")
CLAUDE = {"User-Agent": "claude-cli/2.1 (external)", "X-Claude-Code-Session-Id": "s-1"}


def request(**more: str):
    headers = CIMultiDict({**CLAUDE, "x-api-key": "sk-ant-0123456789abcdef", **more})
    return make_mocked_request("POST", "/v1/messages", headers=headers)


def test_the_same_lines_are_known_again_whatever_the_length_of_the_body():
    heads = ClientHeads()
    first = heads.of(request(**{"Content-Length": "10"}))
    assert heads.of(request(**{"content-length": "2000"})) is first
    assert heads.of(request(**{"x-other": "1"})) is not first
    assert "content-length" not in first.by_name


def test_who_asks_is_told_by_the_place_as_well():
    head = ClientHeads().of(request())
    assert head.caller(MESSAGES).client == "claude-code"
    assert head.caller(MESSAGES).session == "s-1"
    sdk = ClientHeads().of(
        make_mocked_request("POST", "/", headers=CIMultiDict({"x-stainless-lang": "python"}))
    )
    assert sdk.caller(MESSAGES).client == "anthropic-sdk"
    assert sdk.caller(Place("generate", "chat")).client == "openai-sdk"


def test_the_clients_key_is_blanked_in_what_is_shown():
    shown = repr(ClientHeads().of(request()).shown)
    assert "0123456789" not in shown and "claude-cli/2.1" in shown


def test_clients_cannot_fill_the_memory_with_heads():
    heads = ClientHeads()
    first = heads.of(request())
    for number in range(MOST_HEADS):
        heads.of(request(number=str(number)))
    assert heads.of(request()) is not first


@pytest.mark.parametrize("name", ["Authorization", "x-api-key"])
def test_lines_are_written_with_their_secrets_and_shown_without(name):
    lines = Lines([(name, "Bearer sk-ant-0123456789abcdef")])
    assert lines.written == [f"{name}: Bearer sk-ant-0123456789abcdef"]
    assert "0123456789abc" not in repr(lines.shown)
