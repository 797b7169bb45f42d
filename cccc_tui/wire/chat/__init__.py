"""OpenAI's Chat Completions format, with the extensions of those who followed it."""

from cccc_tui.wire.chat.answer import read_response, write_response
from cccc_tui.wire.chat.request_in import read_pieces, read_request
from cccc_tui.wire.chat.request_out import write_request
from cccc_tui.wire.chat.stream_in import StreamReader
from cccc_tui.wire.chat.stream_out import StreamWriter

__all__ = [
    "StreamReader",
    "StreamWriter",
    "read_pieces",
    "read_request",
    "read_response",
    "write_request",
    "write_response",
]
