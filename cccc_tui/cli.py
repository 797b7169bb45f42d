"""The command line: arguments in, exit status out.

`--version` and a usage error import nothing but argparse; everything heavier is imported where it is needed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cccc_tui import __version__, locales
from cccc_tui.locales import _, ngettext

if TYPE_CHECKING:
    from cccc_tui.config.problems import Problem
    from cccc_tui.runtime import Wanted

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2

USES: dict[str, frozenset[str]] = {
    "": frozenset({"serve", "config", "host", "port"}),
    "check": frozenset({"config"}),
    "demo": frozenset({"host", "port"}),
    "paths": frozenset({"config"}),
}
"""The options that each command heeds; one that it does not heed is refused, not ignored."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs cccc; the exit status."""
    locales.use("auto")
    parser = build_parser()
    given = vars(parser.parse_args(argv))
    command = given.pop("command", "") or ""
    for option in sorted(set(given) - USES[command]):
        parser.error(_("--{option} does not go with `cccc {command}`").format(option=option, command=command))
    try:
        return _run(command, given)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _complain(f"cccc: {error}")
        return EXIT_FAILED


def build_parser() -> argparse.ArgumentParser:
    """The arguments. What was not given is absent, so that each command knows what was asked of it."""
    parser = argparse.ArgumentParser(
        prog="cccc",
        description=_("A terminal control center and gateway for AI coding agents."),
        epilog=_("Without a command: the control center, with the proxy in it."),
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"cccc {__version__}")
    parser.add_argument(
        "--serve", action="store_true", help=_("run the proxy without a screen, log to stderr")
    )
    _add_config(parser)
    _add_address(parser)
    commands = parser.add_subparsers(dest="command", metavar=_("command"))
    check = commands.add_parser("check", help=_("say what is wrong in the configuration"), **_absent())
    _add_config(check)
    demo = commands.add_parser(
        "demo", help=_("the control center on simulated traffic: no key, no network"), **_absent()
    )
    _add_address(demo)
    paths = commands.add_parser(
        "paths", help=_("where configuration, state, log and themes are"), **_absent()
    )
    _add_config(paths)
    return parser


def _absent() -> dict[str, Any]:
    return {"argument_default": argparse.SUPPRESS}


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar=_("PATH"), help=_("use this configuration file"))


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", type=_host, metavar=_("HOST"), help=_("listen here instead of `server.host`")
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar=_("PORT"),
        help=_("listen here instead of `server.port`; 0 takes a free one"),
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(
            _("{text} is no port: give a number from 0 to 65535").format(text=text)
        )
    return int(text)


def _host(text: str) -> str:
    from cccc_tui.config.addresses import is_loopback

    host = text.strip()
    if not is_loopback(host):
        # The same rule as for `server.host`: an option must not open what the file may not.
        problem = _("{text} is no loopback address: nothing but this computer may call cccc")
        raise argparse.ArgumentTypeError(problem.format(text=text))
    return host


def _run(command: str, given: dict[str, Any]) -> int:
    match command:
        case "check":
            return check(given.get("config"))
        case "paths":
            return show_paths(given.get("config"))
        case "demo":
            return demo(given)
    return run(given)


def run(given: dict[str, Any]) -> int:
    """`cccc` and `cccc --serve`."""
    from cccc_tui.terminal import is_terminal

    is_headless = given.get("serve", False)
    if not is_headless and not is_terminal():
        _complain(_("cccc needs a terminal for its control center; without one, run: cccc --serve"))
        return EXIT_USAGE
    from cccc_tui.runtime import control_center, serve

    wanted, first_words = _prepare(given)
    if wanted is None:
        return EXIT_USAGE
    if is_headless:
        return serve(wanted, first_words)
    for words in first_words:
        _complain(words)  # stays in the terminal's own screen, to be read afterwards
    return control_center(wanted, first_words)


def _prepare(given: dict[str, Any]) -> tuple[Wanted | None, tuple[str, ...]]:
    """What to run, with a first configuration if there was none; None where a named file is missing."""
    from cccc_tui.config.paths import find_config, user_config
    from cccc_tui.first_run import write_first_config
    from cccc_tui.runtime import Wanted

    path = find_config(given.get("config"))
    wanted = Wanted(path, given.get("host"), given.get("port"))
    if path.exists():
        return wanted, ()
    if path != user_config():
        _complain(_("{path}: there is no such file.").format(path=path))
        _complain(_("Without --config cccc writes a first configuration and starts with it."))
        return None, ()
    return wanted, write_first_config(path, wanted.port)


def demo(given: dict[str, Any]) -> int:
    """`cccc demo`."""
    from cccc_tui.terminal import is_terminal

    if not is_terminal():
        _complain(_("cccc demo needs a terminal; a headless proxy on your own endpoints is: cccc --serve"))
        return EXIT_USAGE
    from cccc_tui.runtime import demo as show

    return show(given.get("host"), given.get("port"))


def check(config: Path | None) -> int:
    """`cccc check`: every problem, then how many there are."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.secrets import read_secrets

    path = find_config(config)
    loaded = load(path)
    problems = [*loaded.problems]
    if loaded.config:
        problems += read_secrets(loaded.config, loaded.places, str(path)).problems
    for problem in sorted(problems, key=lambda each: (each.line, each.column)):
        print(_worded(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    print(_summary(path, errors, len(problems) - errors))
    return EXIT_USAGE if errors else EXIT_OK


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


def show_paths(config: Path | None) -> int:
    """`cccc paths`."""
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config, state_folder
    from cccc_tui.logs import FILE_NAME

    path, state = find_config(config), state_folder()
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


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
