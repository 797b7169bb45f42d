"""OpenAI's Responses format."""

from cccc_tui.wire.responses.answer import read_response, write_response
from cccc_tui.wire.responses.compaction_out import stream_writer
from cccc_tui.wire.responses.request_in import read_pieces, read_request, repeated
from cccc_tui.wire.responses.request_out import write_request
from cccc_tui.wire.responses.stream_in import StreamReader
from cccc_tui.wire.responses.stream_out import StreamWriter

__all__ = [
    "StreamReader",
    "StreamWriter",
    "read_pieces",
    "read_request",
    "read_response",
    "repeated",
    "stream_writer",
    "write_request",
    "write_response",
]
