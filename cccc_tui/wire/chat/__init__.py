"""OpenAI's Chat Completions format, with the extensions of those who followed it."""

from cccc_tui.wire.chat.request_in import read_request
from cccc_tui.wire.chat.request_out import write_request

__all__ = ["read_request", "write_request"]
