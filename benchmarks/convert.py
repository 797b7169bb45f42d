"""How long a request takes to be converted: a long agent conversation, all six pairs, beside `json.loads` of it.

    python -m benchmarks.convert

The ratio is what counts: `json.loads` measures the machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from benchmarks.bodies import request_body
from cccc_tui.wire.convert import ConvertOptions, convert_request
from cccc_tui.wire.model import FORMATS

REPEATS = 60
OPTIONS = ConvertOptions(model="upstream-model", origin="upstream")


def best_us(act: Callable[[], object]) -> float:
    """The shortest of many runs, in microseconds: what else the machine does only ever adds to it."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1e6


def table() -> str:
    """One line a pair."""
    lines = [f"{'from → to':<24}{'convert':>10}{'json.loads':>12}{'ratio':>8}"]
    for source in FORMATS:
        body = request_body(source, "agent", streamed=True)
        loads_us = best_us(lambda: json.loads(body))  # noqa: B023  used before the next turn
        for target in FORMATS:
            if source != target:
                taken_us = best_us(lambda: convert_request(source, target, body, OPTIONS))  # noqa: B023
                pair = f"{source} → {target}"
                lines.append(f"{pair:<24}{taken_us:>7.0f} µs{loads_us:>9.0f} µs{taken_us / loads_us:>8.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
