"""Anthropic's Messages format."""

from cccc_tui.wire.anthropic.answer import read_response, write_response
from cccc_tui.wire.anthropic.request_in import read_pieces, read_request
from cccc_tui.wire.anthropic.request_out import write_request
from cccc_tui.wire.anthropic.stream_in import StreamReader
from cccc_tui.wire.anthropic.stream_out import StreamWriter

__all__ = [
    "StreamReader",
    "StreamWriter",
    "read_pieces",
    "read_request",
    "read_response",
    "write_request",
    "write_response",
]
