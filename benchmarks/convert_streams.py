"""What an event of a stream costs to be converted: all six pairs, beside `json.loads` of what the events say.

    python -m benchmarks.convert_streams

Short and long streams, each event in a chunk of its own and many in one, as a fast upstream sends them. The ratio is
what counts: `json.loads` measures the machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial

from benchmarks import answers
from benchmarks.bodies import request_body
from benchmarks.convert import OPTIONS, best_us
from cccc_tui.wire.convert import Context, StreamConverter, convert_request
from cccc_tui.wire.model import FORMATS, Format
from cccc_tui.wire.parts import fields_of

LENGTHS = (50, 2_000)
CHUNK_BYTES = 16_384
"""About what one read brings when events come faster than they are read."""


def convert(context: Context, chunks: Iterable[bytes]) -> bytes:
    """The whole stream of a client."""
    stream = StreamConverter(context)
    return b"".join([*map(stream.feed, chunks), stream.end()])


def _read_alone(events: Iterable[bytes]) -> None:
    for event in events:
        data = event.partition(b"data: ")[2]
        if data != b"[DONE]\n\n":
            json.loads(data)


def _line(source: Format, target: Format, length: int) -> str:
    body = request_body(source, "agent", streamed=True)
    context = convert_request(source, target, body, OPTIONS, fields=fields_of.decode(body)).context
    events = answers.stream(target, length)
    whole = b"".join(events)
    chunks = [whole[at : at + CHUNK_BYTES] for at in range(0, len(whole), CHUNK_BYTES)]
    works = (
        partial(convert, context, events),
        partial(convert, context, chunks),
        partial(_read_alone, events),
    )
    one, many, loads = (best_us(work) / length for work in works)
    pair = f"{source} ← {target}, {length}"
    return f"{pair:<32}{one:>9.2f} µs{many:>12.2f} µs{loads:>9.2f} µs{many / loads:>8.2f}"


def table() -> str:
    """One line a pair and length; an event's share of the whole stream."""
    lines = [
        f"{'client ← upstream, events':<32}{'one a chunk':>12}{'many a chunk':>15}{'json.loads':>12}{'ratio':>8}"
    ]
    for length in LENGTHS:
        lines += [
            _line(source, target, length) for source in FORMATS for target in FORMATS if source != target
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
