"""What was done on a screen can be taken back, the last first."""

from __future__ import annotations

import asyncio

from cccc_tui.engine.control import Outcome
from cccc_tui.ui.changes import Changes


class FakeShell:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def say_outcome(self, outcome: Outcome) -> None:
        self.said.append(outcome.message)


class FakeScreen:
    """Runs at once what a screen would run beside itself."""

    def __init__(self) -> None:
        self.shell = FakeShell()
        self.drawn = 0

    def run_worker(self, work, group: str) -> None:
        asyncio.run(work)

    def draw(self) -> None:
        self.drawn += 1


async def answer(message: str, done: bool = True) -> Outcome:
    return Outcome(done=done, message=message)


def begin() -> tuple[FakeScreen, Changes]:
    screen = FakeScreen()
    return screen, Changes(screen, screen.draw)


def test_the_last_change_is_taken_back_first():
    screen, changes = begin()
    changes.do(answer("One."), lambda: answer("One is back."))
    changes.do(answer("Two."), lambda: answer("Two is back."))
    for _ in range(3):
        changes.take_back()
    assert screen.shell.said == [
        "One. u takes it back.",
        "Two. u takes it back.",
        "Two is back.",
        "One is back.",
        "Nothing to take back.",
    ]
    assert screen.drawn == 4


def test_what_was_refused_cannot_be_taken_back():
    screen, changes = begin()
    changes.do(answer("It cannot be.", done=False), lambda: answer("never"))
    assert (len(changes), screen.shell.said) == (0, ["It cannot be."])


def test_what_was_done_elsewhere_can_be_taken_back_too():
    screen, changes = begin()
    changes.add("The form is saved.", lambda: answer("It is as before."))
    changes.take_back()
    assert screen.shell.said == ["The form is saved. u takes it back.", "It is as before."]
