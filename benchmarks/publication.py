"""What is published of a run: the pictures of the README, and the page with its figures.

`python -m benchmarks --full --publish` keeps the run, `make docs` writes the page.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import chart, report
from benchmarks.report import Report, number
from benchmarks.results import Result

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "published.json"
PICTURES = ROOT / "screenshots"


def pictures(results: list[Result]) -> dict[str, str]:
    """File name → SVG, of what there is to show."""
    beside_limit = [result for result in results if result.what.startswith("× the limit's requests")]
    beside_peers = [result for result in results if result.what.startswith("× the requests")]
    drawn = {}
    if beside_limit:
        drawn["speed.svg"] = chart.bars(
            "Requests a second, as a share of the limit's",
            "The limit only forwards, with the same libraries. The line is what is aimed at.",
            beside_limit,
        )
    if beside_peers:
        drawn["speed-peers.svg"] = chart.bars(
            "Requests a second, in those of a peer",
            "The same work, in turns, on one core. The line is what is aimed at.",
            [_with_peer(result) for result in beside_peers],
        )
    return drawn


def _with_peer(result: Result) -> Result:
    peer = result.what.rpartition(" ")[2]
    return Result(name=result.name, title=f"{peer}: {result.title}", what=result.what, value=result.value)


def publish(whole: Report) -> None:
    """Keeps the run for the README."""
    report.write(whole, KEPT)
    for name, picture in pictures(whole.results).items():
        (PICTURES / name).write_text(picture)


def speed_page() -> str:
    """The published run, for docs/."""
    return f"{_LEAD}\n{_table(report.read(KEPT))}\n\n{_MISSING}"


_LEAD = """# How fast cccc is

Each figure is a ratio of one run: all are asked in turns, round after round, on one core, with the load and the
upstream on another one, and each answer is checked to its last event. *The limit* is the least that a reverse
proxy with the same libraries can do: it reads the body, posts it, and passes the answer on. cccc runs with its
default settings. *By processor time* is the same ratio by what a request costs the server's core, which other work
on the machine disturbs less.

`agent` is a turn of a coding agent: 107 kB, 41 messages, 25 tools; `small` is a greeting of 0.1 kB. The peers are
LiteLLM 1.108.7 and claude-code-router 2.0.0, each as one process in its leanest configuration; npm does not find a
package that a newer claude-code-router needs.

`make bench` measures all of it again ([how](../benchmarks/__init__.py)) in 20 minutes, `make bench ARGS="--full"`
in an hour, with more rounds and 100,000 exchanges for the memory; `ARGS="--quick --only small"` takes seconds, and
`ARGS=--list` names what there is.
"""


_MISSING = """## What is missing, and what it would take

Six rows beside the limit are short of what is aimed at, and the latency of one client by a hair. A small
request shows why. The limit spends 126 µs of its core on it, cccc 240 µs, where 0.70 of the limit would leave it 180:

| part of a small request | µs |
|---|---|
| HTTP on both sides, aiohttp's parsers and our own writing, without the kernel | 50 |
| cccc itself, with the same clock, in a process that does nothing else | 105 |
| the kernel: two reads, two writes, and waking those who wait for them | 37 |
| the threads that write log and state, and Python being slower between system calls than in a loop of its own | 48 |

The 105 µs are spread: finding out who asks and which conversation it is takes 10, making the upstream request 9,
reading the answer 7, the log line 8, choosing the route 7, health and the conversation's binding 7, booking the
usage 7, keeping the exchange 6, headers of the answer 5, writing heads 7; twenty more steps are below 4 each. By
samples, 74 % of all time is Python's interpreter, in 580 calls of which none is a tenth of it; the kernel is 15 %,
C code of libraries the rest. So no single change is left that would do: it takes half of these calls away, by giving up
things that a request does by default (a log line, an entry in the live list, usage, the conversation's place), or
the same code compiled, which would need a compiler or a wheel for each system where there is now plain Python. The
limit, too, pays less for waking others: it keeps them busy, so they seldom sleep. With more connections the
difference shrinks (0.61 with 64, 0.73 with 512).

Conversions add to that what JSON costs: of a request of 107 kB some 160 µs to find the known beginning of the
conversation, to write what is new, and to copy it, and of an answer 30 µs, where the limit copies and reads
nothing. A stream that is converted costs 130 to 200 µs for its beginning, its end and its first event of each kind,
whatever its length; what comes between costs 0.4 to 3 µs an event, less than aiohttp's own work on it.
"""


def _table(whole: Report) -> str:
    rows = ["| work | measured | by processor time | aimed at |", "|---|---|---|---|"]
    for result in whole.results:
        met = {None: "", True: " ✓", False: " ✗"}[result.is_met]
        value = f"{number(result.value)} {result.what}" if result.value is not None else result.note
        rows.append(f"| {result.title} | {value} | {number(result.cpu)} | {result.target}{met} |")
    rounds, seconds = whole.effort["rounds"], whole.effort["seconds"]
    machine = f"Python {whole.machine['python']}, {whole.machine['cores']} cores"
    rows += [
        "",
        f"{machine}; medians of {rounds:.0f} rounds of {seconds:.0f} s each. {' '.join(whole.warnings)}".strip(),
    ]
    return "\n".join(rows)
