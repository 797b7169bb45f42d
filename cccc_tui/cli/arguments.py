"""What the commands' arguments share: options that several of them heed, and the texts that are values."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cccc_tui.locales import _

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

Given = dict[str, Any]
"""The arguments that were given, by name; what was not given is absent."""

Commands = Any
"""What `ArgumentParser.add_subparsers` returns; its type has no public name."""


def add_command(commands: Commands, name: str, help_text: str, **more: Any) -> argparse.ArgumentParser:
    """A command whose options are absent when they are not given."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, argument_default=argparse.SUPPRESS, **more
    )
    return parser


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar=_("PATH"), help=_("use this configuration file"))


def add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", type=_host, metavar=_("HOST"), help=_("listen here instead of `server.host`")
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar=_("PORT"),
        help=_("listen here instead of `server.port`; 0 takes a free one"),
    )


def complain(text: str) -> None:
    """A sentence that is no result: to stderr."""
    print(text, file=sys.stderr)


def not_agreed(question: str) -> int:
    """Asks; 0 when the person agrees, else the exit status. Without a terminal nobody can agree."""
    if not sys.stdin.isatty():
        complain(_("Nothing is written: without a terminal, agree with --yes."))
        return EXIT_USAGE
    try:
        answer = input(f"{question} [y/N] ").strip().lower()
    except (EOFError, KeyboardInterrupt) as left:
        return nothing_written(left)
    if answer in ("y", "yes", "j", "ja", "是"):
        return EXIT_OK
    complain(_("Nothing is written."))
    return EXIT_FAILED


def nothing_written(left: EOFError | KeyboardInterrupt) -> int:
    """Says so after a question that ctrl+d or ctrl+c has ended; the exit status."""
    print()
    complain(_("Nothing is written."))
    return EXIT_INTERRUPTED if isinstance(left, KeyboardInterrupt) else EXIT_FAILED


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
