"""Edits of the configuration file that leave every other byte as it is: comments, order, quotes, line ends.

An edit replaces or inserts text at the place where a node stands. Nothing is trusted: the edited text is read
again, and unless it loads, and says what it said before but for the one change, the file is left alone.
"""

from __future__ import annotations

import copy
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec

from cccc_tui.config.document import parse, plain
from cccc_tui.config.edit_list import has_comment, rewritten
from cccc_tui.config.load import Loaded, load, load_text
from cccc_tui.config.locks import locked
from cccc_tui.config.paths import replace_bytes
from cccc_tui.config.problems import Report, nearest
from cccc_tui.config.profiles import profile_names
from cccc_tui.config.schema import Endpoint
from cccc_tui.config.spots import Spot, Spots
from cccc_tui.config.writing import as_plain, block, one_line

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value]"


class EditRefused(Exception):
    """The file was left alone; the text is the sentence that says why."""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit did: enough to take it back."""

    before: str
    after: str
    summary: str
    """What happened, as a sentence for a person."""


class _Change(NamedTuple):
    start: int
    end: int
    text: str


def set_enabled(path: Path, endpoint: str, enabled: bool) -> Edit:
    """Enables or disables an endpoint."""
    loaded = _sound(path)
    word = "enabled" if enabled else "disabled"
    summary = f'The endpoint "{endpoint}" is {word}.'
    if _endpoint(loaded, endpoint).enabled is enabled:
        return Edit(
            before=loaded.text, after=loaded.text, summary=f'The endpoint "{endpoint}" is {word} already.'
        )
    return _set_values(path, loaded, {endpoint: enabled}, "enabled", summary)


def set_order(path: Path, endpoint_names: Sequence[str]) -> Edit:
    """Writes the priorities 1…n in this order; endpoints that are not named come after it, as they stood."""
    loaded = _sound(path)
    assert loaded.config is not None
    for name in endpoint_names:
        _endpoint(loaded, name)
    rest = sorted(loaded.config.endpoints, key=lambda each: each.priority)
    order = list(dict.fromkeys([*endpoint_names, *(each.name for each in rest)]))
    wanted = {name: place for place, name in enumerate(order, 1)}
    values = {
        each.name: wanted[each.name] for each in loaded.config.endpoints if each.priority != wanted[each.name]
    }
    return _set_values(
        path, loaded, values, "priority", f"Endpoints are tried in this order: {', '.join(order)}."
    )


def set_profile(path: Path, profile: str) -> Edit:
    """Sets the profile in use; empty is the file as it stands."""
    loaded = _sound(path)
    assert loaded.config is not None
    names = profile_names(loaded.config)
    if profile and profile not in names:
        guess = nearest(profile, names)
        hint = f'; did you mean "{guess}"?' if guess else f"; there are {', '.join(names)}."
        raise EditRefused(f'There is no profile "{profile}"{hint}')

    def expected(data: dict[str, Any]) -> None:
        data["profile"] = profile

    spots, text = Spots(loaded.text), loaded.text
    written = one_line(profile)
    pair = spots.value(spots.root, "profile")
    if pair is None:
        eol = "\r\n" if "\r\n" in text else "\n"
        start = "" if text.endswith("\n") or not text else eol
        change = _Change(len(text), len(text), f"{start}profile: {written}{eol}")
    else:
        old = pair[1]
        change = _Change(old.start, old.end, written if old.start < old.end else f" {written}")
    said = f'The profile "{profile}" is in use.' if profile else "No profile is in use."
    return _commit(path, loaded, [change], expected, said)


def set_endpoint_value(path: Path, endpoint: str, key: str, value: Value) -> Edit:
    """Sets one key of an endpoint."""
    _check_keys((key,))
    loaded = _sound(path)
    _endpoint(loaded, endpoint)
    return _set_values(path, loaded, {endpoint: value}, key, f'{key} of the endpoint "{endpoint}" is set.')


def set_nested_text(path: Path, endpoint: str, place: Sequence[str | int], value: str) -> Edit:
    """Sets a text that stands inside an endpoint, `("keys", 0, "value")`. Raises `EditRefused` where none stands."""
    loaded = _sound(path)
    assert loaded.config is not None
    _endpoint(loaded, endpoint)
    index = [each.name for each in loaded.config.endpoints].index(endpoint)
    name = ".".join(map(str, place))

    def expected(data: dict[str, Any]) -> None:
        inner: Any = data["endpoints"][index]
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value

    spots = Spots(loaded.text)
    spot: Spot | None = _entries(spots)[index]
    for step in place:
        spot = _inside(spots, spot, step) if spot else None
    if spot is None or spot.kind != "scalar":
        raise EditRefused(
            f'{name} of the endpoint "{endpoint}" is written in another way: edit the file by hand.'
        )
    written = _Change(spot.start, spot.end, one_line(value))
    return _commit(path, loaded, [written], expected, f'{name} of the endpoint "{endpoint}" is set.')


def _inside(spots: Spots, spot: Spot, step: str | int) -> Spot | None:
    if isinstance(step, int):
        return spot.items[step] if step < len(spot.items) else None
    pair = spots.value(spot, step)
    return pair[1] if pair else None


def change_endpoint(path: Path, endpoint: str, values: Mapping[str, Value | None]) -> Edit:
    """Sets several keys of an endpoint at once; None takes a key out."""
    _check_keys(values)
    loaded = _sound(path)
    assert loaded.config is not None
    _endpoint(loaded, endpoint)
    place = [each.name for each in loaded.config.endpoints].index(endpoint)

    def expected(data: dict[str, Any]) -> None:
        _overlay(data["endpoints"][place], values)

    spots = Spots(loaded.text)
    changes = _settings(spots, loaded.text, _entries(spots)[place], values)
    return _commit(path, loaded, changes, expected, f'The endpoint "{endpoint}" is changed.')


def add_endpoint(path: Path, values: Mapping[str, Value]) -> Edit:
    """Adds an endpoint at the end of the list."""
    loaded = _sound(path)
    name = str(values.get("name", ""))
    if not name:
        raise EditRefused("An endpoint needs a name.")
    new = as_plain(values)

    def expected(data: dict[str, Any]) -> None:
        data["endpoints"] = [*(data.get("endpoints") or []), new]

    changes = [_addition(Spots(loaded.text), loaded.text, new)]
    return _commit(path, loaded, changes, expected, f'The endpoint "{name}" is added.')


def restore(path: Path, edit: Edit) -> Edit:
    """Takes an edit back; refuses when the file was changed since. The answer takes the taking back back."""
    if _read(path) != edit.after:
        raise EditRefused(f"{path} was changed since, so the edit is not taken back.")
    _write(path, edit.after, edit.before)
    return Edit(before=edit.after, after=edit.before, summary=f"Taken back: {edit.summary}")


def _sound(path: Path) -> Loaded:
    loaded = load(path)
    if loaded.config is None:
        raise EditRefused(f"{loaded.errors[0].sentence()} (mend this first)")
    return loaded


def _endpoint(loaded: Loaded, name: str) -> Endpoint:
    assert loaded.config is not None
    for endpoint in loaded.config.endpoints:
        if endpoint.name == name:
            return endpoint
    guess = nearest(name, (each.name for each in loaded.config.endpoints))
    raise EditRefused(f'There is no endpoint "{name}"' + (f'; did you mean "{guess}"?' if guess else "."))


def _check_keys(keys: Iterable[str]) -> None:
    valid = Endpoint.__struct_fields__
    for key in keys:
        if key not in valid:
            guess = nearest(key, valid)
            hint = f'; did you mean "{guess}"?' if guess else "."
            raise EditRefused(f'An endpoint has no key "{key}"{hint}')


def _overlay(data: dict[str, Any], values: Mapping[str, Value | None]) -> None:
    """The values over the plain data; None takes a key out."""
    for key, value in values.items():
        if value is None:
            data.pop(key, None)
        else:
            data[key] = as_plain(value)


def _set_values(path: Path, loaded: Loaded, values: Mapping[str, Value], key: str, summary: str) -> Edit:
    """Sets `key` of several endpoints, each to its own value."""
    assert loaded.config is not None
    names = [each.name for each in loaded.config.endpoints]

    def expected(data: dict[str, Any]) -> None:
        for name, value in values.items():
            data["endpoints"][names.index(name)][key] = as_plain(value)

    spots = Spots(loaded.text)
    entries = _entries(spots)
    changes = [
        _setting(spots, loaded.text, entries[names.index(name)], key, value) for name, value in values.items()
    ]
    return _commit(path, loaded, changes, expected, summary)


def _entries(spots: Spots) -> tuple[Spot, ...]:
    pair = spots.value(spots.root, "endpoints")
    return spots.target(pair[1]).items if pair else ()


def _settings(spots: Spots, text: str, entry: Spot, values: Mapping[str, Value | None]) -> list[_Change]:
    """The changes for several keys; a mapping goes into the one that stands there, key by key."""
    changes: list[_Change] = []
    for key, value in values.items():
        pair = spots.value(entry, key)
        if value is None:
            changes += [_removal(text, entry, pair)] if pair else []
        elif isinstance(value, Mapping) and pair and pair[1].kind == "mapping" and pair[1].pairs:
            gone: dict[str, Value | None] = {
                name.text: None for name, _ in pair[1].pairs if name.text not in value
            }
            changes += _settings(spots, text, pair[1], {**gone, **value})
        elif pair and (piece := _item_by_item(text, pair, value)):
            changes.append(piece)
        else:
            changes.append(_setting(spots, text, entry, key, value))
    return changes


def _item_by_item(text: str, pair: tuple[Spot, Spot], value: Value) -> _Change | None:
    """The change of a list of mappings that is written as one; else None."""
    if isinstance(value, str) or not isinstance(value, Sequence) or pair[1].kind != "sequence":
        return None
    items = [each for each in value if isinstance(each, Mapping)]
    piece = rewritten(text, *pair, items) if len(items) == len(value) else None
    return _Change(*piece) if piece else None


def _removal(text: str, entry: Spot, pair: tuple[Spot, Spot]) -> _Change:
    """Takes a key out: its lines, or what it takes between commas; comments above it stay."""
    name, value = pair
    place = entry.pairs.index(pair)
    line = text.rfind("\n", 0, name.start) + 1
    if not entry.flow and not text[line : name.start].strip(" \ufeff"):
        end = text.find("\n", max(name.end, value.end))
        return _Change(line, len(text) if end < 0 else end + 1, "")
    if place and entry.flow:
        return _Change(entry.pairs[place - 1][1].end, value.end, "")
    if place + 1 < len(entry.pairs):
        return _Change(name.start, entry.pairs[place + 1][0].start, "")
    raise EditRefused(f"{name.text} is all that stands there: edit the file by hand.")


def _setting(spots: Spots, text: str, entry: Spot, key: str, value: Value) -> _Change:
    if entry.kind == "alias":
        raise EditRefused(f"The endpoint is written as an alias (*{entry.text}): edit the file by hand.")
    written = one_line(value)
    pair = spots.value(entry, key)
    if pair is None:
        return _insertion(spots, text, entry, f"{key}: {written}")
    name, old = pair
    if old.flow and has_comment(text, old):
        raise EditRefused(
            f"A comment stands in the brackets of {key}, and would be lost: edit the file by hand."
        )
    if old.kind in ("mapping", "sequence") and not old.flow:
        between = text[name.end : old.start]
        start = name.end + between.index(":") + 1 if "#" not in between else old.start
        return _Change(start, old.end, f" {written}" if start < old.start else written)
    return _Change(old.start, old.end, written if old.start < old.end else f" {written}")


def _insertion(spots: Spots, text: str, entry: Spot, line: str) -> _Change:
    """A new key goes behind the name, which every endpoint has; inside another mapping, behind what is there."""
    pair = spots.value(entry, "name") or (None if entry in _entries(spots) else entry.pairs[-1])
    if pair is None:
        raise EditRefused("The endpoint has its name through an alias: edit the file by hand.")
    name, value = pair
    if entry.flow:
        return _Change(value.end, value.end, f", {line}")
    return _new_line(text, value.end, " " * name.column + line)


def _new_line(text: str, after: int, lines: str) -> _Change:
    """`lines` below the line in which `after` lies, with the line ends that the file has."""
    eol = "\r\n" if "\r\n" in text else "\n"
    lines = lines.replace("\n", eol)
    end = text.find("\n", after)
    if end < 0:
        return _Change(len(text), len(text), eol + lines)
    return _Change(end + 1, end + 1, lines + eol)


def _addition(spots: Spots, text: str, new: dict[str, Any]) -> _Change:
    pair = spots.value(spots.root, "endpoints")
    if pair is None:
        eol = "" if text.endswith("\n") or not text else "\n"
        return _Change(len(text), len(text), _with_line_ends(text, f"{eol}endpoints:\n{block(new, 2)}\n"))
    name, written = pair
    endpoints = spots.target(written)
    if not endpoints.items:
        if written.start > name.end:
            start = name.end + text[name.end : written.start].index(":") + 1
        else:
            start = written.start
        return _Change(start, written.end, _with_line_ends(text, f"\n{block(new, name.column + 2)}"))
    if endpoints.flow:
        end = endpoints.items[-1].end
        return _Change(end, end, f", {one_line(new)}")
    return _new_line(text, endpoints.items[-1].end, block(new, endpoints.column))


def _with_line_ends(text: str, lines: str) -> str:
    return lines.replace("\n", "\r\n") if "\r\n" in text else lines


def _commit(
    path: Path,
    loaded: Loaded,
    changes: Sequence[_Change],
    expected: Callable[[dict[str, Any]], None],
    summary: str,
) -> Edit:
    """Writes the edited text if it is right; `expected` makes the change on the plain data."""
    after = loaded.text
    for change in sorted(changes, reverse=True):
        after = after[: change.start] + change.text + after[change.end :]
    result = load_text(after, path)
    if result.config is None:
        raise EditRefused(
            f"The file is left as it is, for it would not load afterwards: {result.errors[0].sentence()}"
        )
    wanted = copy.deepcopy(_data(loaded.text))
    expected(wanted)
    if _data(after) != wanted:
        raise EditRefused(
            "The file is left as it is: this edit would change more than was asked. Edit it by hand."
        )
    if after != loaded.text:
        _write(path, loaded.text, after)
    return Edit(before=loaded.text, after=after, summary=summary)


def _data(text: str) -> dict[str, Any]:
    root = parse(text, Report(""))
    assert root is not None
    data = plain(root)
    assert isinstance(data, dict)
    return data


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise EditRefused(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _write(path: Path, before: str, after: str) -> None:
    """Replaces the file, the old one kept beside it as `<file>.backup`."""
    target = path.resolve()
    try:
        with locked("configuration"):
            if _read(path) != before:
                raise EditRefused(
                    f"{path} was changed by someone else just now; nothing is written. Try again."
                )
            mode = stat.S_IMODE(target.stat().st_mode)
            replace_bytes(target.with_name(f"{target.name}.backup"), before.encode(), mode & 0o700)
            replace_bytes(target, after.encode(), mode)
    except OSError as error:
        raise EditRefused(f"{target} cannot be written: {error.strerror}") from None
