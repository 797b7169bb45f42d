"""The person's own editor, in this terminal, while the proxy goes on serving.

The event loop keeps running: the editor is awaited, never waited for, and drawing is held back meanwhile so
that nothing blocks on a terminal that belongs to another program.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from cccc_tui.locales import _
from cccc_tui.ui.background import in_background


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The editor as `$VISUAL`, `$EDITOR` or the system names it; empty when there is none."""
    wanted = environment.get("VISUAL") or environment.get("EDITOR")
    if wanted:
        return shlex.split(wanted)
    found = next((name for name in ("nano", "vim", "vi", "notepad") if shutil.which(name)), None)
    return [found] if found else []


async def edit_file(app: App[Any], path: Path) -> str:
    """Opens `path` and waits for the editor to end. Returns what went wrong, in a sentence; empty for
    nothing."""
    command = editor_command(os.environ)
    if not command:
        return _("No editor found. Set VISUAL or EDITOR to the one you like.")
    try:
        with app.batch_update(), app.suspend():
            return await _run(command, path)
    except SuspendNotSupported:
        return _("This terminal cannot be lent to an editor. The file is {path}").format(path=path)


async def edit_text(app: App[Any], text: str, suffix: str = ".txt") -> tuple[str, str]:
    """Lets the person edit `text`. Returns the new text and what went wrong."""
    from cccc_tui.ui.clipboard import write_private_file

    path = await asyncio.to_thread(write_private_file, text, suffix)
    try:
        problem = await edit_file(app, path)
        return await asyncio.to_thread(path.read_text, "utf-8", "replace"), problem
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _run(command: list[str], path: Path) -> str:
    """Never raises: the terminal must come back to the app whatever happens to the editor."""
    try:
        # SIG_IGN is inherited, a handler is not: ctrl+z must be ignored by the editor too, since no shell
        # would be there to continue it, while ctrl+c is the editor's own.
        with _signal("SIGTSTP", signal.SIG_IGN), _signal("SIGINT", _do_nothing):
            process = _started([*command, str(path)])
            # The loop's own handler, if there is one, is called in spite of a handler set here.
            with _signal("SIGINT", signal.SIG_IGN):
                code = await _ended(process)
    except OSError as error:
        return _("{editor} does not start: {error}").format(editor=command[0], error=error.strerror)
    return _("{editor} ended with code {code}.").format(editor=command[0], code=code) if code else ""


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """Not by the loop: what uvloop starts has every signal at its default, ctrl+z too."""
    return subprocess.Popen(command)


async def _ended(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. When nobody waits any more, because cccc ends, the editor is asked to end too."""
    try:
        return await in_background(process.wait, None)
    except asyncio.CancelledError:
        process.terminate()
        raise


@contextmanager
def _signal(name: str, disposition: Any) -> Iterator[None]:
    """ctrl+c and ctrl+z in the editor reach our process too, and must not end or stop the proxy."""
    number = getattr(signal, name, None)
    if number is None:
        yield
        return
    before = signal.signal(number, disposition)
    try:
        yield
    finally:
        signal.signal(number, before)


def _do_nothing(_number: int, _frame: object) -> None:
    """A handler that leaves the process as it is."""
