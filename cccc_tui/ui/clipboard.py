"""Copying text to where the person is.

Over SSH only the terminal itself can reach that machine's clipboard (the OSC 52 sequence); locally the
system's own clipboard is tried as well, in a thread, since it starts programs. Terminals cut long sequences,
so a big text goes into a private file instead. The message always says which way it went.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cccc_tui.locales import _

OSC52_MAX_BYTES = 56_000
"""Most text for one sequence: 74,994 bytes of base64 is what terminals and multiplexers pass on."""

SYSTEM_CLIPBOARD_TIMEOUT_S = 2.0


async def copy_text(text: str, *, over_ssh: bool, send_osc52: Callable[[str], None]) -> str:
    """Copies `text` and says how, in a sentence."""
    fits = len(text.encode("utf-8", "replace")) <= OSC52_MAX_BYTES
    in_system = not over_ssh and await _copy_to_system(text)
    if fits:
        send_osc52(text)
    if in_system:
        return _("Copied.")
    if fits:
        return _("Sent to the terminal's clipboard (OSC 52).")
    path = await asyncio.to_thread(write_private_file, text)
    return _("Too long for the terminal's clipboard; written to {path}").format(path=path)


def write_private_file(text: str, suffix: str = ".txt") -> Path:
    """A new file with `text` that only this user can read."""
    descriptor, name = tempfile.mkstemp(prefix="cccc-", suffix=suffix)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(name)


async def _copy_to_system(text: str) -> bool:
    """Whether the system's clipboard took it; a desktop that does not answer is the same as none."""
    import pyperclip

    try:
        async with asyncio.timeout(SYSTEM_CLIPBOARD_TIMEOUT_S):
            await asyncio.to_thread(pyperclip.copy, text)
    except (pyperclip.PyperclipException, OSError, TimeoutError):
        return False
    return True
