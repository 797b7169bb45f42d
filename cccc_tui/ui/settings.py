"""What the control center is told at start: how it looks and what it may do. Never changes while it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from cccc_tui.config.first_run import Offer


class UiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one control center."""

    theme: str = "cccc-dark"
    """Name of a theme; an unknown one falls back to the default with a sentence."""
    language: Literal["auto", "en", "zh_CN"] = "auto"
    glyphs: Literal["auto", "unicode", "ascii"] = "auto"
    """Symbols; `auto` takes ASCII where the locale has no UTF-8."""
    refresh_hz: float = 0
    """Updates a second; 0 chooses by the connection."""
    keymap: dict[str, str] = {}
    """Other keys for actions, by action id."""
    config_path: Path | None = None
    """The configuration file: shown in help, and its folder holds the user's themes."""
    read_only: bool = False
    """Whether actions that change something are refused."""
    offers: tuple[Offer, ...] | None = None
    """What is at hand and could be put into use, shown as long as only the built-in demo answers; None where
    nobody has looked."""
    is_simulated: bool = False
    """Whether this is `cccc demo`."""
    over_ssh: bool = False
    """Whether the terminal is at the other end of an SSH connection."""

    @property
    def is_ascii(self) -> bool:
        """Whether to draw with plain ASCII."""
        return self.glyphs == "ascii" or (self.glyphs == "auto" and not _locale_is_utf8())

    @property
    def themes_folder(self) -> Path | None:
        """Where the user's own themes are looked for."""
        return self.config_path.parent / "themes" if self.config_path else None


def is_over_ssh() -> bool:
    """Whether this process was started from an SSH connection."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def _locale_is_utf8() -> bool:
    wanted = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    return wanted.lower().replace("-", "").endswith("utf8") or not wanted
