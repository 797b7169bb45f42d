"""How long a request and its answer take to be converted: a long agent conversation, all six pairs.

    python -m benchmarks.convert

A request by itself, as the first of a memo (cold), and as one whose conversation the memo knows (warm), which all but
the first of an agent are. The ratio to `json.loads` of the same bytes is what counts: that measures the machine.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from benchmarks.answers import whole
from benchmarks.bodies import request_body
from cccc_tui.wire.convert import ConvertOptions, convert_request, convert_response
from cccc_tui.wire.model import FORMATS, Format
from cccc_tui.wire.patch import Document
from cccc_tui.wire.reuse import Memo

T = TypeVar("T")

REPEATS = 200
OPTIONS = ConvertOptions(model="upstream-model", origin="upstream")
HEAD = ("from → to", "alone", "cold", "warm", "answer")


def best_us(act: Callable[[T], object], prepare: Callable[[], T]) -> float:
    """The shortest of many runs, in microseconds: what else the machine does only ever adds to it."""
    taken = []
    for _ in range(REPEATS):
        prepared = prepare()
        began = time.perf_counter()
        act(prepared)
        taken.append(time.perf_counter() - began)
    return min(taken) * 1e6


def loads_us(text: bytes) -> float:
    """What the machine takes to parse it."""
    return best_us(json.loads, lambda: text)


def requests_us(source: Format, target: Format) -> tuple[float, float, float]:
    """Without a memo, with an empty one, and with one that knows the conversation."""
    body = request_body(source, "agent", streamed=False)
    fields, known = Document.read(body).fields, Memo()

    def convert(memo: Memo | None) -> object:
        return convert_request(source, target, body, OPTIONS, memo, fields)

    return best_us(convert, lambda: None), best_us(convert, Memo), best_us(convert, lambda: known)


def answer_us(source: Format, target: Format) -> float:
    """A whole answer of the target for a client of the source."""
    body = request_body(source, "agent", streamed=False)
    context = convert_request(source, target, body, OPTIONS, None, Document.read(body).fields).context
    return best_us(lambda answer: convert_response(context, answer), lambda: whole(target))


def rows() -> Iterator[tuple[str, ...]]:
    for source, target in itertools.permutations(FORMATS, 2):
        taken = [*requests_us(source, target), answer_us(source, target)]
        parsed = [loads_us(request_body(source, "agent", streamed=False))] * 3 + [loads_us(whole(target))]
        cells = [f"{us:.0f} µs {us / unit:>5.2f}" for us, unit in zip(taken, parsed, strict=True)]
        yield (f"{source} → {target}", *cells)


def table() -> str:
    """One line a pair."""
    return "\n".join(f"{row[0]:<24}" + "".join(f"{cell:>16}" for cell in row[1:]) for row in (HEAD, *rows()))


if __name__ == "__main__":
    print(table())
