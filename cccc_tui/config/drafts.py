"""What is wrong with an endpoint while it is being typed, by the same checks that the file has to pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cccc_tui.config.load import load_text
from cccc_tui.config.problems import Problem
from cccc_tui.config.writing import one_line

_OWN = "endpoints[0]"


def endpoint_problems(
    values: Mapping[str, Any], other_names: Collection[str] = (), port: int = 8080
) -> tuple[Problem, ...]:
    """The problems of one endpoint beside others and the port of cccc; each `key` begins at the endpoint."""
    name = str(values.get("name", ""))
    if not name.strip():
        return (Problem(key="name", message="an endpoint needs a name"),)
    if name in other_names:
        return (Problem(key="name", message=f'the name "{name}" is taken'),)
    file = {"server": {"port": port}, "endpoints": [values]}
    return tuple(
        msgspec.structs.replace(
            problem, key=problem.key.removeprefix(_OWN).removeprefix("."), file="", line=0
        )
        for problem in load_text(one_line(file), Path("endpoint")).problems
        if problem.key.startswith(_OWN)
    )
