"""The command line: arguments in, exit status out.

`--version` and a usage error import nothing but argparse; everything heavier is imported where it is needed.
A module of this package holds one group of commands: `add_commands` says their arguments, a function each runs them.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence

from cccc_tui import __version__, locales
from cccc_tui.cli import (
    checking,
    connecting,
    doctoring,
    explaining,
    facts,
    importing,
    keys,
    launching,
    resetting,
    serving,
)
from cccc_tui.cli.arguments import EXIT_FAILED, EXIT_INTERRUPTED, Given, add_address, add_config, complain
from cccc_tui.locales import _

COMMANDS: dict[str, Callable[[Given], int]] = {
    "": serving.run,
    "check": checking.check,
    "connect": connecting.connect,
    "demo": serving.demo,
    "doctor": doctoring.run,
    "env": launching.show_env,
    "explain": explaining.explain,
    "facts": facts.run,
    "import": importing.run,
    "key": keys.run,
    "paths": checking.show_paths,
    "profile": explaining.profile,
    "reset": resetting.run,
    "run": launching.run,
}

COMMON_USED: dict[str, frozenset[str]] = {
    "": frozenset({"serve", "read_only", "config", "host", "port"}),
    "check": frozenset({"config"}),
    "connect": frozenset({"config"}),
    "demo": frozenset({"host", "port"}),
    "doctor": frozenset({"config"}),
    "env": frozenset({"config"}),
    "explain": frozenset({"config"}),
    "facts": frozenset({"config"}),
    "import": frozenset({"config"}),
    "key": frozenset({"config"}),
    "paths": frozenset({"config"}),
    "profile": frozenset({"config"}),
    "reset": frozenset({"config"}),
    "run": frozenset({"config"}),
}
"""Of the options that may stand before a command, those that it heeds; another one is refused, not ignored."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs cccc; the exit status."""
    locales.use("auto")
    _tolerate_odd_characters()
    parser = build_parser()
    own, behind = _cut(list(sys.argv[1:] if argv is None else argv))
    given = vars(parser.parse_args(own))
    command = given.pop("command", "") or ""
    if behind and command != "run":
        parser.error(_("nothing may stand behind `--` with `cccc {command}`").format(command=command))
    given |= {"arguments": behind} if command == "run" else {}
    for option in sorted(COMMON_USED[""] & set(given) - COMMON_USED[command]):
        name = option.replace("_", "-")
        parser.error(_("--{option} does not go with `cccc {command}`").format(option=name, command=command))
    try:
        return COMMANDS[command](given)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except OSError as error:
        complain(f"cccc: {error}")
        return EXIT_FAILED


def _tolerate_odd_characters() -> None:
    """A terminal without UTF-8 shows `?` for what it lacks; no command fails over it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _cut(argv: list[str]) -> tuple[list[str], list[str]]:
    """What is for cccc, and what stands behind `--`."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]


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
    parser.add_argument(
        "--read-only", action="store_true", help=_("a control center that can change nothing, only show")
    )
    add_config(parser)
    add_address(parser)
    commands = parser.add_subparsers(dest="command", metavar=_("command"))
    groups = (
        connecting,
        launching,
        explaining,
        facts,
        resetting,
        importing,
        keys,
        doctoring,
        checking,
        serving,
    )
    for group in groups:
        group.add_commands(commands)
    return parser
