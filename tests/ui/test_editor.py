"""The person's editor: found, awaited, and never the end of the app."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from cccc_tui.ui import editor
from cccc_tui.ui.editor import edit_file, edit_text, editor_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake editors are shell scripts")


class Lending:
    """The two things that an editor needs of an app."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def batch_update(self):
        return self._noting("batch")

    def suspend(self):
        return self._noting("suspend")

    def _noting(self, name: str):
        from contextlib import contextmanager

        @contextmanager
        def note():
            self.events.append(name)
            yield
            self.events.append(f"end {name}")

        return note()


@pytest.fixture
def app() -> Lending:
    return Lending()


@pytest.fixture
def set_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def use(script: str) -> None:
        path = tmp_path / "editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("VISUAL", str(path))

    return use


def test_visual_goes_before_editor_and_may_have_arguments():
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_command({"EDITOR": "'my editor' -x"}) == ["my editor", "-x"]


def test_without_a_wish_a_known_editor_is_taken(monkeypatch):
    monkeypatch.setattr(editor.shutil, "which", lambda name: name == "vi")
    assert editor_command({}) == ["vi"]
    monkeypatch.setattr(editor.shutil, "which", lambda name: None)
    assert editor_command({}) == []


async def test_the_loop_goes_on_while_the_editor_is_open(app, set_editor, tmp_path):
    set_editor(f'while [ ! -e {tmp_path}/close ]; do sleep 0.01; done; echo edited > "$1"')
    file = tmp_path / "file"
    file.write_text("before")
    editing = asyncio.ensure_future(edit_file(app, file))
    for _turn in range(50):
        await asyncio.sleep(0.001)
    assert not editing.done()
    (tmp_path / "close").touch()
    assert await editing == ""
    assert file.read_text() == "edited\n"
    assert app.events == ["batch", "suspend", "end suspend", "end batch"]


async def test_the_edited_text_comes_back_and_the_file_goes(app, set_editor, tmp_path):
    set_editor(f'echo "$1" > {tmp_path}/name; printf " world" >> "$1"')
    assert await edit_text(app, "hello", ".json") == ("hello world", "")
    name = (tmp_path / "name").read_text().strip()
    assert name.endswith(".json")
    assert not Path(name).exists()


async def test_an_editor_that_fails_is_said(app, set_editor, tmp_path):
    set_editor("exit 3")
    assert "ended with code 3" in await edit_file(app, tmp_path / "file")


async def test_an_editor_that_does_not_exist_gives_the_terminal_back(app, monkeypatch, tmp_path):
    monkeypatch.setenv("VISUAL", str(tmp_path / "nothing"))
    assert "does not start" in await edit_file(app, tmp_path / "file")
    assert app.events[-1] == "end batch"


async def test_no_editor_at_all_is_said_before_the_terminal_is_lent(app, monkeypatch, tmp_path):
    monkeypatch.setattr(editor, "editor_command", lambda _environment: [])
    assert "VISUAL" in await edit_file(app, tmp_path / "file")
    assert app.events == []


async def test_signals_of_the_keyboard_are_the_editors_alone_while_it_runs(app, set_editor, tmp_path):
    set_editor(f"kill -INT $PPID; kill -TSTP $PPID; touch {tmp_path}/survived")
    before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTSTP))
    assert await edit_file(app, tmp_path / "file") == ""
    assert (tmp_path / "survived").exists()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTSTP)) == before


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_ctrl_z_in_the_editor_does_not_leave_it_where_nobody_can_wake_it(loop, app, set_editor, tmp_path):
    set_editor(f"kill -TSTP $$; touch {tmp_path}/survived")

    async def edit() -> str:
        async with asyncio.timeout(30):
            return await edit_file(app, tmp_path / "file")

    assert pytest.importorskip(loop).run(edit()) == ""
    assert (tmp_path / "survived").exists()


async def test_when_cccc_ends_the_editor_is_asked_to_end_too(app, set_editor, tmp_path):
    set_editor(
        f"trap 'touch {tmp_path}/asked; exit' TERM; touch {tmp_path}/open; while :; do sleep 0.01; done"
    )
    editing = asyncio.ensure_future(edit_file(app, tmp_path / "file"))
    await until_exists(tmp_path / "open")
    editing.cancel()
    await until_exists(tmp_path / "asked")


async def until_exists(path: Path) -> None:
    async with asyncio.timeout(30):
        while not path.exists():
            await asyncio.sleep(0.01)
