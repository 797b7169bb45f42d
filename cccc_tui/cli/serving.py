"""`cccc`, `cccc --serve` and `cccc demo`: what runs until somebody ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import EXIT_USAGE, Commands, Given, add_address, add_command, complain
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.runtime import Wanted


def add_commands(commands: Commands) -> None:
    """Adds `demo`; the other two are what cccc does without a command."""
    demo = add_command(commands, "demo", _("the control center on simulated traffic: no key, no network"))
    add_address(demo)


def run(given: Given) -> int:
    """`cccc` and `cccc --serve`."""
    from cccc_tui.terminal import is_terminal

    is_headless = given.get("serve", False)
    if is_headless and given.get("read_only"):
        complain(_("--read-only is for the control center; --serve has none."))
        return EXIT_USAGE
    if not is_headless and not is_terminal():
        complain(_("cccc needs a terminal for its control center; without one, run: cccc --serve"))
        return EXIT_USAGE
    from cccc_tui.runtime import control_center, serve

    wanted, first_words = _prepare(given)
    if wanted is None:
        return EXIT_USAGE
    if is_headless:
        return serve(wanted, first_words)
    for words in first_words:
        complain(words)  # stays in the terminal's own screen, to be read afterwards
    return control_center(wanted, first_words)


def demo(given: Given) -> int:
    """`cccc demo`."""
    from cccc_tui.terminal import is_terminal

    if not is_terminal():
        complain(_("cccc demo needs a terminal; a headless proxy on your own endpoints is: cccc --serve"))
        return EXIT_USAGE
    from cccc_tui.runtime import demo as show

    return show(given.get("host"), given.get("port"))


def _prepare(given: Given) -> tuple[Wanted | None, tuple[str, ...]]:
    """What to run, with a first configuration if there was none; None where a named file is missing."""
    from cccc_tui.config.paths import find_config, user_config
    from cccc_tui.first_run import write_first_config
    from cccc_tui.runtime import Wanted

    path = find_config(given.get("config"))
    wanted = Wanted(path, given.get("host"), given.get("port"), given.get("read_only", False))
    if path.exists():
        return wanted, ()
    if path != user_config():
        complain(_("{path}: there is no such file.").format(path=path))
        complain(_("Without --config cccc writes a first configuration and starts with it."))
        return None, ()
    return wanted, write_first_config(path, wanted.port)
