"""What was made of a piece of a request hangs on it, for the next request that holds the piece (reuse.py)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

from cccc_tui.wire.model import Begun, Forms, Request, Turn
from cccc_tui.wire.reuse import Remembered, Told

T = TypeVar("T")
P = TypeVar("P", bound=Remembered)

_MOST_FORMS: Final = 8
"""Of one piece, kept at a time: a conversation has rarely more than one upstream."""


def form_of(forms: Forms | None, key: Hashable, notes: list[str], make: Callable[[], T]) -> T:
    """The form that is kept under the key, or made now; one that had something to note is made, and noted, anew."""
    if forms is None:
        return make()
    found: T | None = forms.get(key)
    if found is None:
        count = len(notes)
        found = make()
        if len(notes) == count:
            _keep(forms, key, found)
    return found


def forms_of(
    request: Request, start: int, key: Hashable | None, notes: list[str], write: Callable[[Turn], T]
) -> list[T]:
    """The form of each turn from `start` on; without a key all are made now."""
    turns, begun = request.turns, request.begun
    if key is None:
        return list(map(write, turns[start:]))
    if begun is None or not begun.first <= start <= begun.end:
        return _each(turns[start:], key, notes, write)
    known = form_of(
        begun.forms,
        (key, start - begun.first),
        notes,
        lambda: _each(turns[start : begun.end], key, notes, write),
    )
    return known + _each(turns[begun.end :], key, notes, write)


def form_of_head(
    request: Request, end: int, key: Hashable, notes: list[str], write: Callable[[list[Turn]], T]
) -> T:
    """The form of all turns before `end`, which are the system prompt: mostly one turn, and long."""
    turns = request.turns[:end]
    return form_of(turns[0].forms if end == 1 else None, key, notes, lambda: write(turns))


def _each(turns: list[Turn], key: Hashable, notes: list[str], write: Callable[[Turn], T]) -> list[T]:
    found: list[T] = []
    for turn in turns:
        if turn.forms is None:
            found.append(write(turn))
            continue
        form: T | None = turn.forms.get(key)
        if form is None:
            count = len(notes)
            form = write(turn)
            if len(notes) == count:
                _keep(turn.forms, key, form)
        found.append(form)
    return found


def _keep(forms: Forms, key: Hashable, form: object) -> None:
    if len(forms) >= _MOST_FORMS:
        forms.clear()
    forms[key] = form


def gathered(
    told: Told[P], gather: Callable[[Sequence[P | Turn]], list[Turn]]
) -> tuple[list[Turn], Begun | None]:
    """The turns that `gather` makes of what was told, and those that they begin with again.

    What is gathered of the known items is kept, but for the last turn, which may go on in the others.
    """
    if told.forms is None:
        return gather(told.known + told.fresh), None
    known = form_of(told.forms, "gathered", [], lambda: gather(told.known))
    over = known[:-1]
    turns = [*over, *gather([*known[-1:], *told.fresh])]
    return turns, Begun(0, len(over), told.forms)


def grouped(turns: Sequence[Turn], group: Callable[[Turn], str]) -> list[Turn]:
    """The turns, those in a row that are of one group as one turn; a turn of no group stays alone."""
    runs: list[list[Turn]] = []
    last = ""
    for turn in turns:
        its = group(turn)
        if its and its == last:
            runs[-1].append(turn)
        else:
            runs.append([turn])
        last = its
    return [run[0] if len(run) == 1 else _united(run) for run in runs]


def _united(run: list[Turn]) -> Turn:
    """One turn of several; the same one for the same turns, if all of them will be seen again."""
    first, parts = run[0], [part for turn in run for part in turn.parts]
    if any(turn.forms is None for turn in run):
        return Turn(first.role, parts, first.name)
    key = ("united", *map(id, parts))  # the form holds the parts: no other can have the id of one
    return form_of(first.forms, key, [], lambda: Turn(first.role, parts, first.name, {}))
