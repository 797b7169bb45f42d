"""Reads the configuration file: all problems at once, each with its line, and never an exception."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from cccc_tui.config.checks import check
from cccc_tui.config.dialect import translate
from cccc_tui.config.document import Mapping, Node, Scalar, Sequence, parse, places
from cccc_tui.config.problems import Mark, Problem, Report
from cccc_tui.config.schema import Config
from cccc_tui.config.secrets import looks_like_key
from cccc_tui.config.shape import fill

_MAX_BYTES = 4 * 1024 * 1024


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says. `config` is None exactly when some problem is an error."""

    path: Path
    text: str = ""
    config: Config | None
    readable: Config | None = None
    """As much as could be read, errors or not: to find what else is wrong, never to run with."""
    problems: tuple[Problem, ...] = ()
    places: dict[str, Mark] = {}
    """Line and column of each key, by dotted path."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def out_of_service(self) -> dict[str, str]:
        """Endpoints that the file itself puts out of service, by name, with the reason as a sentence."""
        return {problem.endpoint: problem.message for problem in self.problems if problem.disables}


def load(path: Path) -> Loaded:
    """Reads and checks the file. Does not raise: whatever is wrong is a problem in the answer."""
    report = Report(str(path))
    text = _read(path, report)
    if text is None:
        return _loaded(path, "", None, report)
    config = _understand(text, report)
    if config is not None:
        _check_exposure(path, config, report)
    return _loaded(path, text, config, report)


def load_text(text: str, path: Path) -> Loaded:
    """Checks `text` as if it stood in the file at `path`, which is not read."""
    report = Report(str(path))
    return _loaded(path, text, _understand(text, report), report)


def _loaded(path: Path, text: str, config: Config | None, report: Report) -> Loaded:
    return Loaded(
        path=path,
        text=text,
        config=None if report.has_errors else config,
        readable=config,
        problems=report.finished(),
        places=report.places,
    )


def _read(path: Path, report: Report) -> str | None:
    try:
        data = _read_regular_file(path)
    except FileNotFoundError:
        report.error("", "there is no such file")
    except IsADirectoryError:
        report.error("", "is a folder, not a file")
    except (OSError, ValueError) as error:
        report.error("", f"cannot be read: {getattr(error, 'strerror', None) or error}")
    else:
        return _decode(data, report)
    return None


def _read_regular_file(path: Path) -> bytes:
    """A pipe would be waited for without end, so only a regular file is opened."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError("it is larger than 4 MiB")
    return data


def _decode(data: bytes, report: Report) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        report.error("", "is not UTF-8 text: save it as UTF-8", Mark(line))
        return None


def _understand(text: str, report: Report) -> Config | None:
    root = parse(text, report)
    if root is None:
        return None
    if not isinstance(root, Mapping):
        if isinstance(root, Scalar) and root.value is None:
            report.error("", "the file is empty")
        else:
            report.error("", 'must be a mapping with sections such as "server:" and "endpoints:"', root.at)
        return None
    report.places = dict(places(root))
    report.endpoint_names = _endpoint_names(root)
    root = translate(root, report)
    report.places |= dict(places(root))
    config = fill(Config, root, "", report)
    if config is None:
        return None
    check(config, report)
    return _settled(config)


def _endpoint_names(root: Mapping) -> dict[int, str]:
    entry = root.entries.get("endpoints")
    items: tuple[Node, ...] = entry.node.items if entry and isinstance(entry.node, Sequence) else ()
    names = ((i, item.entries.get("name")) for i, item in enumerate(items) if isinstance(item, Mapping))
    return {i: name.node.text for i, name in names if name and isinstance(name.node, Scalar)}


def _settled(config: Config) -> Config:
    """Values that mean another one: priority 0 is 1, as in CCCC, and a script tagger does not run."""
    endpoints = tuple(msgspec.structs.replace(each, priority=each.priority or 1) for each in config.endpoints)
    taggers = tuple(
        msgspec.structs.replace(each, enabled=each.enabled and each.type != "starlark")
        for each in config.tagging.taggers
    )
    tagging = msgspec.structs.replace(config.tagging, taggers=taggers)
    return msgspec.structs.replace(config, endpoints=endpoints, tagging=tagging)


def _check_exposure(path: Path, config: Config, report: Report) -> None:
    """A key in a file that everybody on the machine can read. Windows has no such mode bits."""
    if os.name != "posix" or not _mode(path) & 0o044:
        return
    for index, endpoint in enumerate(config.endpoints):
        if endpoint.auth_value is not None and looks_like_key(endpoint.auth_value):
            report.warn(
                f"{report.item('endpoints', index)}.auth_value",
                f"is a key in a file that others can read: chmod 600 {path}, or use env:, keyring: or file:",
            )
            return


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0  # gone since it was read: the next load says so
