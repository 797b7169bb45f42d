"""The symbols, in two sets: Unicode, and ASCII for terminals and fonts without it."""

from __future__ import annotations

from typing import NamedTuple


class Glyphs(NamedTuple):
    """One set of symbols; each stands beside a word or a number, never alone for a meaning."""

    ok: str
    refused: str
    failed: str
    streaming: str
    waiting: str
    cancelled: str
    healthy: str
    untried: str
    cooling: str
    trial: str
    disabled: str
    misconfigured: str
    cursor: str
    cursor_idle: str
    arrow: str
    up: str
    down: str
    rule: str
    bar: str
    bar_light: str
    bar_dots: str
    folded: str
    unfolded: str
    spinner: str


UNICODE = Glyphs(
    ok="✓",
    refused="!",
    failed="✗",
    streaming="~",
    waiting="⟳",
    cancelled="⊘",
    healthy="●",
    untried="○",
    cooling="◔",
    trial="◐",
    disabled="–",
    misconfigured="!",
    cursor="▌",
    cursor_idle="▏",
    arrow="→",
    up="▲",
    down="▼",
    rule="─",
    bar="█",
    bar_light="░",
    bar_dots="▒",
    folded="▸",
    unfolded="▾",
    spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
)

ASCII = Glyphs(
    ok="+",
    refused="!",
    failed="x",
    streaming="~",
    waiting="@",
    cancelled="/",
    healthy="*",
    untried="o",
    cooling="%",
    trial="?",
    disabled="-",
    misconfigured="!",
    cursor=">",
    cursor_idle="'",
    arrow=">",
    up="^",
    down="v",
    rule="-",
    bar="#",
    bar_light=".",
    bar_dots=":",
    folded="+",
    unfolded="-",
    spinner="|/-\\",
)


def glyphs(is_ascii: bool) -> Glyphs:
    """The set to draw with."""
    return ASCII if is_ascii else UNICODE
