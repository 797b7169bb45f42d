"""`cccc env` and `cccc run`: a client that asks cccc, without a file of its being touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import EXIT_FAILED, EXIT_OK, Commands, Given, add_command, complain
from cccc_tui.cli.choosing import CLIENTS, add_choice, choice_of
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.connect.launch import Choice

NOT_FOUND = 127
"""The exit status by which shells say that a program is not there."""


def add_commands(commands: Commands) -> None:
    env = add_command(commands, "env", _('lines for a shell: eval "$(cccc env claude)"'))
    env.add_argument("client", choices=CLIENTS)
    env.add_argument(
        "--shell",
        choices=("sh", "fish", "powershell", "cmd"),
        help=_("for this shell (sh: bash and zsh too)"),
    )
    add_choice(env)
    run = add_command(
        commands, "run", _("run Claude Code or Codex through cccc, once: cccc run claude -- -p hello")
    )
    run.add_argument("client", choices=CLIENTS)
    add_choice(run)
    # `main` puts there what stands behind `--`; argparse would take options of ours before it for the client's.
    run.add_argument("arguments", nargs="*", metavar=_("-- ARGUMENTS"), help=_("for the client"))


def show_env(given: Given) -> int:
    """`cccc env`."""
    from cccc_tui.connect.launch import shell_lines
    from cccc_tui.connect.plan import PlanRefused

    try:
        choice = choice_of(given["client"], given)
    except PlanRefused as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED
    print(shell_lines(choice, given.get("shell") or "sh", os.environ))
    if warning := _stronger(choice):
        complain(warning)
    return EXIT_OK


def _stronger(choice: Choice) -> str:
    """Claude Code's settings win over the environment; a sentence if they lead elsewhere."""
    from cccc_tui.connect import claude
    from cccc_tui.connect.clients import installed, whose
    from cccc_tui.connect.plan import PlanRefused

    if not isinstance(choice, claude.ClaudeChoice):
        return ""  # its options win over its file
    try:
        found = claude.standing(choice, os.environ, installed)
    except PlanRefused:  # Claude Code cannot read it either
        return ""
    if not found.points_to or found.is_connected:
        return ""
    words = _("{path} wins over these lines, and points to {place}. `cccc run claude` wins over it.")
    return words.format(path=found.path, place=whose(found.points_to))


def run(given: Given) -> int:
    """`cccc run`: the client's exit status."""
    from cccc_tui.connect.launch import environment, launch
    from cccc_tui.connect.plan import PlanRefused

    try:
        wanted = launch(choice_of(given["client"], given), os.environ)
    except PlanRefused as refused:
        complain(f"cccc: {refused}")
        return EXIT_FAILED
    program = shutil.which(wanted.command[0])
    if program is None:
        complain(_("{client} is not installed here, or not in PATH.").format(client=wanted.command[0]))
        return NOT_FOUND
    command = [program, *wanted.command[1:], *given.get("arguments", ())]
    return _become(command, environment(wanted, os.environ))


def _become(command: list[str], variables: dict[str, str]) -> int:
    """The client takes the place of cccc, so that signals and the terminal are its own."""
    if os.name == "posix":
        os.execve(command[0], command, variables)
    return subprocess.run(command, env=variables, check=False).returncode
