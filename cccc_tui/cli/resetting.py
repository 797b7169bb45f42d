"""`cccc reset`: forgets the failures of endpoints, so that they are asked again at once.

Works on the state database. A running cccc notices within about a second; else the next one that starts does.
"""

from __future__ import annotations

from pathlib import Path

from cccc_tui.cli.arguments import EXIT_OK, EXIT_USAGE, Commands, Given, add_command, add_config, complain
from cccc_tui.cli.endpoints import endpoint_ids
from cccc_tui.locales import _


def add_commands(commands: Commands) -> None:
    reset = add_command(
        commands, "reset", _("forget the failures of endpoints: they are asked again at once")
    )
    reset.add_argument("endpoint", nargs="*", metavar=_("ENDPOINT"), help=_("their names"))
    reset.add_argument("--all", action="store_true", help=_("all of the configuration"))
    add_config(reset)


def run(given: Given) -> int:
    """`cccc reset`."""
    from cccc_tui.config.paths import state_folder

    ids = endpoint_ids(given)
    if ids is None:
        return EXIT_USAGE
    chosen = list(ids) if given.get("all") else list(dict.fromkeys(given.get("endpoint", ())))
    if problem := _problem(given, chosen, list(ids)):
        complain(f"cccc: {problem}")
        return EXIT_USAGE
    _ask(state_folder(), [ids[name] for name in chosen])
    print(
        _("Forgotten: the failures of {names}. A running cccc notices at once.").format(
            names=", ".join(chosen)
        )
    )
    return EXIT_OK


def _problem(given: Given, chosen: list[str], names: list[str]) -> str:
    from cccc_tui.config.problems import nearest

    if given.get("all") and given.get("endpoint"):
        return _("give names or --all, not both")
    if not chosen:
        return _("whose failures? Give the names of endpoints, or --all.")
    for name in chosen:
        if name not in names:
            guess = nearest(name, names)
            said = _("there is no endpoint {name}; there are {names}").format(
                name=name, names=", ".join(names) or _("none")
            )
            return f"{said}; " + _("did you mean {guess}?").format(guess=guess) if guess else said
    return ""


def _ask(folder: Path, endpoint_ids: list[str]) -> None:
    from cccc_tui.engine.memory import FILE_NAME
    from cccc_tui.state.database import Database
    from cccc_tui.state.health import HealthStore

    database = Database(folder / FILE_NAME)
    database.open()
    store = HealthStore(database)
    for endpoint_id in endpoint_ids:
        store.ask_reset(endpoint_id)
    database.close()
