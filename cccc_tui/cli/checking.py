"""`cccc check` and `cccc paths`: what the configuration says, and where things are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import EXIT_OK, EXIT_USAGE, Commands, Given, add_command, add_config
from cccc_tui.locales import _, ngettext

if TYPE_CHECKING:
    from cccc_tui.config.problems import Problem


def add_commands(commands: Commands) -> None:
    add_config(add_command(commands, "check", _("say what is wrong in the configuration")))
    add_config(add_command(commands, "paths", _("where configuration, state, log and themes are")))


def check(given: Given) -> int:
    """`cccc check`: every problem, then how many there are."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.secrets import read_secrets

    path = find_config(given.get("config"))
    loaded = load(path)
    problems = [*loaded.problems]
    if loaded.readable:
        problems += read_secrets(loaded.readable, loaded.places, str(path)).problems
    for problem in sorted(problems, key=lambda each: (each.line, each.column)):
        print(_worded(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    print(_summary(path, errors, len(problems) - errors))
    return EXIT_USAGE if errors else EXIT_OK


def show_paths(given: Given) -> int:
    """`cccc paths`."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config, state_folder
    from cccc_tui.logs import FILE_NAME

    path, state = find_config(given.get("config")), state_folder()
    loaded = load(path).config
    folder = loaded.logging.log_directory if loaded else ""
    rows = (
        (_("configuration"), path),
        (_("state"), state),
        (_("log"), (Path(folder).expanduser() if folder else state) / FILE_NAME),
        (_("themes"), path.parent / "themes"),
    )
    width = max(len(name) for name, _path in rows)
    for name, place in rows:
        print(f"{name:<{width}}  {place}")
    return EXIT_OK


def _worded(problem: Problem) -> str:
    severity = _("error") if problem.severity == "error" else _("warning")
    return f"{severity}: {problem.sentence()}"


def _summary(path: Path, errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return _("{path}: no problems").format(path=path)
    counted = [
        ngettext("{count} error", "{count} errors", errors).format(count=errors),
        ngettext("{count} warning", "{count} warnings", warnings).format(count=warnings),
    ]
    return f"{path}: {', '.join(counted)}"
