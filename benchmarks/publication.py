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
    return f"{_LEAD}\n{_table(report.read(KEPT))}\n"


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
