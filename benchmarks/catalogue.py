"""All experiments, by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from benchmarks import beside_peers, cases
from benchmarks.experiment import Lab
from benchmarks.results import Result


class Experiment(NamedTuple):
    title: str
    run: Callable[[Lab], Iterable[Result]]


EXPERIMENTS: dict[str, Experiment] = {
    **{case.name: Experiment(case.title, partial(cases.throughput, case=case)) for case in cases.CASES},
    "latency": Experiment("what a proxy adds to the latency of one client", cases.latency),
    "litellm": Experiment(
        "beside the LiteLLM proxy", partial(beside_peers.beside, peer=beside_peers.LITELLM)
    ),
    "ccr": Experiment("beside claude-code-router", partial(beside_peers.beside, peer=beside_peers.CCR)),
}
