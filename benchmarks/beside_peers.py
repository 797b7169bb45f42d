"""cccc beside its peers: the same work, in turns, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers
from benchmarks.cases import Case, rounds_of
from benchmarks.experiment import Lab
from benchmarks.processes import Died
from benchmarks.results import Result, unmeasured
from benchmarks.rounds import Rounds, faults, median, medians, share
from benchmarks.servers import Start, cccc


class Peer(NamedTuple):
    name: str
    title: str
    ensure: Callable[[Lab], Path]
    start: Callable[[Path], Start]
    cases: tuple[Case, ...]


LITELLM = Peer(
    "litellm",
    "LiteLLM",
    peers.ensure_litellm,
    peers.litellm,
    (
        Case("litellm-small", "small, whole", "small"),
        Case("litellm-agent-stream", "agent, 50 events", "agent", 50),
        Case("litellm-agent-to-chat", "agent, whole, anthropic → chat", "agent", upstream="chat"),
    ),
)
CCR = Peer(
    "ccr",
    "claude-code-router",
    peers.ensure_ccr,
    peers.ccr,
    (
        Case("ccr-agent-to-chat", "agent, whole, anthropic → chat", "agent", upstream="chat"),
        Case("ccr-agent-stream-to-chat", "agent, 50 events, anthropic → chat", "agent", 50, upstream="chat"),
    ),
)


def beside(lab: Lab, peer: Peer) -> Iterator[Result]:
    """All cases of a peer, and the memory of both after them."""
    try:
        start = peer.start(peer.ensure(lab))
    except peers.NotInstalled as error:
        yield from (unmeasured(case.name, case.title, _requests_of(peer), str(error)) for case in peer.cases)
        return
    for case in peer.cases:
        try:
            yield from _compared(lab, peer, start, case)
        except Died as error:
            yield unmeasured(case.name, case.title, _requests_of(peer), str(error))


def _requests_of(peer: Peer) -> str:
    return f"× the requests/s of {peer.title}"


def _compared(lab: Lab, peer: Peer, start: Start, case: Case) -> Iterator[Result]:
    with ExitStack() as stack:
        other = stack.enter_context(start(lab.place, case.upstream))
        ours = stack.enter_context(cccc(lab.place, case.upstream))
        taken = rounds_of(lab, case, [ours, other])
        memory = {server.name: server.resident_mb() for server in (ours, other)}
    yield Result(
        name=case.name,
        title=case.title,
        what=_requests_of(peer),
        value=share(median(taken["cccc"], "requests_per_s"), median(taken[peer.name], "requests_per_s")),
        cpu=share(median(taken[peer.name], "cpu_ms"), median(taken["cccc"], "cpu_ms")),
        measured={name: medians(rounds) | {"resident_mb": memory[name]} for name, rounds in taken.items()},
        note=faults(taken),
    )
    if case is peer.cases[0]:
        yield _memory(peer, case, memory, taken)


def _memory(peer: Peer, case: Case, memory: dict[str, float], taken: Rounds) -> Result:
    answered = sum(each.requests for each in taken["cccc"])
    return Result(
        name=f"{peer.name}-memory",
        title=f"resident memory after {case.title}; cccc had {answered:,} requests",
        what=f"× the memory of {peer.title}",
        value=share(memory["cccc"], memory[peer.name]),
        measured={name: {"resident_mb": size} for name, size in memory.items()},
    )
