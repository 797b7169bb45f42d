"""All experiments, by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from benchmarks import beside_peers, cases, control_center, crowd, memory, startup, streams
from benchmarks.experiment import Lab
from benchmarks.results import Result


class Experiment(NamedTuple):
    title: str
    run: Callable[[Lab], Iterable[Result]]


EXPERIMENTS: dict[str, Experiment] = {
    **{case.name: Experiment(case.title, partial(cases.throughput, case=case)) for case in cases.CASES},
    "latency": Experiment("what a proxy adds to the latency of one client", cases.latency),
    "clean-streams": Experiment(
        "parallel streams that stay in time, and what an event costs", streams.clean_streams
    ),
    "control-center": Experiment("latency with the control center open", control_center.open_control_center),
    "crowd": Experiment("50 endpoints and 10,000 facts beside one and none", crowd.crowd),
    "startup": Experiment("how long it takes to start", startup.startup),
    "memory": Experiment("resident memory at rest and after many exchanges", memory.memory),
    "litellm": Experiment(
        "beside the LiteLLM proxy", partial(beside_peers.beside, peer=beside_peers.LITELLM)
    ),
    "ccr": Experiment("beside claude-code-router", partial(beside_peers.beside, peer=beside_peers.CCR)),
}
