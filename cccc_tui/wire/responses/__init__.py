"""OpenAI's Responses format."""

from cccc_tui.wire.responses.request_in import read_request
from cccc_tui.wire.responses.request_out import write_request

__all__ = ["read_request", "write_request"]
