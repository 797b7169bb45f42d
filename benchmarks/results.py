"""What an experiment hands back: figures with a name, a target where there is one, and all that was measured."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.targets import TARGETS


class Result(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the table."""

    name: str
    title: str
    what: str
    """What the value is: `× requests/s of the limit`, `MB`."""
    value: float | None
    """None if it could not be measured; `note` says why."""
    cpu: float | None = None
    """The same ratio by the processor time of a request: the steadier figure."""
    measured: dict[str, Any] = {}
    """The figures behind it, by server."""
    note: str = ""

    @property
    def target(self) -> str:
        return str(TARGETS[self.name]) if self.name in TARGETS else ""

    @property
    def is_met(self) -> bool | None:
        """None where nothing is aimed at, or nothing was measured. Nothing is met by wrong answers."""
        if self.name not in TARGETS or self.value is None:
            return None
        return not self._errors and TARGETS[self.name].is_met(self.value)

    @property
    def _errors(self) -> float:
        """Answers of ours that were cut or wrong."""
        return float(self.measured.get("cccc", {}).get("errors", 0.0))


def unmeasured(name: str, title: str, what: str, why: str) -> Result:
    return Result(name=name, title=title, what=what, value=None, note=why)
