"""What was converted before is not converted again.

Agents repeat their whole conversation with each turn, so nearly every message of a request has been read and written
already. A `Memo` keeps what was read of a message, of a system prompt and of a list of tools by its bytes; the forms in
which that was written hang on it and go with it. Whatever depends on more than those bytes (pairing of calls, moving
cache breakpoints, tools loaded on the way) is decided anew for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import msgspec

from cccc_tui.wire.model import Forms, Turn

T = TypeVar("T")

LIMIT_BYTES: Final = 8 << 20
_MOST_FORMS: Final = 4
"""Of one piece, kept at a time: a conversation has rarely more than one upstream."""
_COPIES: Final = 4
"""As it came, as it was read, and as it was written, twice at most."""
_OBJECT_BYTES: Final = 1000


class _Remembered(Protocol):
    forms: Forms | None


R = TypeVar("R", bound=_Remembered)


class Memo:
    """Pieces of requests by their bytes; those that were not asked for lately are forgotten.

    There are two generations. A piece that is asked for moves into the young one; when that is half of the limit, it
    becomes the old one, and what was still in the old one is gone.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._half_bytes = limit_bytes // 2
        self._young: dict[tuple[str, bytes], Any] = {}
        self._old: dict[tuple[str, bytes], Any] = {}
        self._young_bytes = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def read(self, kind: str, raw: msgspec.Raw, read: Callable[[msgspec.Raw], tuple[R, bool]]) -> R:
        """What `read` makes of these bytes, once; it also says whether that is all that is in them."""
        key = (kind, bytes(raw))
        known: R | None = self._young.get(key)
        if known is not None:
            return known
        known, is_all = self._old.get(key), True
        if known is None:
            known, is_all = read(raw)
        if is_all:
            self._keep(key, known)
        return known

    def _keep(self, key: tuple[str, bytes], value: _Remembered) -> None:
        size = _COPIES * len(key[1]) + _OBJECT_BYTES
        if size > self._half_bytes:
            return
        if self._young_bytes + size > self._half_bytes:
            self._young, self._old, self._young_bytes = {}, self._young, 0
        if value.forms is None:
            value.forms = {}
        self._young[key] = value
        self._young_bytes += size


def keep(forms: Forms, key: Hashable, form: object) -> None:
    """Hangs a form on what it was made of."""
    if len(forms) >= _MOST_FORMS:
        forms.clear()
    forms[key] = form


def form_of(forms: Forms | None, key: Hashable, notes: list[str], make: Callable[[], T]) -> T:
    """The form that is kept under the key, or made now; one that had something to note is made, and noted, anew."""
    if forms is None:
        return make()
    found: T | None = forms.get(key)
    if found is None:
        count = len(notes)
        found = make()
        if len(notes) == count:
            keep(forms, key, found)
    return found


def forms_of(
    turns: list[Turn], key: Hashable | None, notes: list[str], write: Callable[[Turn], T]
) -> list[T]:
    """The form of each turn; without a key all are made now."""
    if key is None:
        return list(map(write, turns))
    found: list[T] = []
    for turn in turns:  # of a long conversation nearly all are known: each has to be cheap
        form = turn.forms.get(key) if turn.forms is not None else write(turn)
        found.append(form_of(turn.forms, key, notes, partial(write, turn)) if form is None else form)
    return found


def grouped(turns: list[Turn], group: Callable[[Turn], str]) -> list[Turn]:
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
