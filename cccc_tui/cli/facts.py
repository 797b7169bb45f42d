"""`cccc facts`: what endpoints have taught, to be read, fixed, forgotten, and carried to another machine.

Works on the state database. A running cccc notices within about a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    Given,
    add_command,
    add_config,
    complain,
)
from cccc_tui.cli.endpoints import endpoint_ids
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.engine.control import FactStatus, Outcome
    from cccc_tui.engine.fact_book import FactBook


def add_commands(commands: Commands) -> None:
    facts = add_command(commands, "facts", _("what endpoints have taught, and how to take it back"))
    actions = facts.add_subparsers(dest="action", required=True, metavar=_("action"))
    listed = add_command(actions, "list", _("every fact, with what the endpoint said"))
    listed.add_argument("--json", action="store_true", help=_("as JSON"))
    add_config(listed)
    for action, text in (
        ("undo", _("forget a fact; the endpoint may teach it again")),
        ("pin", _("fix a fact: it neither expires nor changes")),
        ("unpin", _("let a fixed fact expire and change again")),
    ):
        parser = add_command(actions, action, text)
        parser.add_argument("endpoint", metavar=_("ENDPOINT"))
        parser.add_argument("name", metavar=_("NAME"), help=_("as `cccc facts list` shows it"))
        parser.add_argument("--model", metavar=_("MODEL"), help=_("the model that it holds for"))
        add_config(parser)
    exported = add_command(actions, "export", _("print all facts as JSON"))
    add_config(exported)
    imported = add_command(actions, "import", _("take up exported facts of endpoints of the same name"))
    imported.add_argument("file", metavar=_("FILE"), help=_("an export; - reads it from stdin"))
    add_config(imported)


def run(given: Given) -> int:
    """`cccc facts …`."""
    import asyncio

    from cccc_tui.config.paths import state_folder

    ids = endpoint_ids(given)
    if ids is None:
        return EXIT_USAGE
    names = {endpoint_id: name for name, endpoint_id in ids.items()}
    return asyncio.run(_with_book(state_folder(), names, lambda book: _act(book, given)))


async def _with_book(folder: Path, names: dict[str, str], act: Callable[[FactBook], int]) -> int:
    import asyncio

    from cccc_tui.engine.fact_book import FactBook
    from cccc_tui.engine.memory import FILE_NAME
    from cccc_tui.state.database import Database
    from cccc_tui.state.facts import FactStore

    database = Database(folder / FILE_NAME)
    await asyncio.to_thread(database.open)
    try:
        store = FactStore(database)
        await store.load()
        return act(FactBook(store, lambda: names))
    finally:
        await asyncio.to_thread(database.close)


def _act(book: FactBook, given: Given) -> int:
    match given["action"]:
        case "list":
            return _list(book, given)
        case "export":
            print(book.export(), end="")
            return EXIT_OK
        case "import":
            file = given["file"]
            text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8", "replace")
            return _told(book.take_in(text))
        case "undo":
            return _told(book.undo(given["endpoint"], given.get("model", ""), given["name"]))
    pinned = given["action"] == "pin"
    return _told(book.pin(given["endpoint"], given.get("model", ""), given["name"], pinned))


def _list(book: FactBook, given: Given) -> int:
    facts = book.list()
    if given.get("json"):
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(facts)).decode())
        return EXIT_OK
    for fact in facts:
        print("\n".join(_lines(fact)))
    if not facts:
        print(_("Nothing has been learned yet."))
    return EXIT_OK


def _lines(fact: FactStatus) -> list[str]:
    place = f"{fact.endpoint}  {fact.model}" if fact.model else fact.endpoint
    because = _("because")
    return [
        f"{place}  {fact.name} = {fact.value}  ({_until(fact)})",
        f"    {because}: {fact.evidence}",
    ]


def _until(fact: FactStatus) -> str:
    if fact.pinned:
        return _("fixed")
    if fact.expires_at is None:
        return _("does not expire")
    return _("until {date}").format(date=time.strftime("%Y-%m-%d", time.localtime(fact.expires_at)))


def _told(outcome: Outcome) -> int:
    if outcome.done:
        print(outcome.message)
        return EXIT_OK
    complain(f"cccc: {outcome.message}")
    return EXIT_FAILED
