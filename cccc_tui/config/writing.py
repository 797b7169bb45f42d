"""Values as YAML on one line, for edits and for the files that the program writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z_/][\w./*+@-]*(:[\w./*+@-]+)*")
"""What may stand without quotes, inside brackets too. PyYAML itself would quote every URL there."""


def one_line(value: Any) -> str:
    """The value on one line, quoted where it must be; right in a block and inside brackets."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    dumped = yaml.safe_dump(
        [as_plain(value)], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    return dumped.strip()[1:-1]


def block(value: Mapping[str, Any], indent: int) -> str:
    """The mapping as one item of a list, its dash at `indent`; without a final line end."""
    lines = [f"{key}: {one_line(each)}" for key, each in value.items()]
    pad = " " * indent
    return "\n".join(f"{pad}{'- ' if i == 0 else '  '}{line}" for i, line in enumerate(lines))


def as_plain(value: Any) -> Any:
    """Any mapping or sequence as a dict or a list, which is what YAML reads back."""
    if isinstance(value, Mapping):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_plain(each) for each in value]
    return value
