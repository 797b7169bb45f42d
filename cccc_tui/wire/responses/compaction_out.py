"""The answer to a compaction: one `compaction` item in the place of all that the model said."""

from __future__ import annotations

from typing import Any

from cccc_tui.wire.compaction import sealed
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.events import (
    Answer,
    BlockStart,
    Client,
    Delta,
    Failed,
    Start,
    Stop,
    StreamEvent,
    Used,
)
from cccc_tui.wire.model import Text
from cccc_tui.wire.names import made_id
from cccc_tui.wire.responses.items import response_object
from cccc_tui.wire.responses.stream_out import StreamWriter, usage_object

Object = dict[str, Any]
_NO_SUMMARY = UpstreamError.of("bad_answer", "The upstream wrote no summary of the conversation")


def compacted(answer: Answer, client: Client) -> Object:
    """A whole answer; without any item when there is no summary, which Codex reads as a failure."""
    summary = "".join(part.text for part in answer.parts if isinstance(part, Text))
    output = [_item(summary, client, answer.id)] if summary.strip() else []
    start = Start(answer.id, answer.model, answer.created_s)
    return response_object(client, start, "completed", output) | {"usage": usage_object(answer.usage)}


def stream_writer(client: Client) -> StreamWriter:
    """The writer that this client's request asks for."""
    return CompactionWriter(client) if client.compacts else StreamWriter(client)


class CompactionWriter(StreamWriter):
    """Gathers the text and shows it sealed, at the end."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._texts: set[int] = set()
        self._summary: list[str] = []

    def write(self, event: StreamEvent) -> bytes:
        """The bytes of one neutral event; none for most."""
        match event:
            case Start() | Used() | Failed():
                return super().write(event)
            case BlockStart(key=key, kind="text"):
                self._texts.add(key)
            case Delta(key=key, text=text) if key in self._texts:
                self._summary.append(text)
            case Stop():
                return self._finish(event)
        return b""

    def _finish(self, stop: Stop) -> bytes:
        summary = "".join(self._summary)
        if not summary.strip():
            return super().write(Failed(_NO_SUMMARY))
        item = _item(summary, self._client, self._start.id)
        self._output[0] = item
        written = self._event("output_item.added", output_index=0, item=item)
        written += self._event("output_item.done", output_index=0, item=item)
        # A summary that was cut is better than none: Codex would fail the turn.
        return written + super().write(Stop("end", stop.sequence))


def _item(summary: str, client: Client, answer_id: str) -> Object:
    item_id = made_id("cmp_", client.seed, answer_id)
    return {"id": item_id, "type": "compaction", "encrypted_content": sealed(summary)}
