"""What is aimed at, once: the name of a result → its bound. All with default settings, all in one run."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    bound: float
    at_least: bool
    """Whether more is better."""

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


def _least(bound: float) -> Target:
    return Target(bound, True)


def _most(bound: float) -> Target:
    return Target(bound, False)


TARGETS: dict[str, Target] = {
    # the share of the limit's requests a second
    "small": _least(0.70),
    "agent": _least(0.75),
    "agent-stream": _least(0.75),
    "agent-to-chat": _least(0.45),
    "agent-stream-to-chat": _least(0.50),
    "responses-stream-to-anthropic": _least(0.45),
    # the added latency, in that of the limit
    "latency": _most(1.3),
    # the streams that stay in time, in those of the limit
    "clean-streams": _least(0.8),
    # the requests a second, in those of the peer; the memory, in that of the peer
    "litellm-small": _least(25),
    "litellm-agent-stream": _least(25),
    "litellm-agent-to-chat": _least(25),
    "litellm-memory": _most(0.2),
    "ccr-agent-to-chat": _least(20),
    "ccr-agent-stream-to-chat": _least(20),
    # megabytes
    "memory-rest": _most(80),
    "memory-growth": _most(10),
    # the cost of a request, in that of the empty case
    "crowd": _most(1.1),
    # the time, in that of the plain interpreter
    "start-version": _most(3),
    "start-serve": _most(2.5),
    # the 95th percentile, in that of `--serve`
    "control-center": _most(1.2),
}
