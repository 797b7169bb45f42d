"""What an experiment has at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import psutil

from benchmarks.processes import Running
from benchmarks.rounds import Effort
from benchmarks.servers import Place


class Lab(NamedTuple):
    place: Place
    effort: Effort
    say: Callable[[str], None]
    """Shows progress."""
    may_install: bool = True
    """Whether a peer that is missing may be installed now."""

    @property
    def direct(self) -> Running:
        """The upstream itself: what the load can do without a proxy between."""
        return Running("direct", self.place.upstream, psutil.Process(os.getpid()))
