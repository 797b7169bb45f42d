"""Every action of the control center, in one table.

From this table come the bindings, the key bar, the help screen, the command palette and the page docs/keys.md,
so none of them can say something else. An action `requests.copy` calls the method
`action_requests_copy` of the screen (or the app, for scope `app`) that is on top. The same letter means the
same thing on every screen.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from textual.binding import Binding, BindingType

from cccc_tui.locales import N_

Scope = Literal[
    "app", "list", "overview", "requests", "exchange", "endpoints", "form", "log", "facts", "connect"
]
"""Where the key works: everywhere, in every list, or on one screen."""


class Action(NamedTuple):
    id: str
    """Stable name, used in the keymap of the configuration."""
    keys: str
    """Default keys, comma-separated, in Textual's spelling; the first one is shown."""
    scope: Scope
    label: str
    """Two words for the footer and the palette."""
    help: str
    """A sentence for the help screen."""
    in_footer: bool = False
    changes: bool = False
    """Whether it changes something (blocked when read-only)."""


ACTIONS: tuple[Action, ...] = (
    Action("app.help", "question_mark,f1", "app", N_("Help"), N_("Show the keys of this screen."), True),
    Action("app.palette", "ctrl+p,colon", "app", N_("Commands"), N_("Find any action by words."), True),
    Action("app.overview", "1", "app", N_("Overview"), N_("Go to the overview.")),
    Action("app.requests", "2", "app", N_("Requests"), N_("Go to the live list of requests.")),
    Action("app.endpoints", "3", "app", N_("Endpoints"), N_("Go to the endpoints.")),
    Action("app.log", "4", "app", N_("Log"), N_("Go to the log.")),
    Action("app.facts", "5", "app", N_("Facts"), N_("Go to what endpoints have taught.")),
    Action("app.connect", "w", "app", N_("Connect"), N_("Lead Claude Code or Codex to cccc, or back.")),
    Action("app.back", "escape", "app", N_("Back"), N_("Leave the filter, the detail or the screen.")),
    Action("app.quit", "q,ctrl+q", "app", N_("Quit"), N_("Go back; at the top, ask and stop cccc."), True),
    Action(
        "app.interrupt", "ctrl+c", "app", N_("Stop"), N_("Copy the selected text; pressed twice, stop cccc.")
    ),
    Action("app.theme", "ctrl+t", "app", N_("Theme"), N_("Switch to the next theme.")),
    Action("app.copy_address", "c", "app", N_("Copy address"), N_("Copy the base URL for clients.")),
    Action("app.reload", "ctrl+r", "app", N_("Reload"), N_("Read the configuration again."), changes=True),
    Action("list.down", "j,down", "list", N_("Down"), N_("Next line.")),
    Action("list.up", "k,up", "list", N_("Up"), N_("Previous line.")),
    Action("list.first", "g,home", "list", N_("First"), N_("First line.")),
    Action("list.last", "G,end", "list", N_("Last"), N_("Last line.")),
    Action("list.page_down", "ctrl+d,pagedown", "list", N_("Page down"), N_("A page down.")),
    Action("list.page_up", "ctrl+u,pageup", "list", N_("Page up"), N_("A page up.")),
    Action("list.open", "enter", "list", N_("Open"), N_("Open the selected line."), True),
    Action("list.filter", "slash", "list", N_("Filter"), N_("Filter the list as you type."), True),
    Action("list.sort", "s", "list", N_("Sort"), N_("Sort by the next column.")),
    Action("list.sort_reverse", "S", "list", N_("Reverse"), N_("Reverse the order of the sort.")),
    Action("requests.follow", "f", "requests", N_("Follow"), N_("Follow the newest request."), True),
    Action("requests.pause", "p", "requests", N_("Pause"), N_("Freeze the list; the proxy goes on."), True),
    Action("requests.copy", "y", "requests", N_("Copy"), N_("Copy the request as curl, its id or its path.")),
    Action(
        "requests.cancel", "x", "requests", N_("Cancel"), N_("Cancel the selected request."), changes=True
    ),
    Action("requests.clear", "ctrl+l", "requests", N_("Clear"), N_("Drop finished requests."), changes=True),
    Action("exchange.next_tab", "right_square_bracket", "exchange", N_("Next tab"), N_("Next part."), True),
    Action(
        "exchange.previous_tab", "left_square_bracket", "exchange", N_("Previous tab"), N_("Previous part.")
    ),
    Action("exchange.copy", "y", "exchange", N_("Copy"), N_("Copy what this part shows."), True),
    Action("exchange.search", "slash", "exchange", N_("Search"), N_("Search in the text."), True),
    Action("exchange.next_hit", "n", "exchange", N_("Next hit"), N_("Next hit of the search.")),
    Action("exchange.previous_hit", "N", "exchange", N_("Previous hit"), N_("Previous hit of the search.")),
    Action(
        "exchange.edit", "e", "exchange", N_("Editor"), N_("Open the text in $EDITOR; the proxy goes on.")
    ),
    Action("exchange.raw", "v", "exchange", N_("Raw"), N_("Switch between formatted and raw."), True),
    Action("endpoints.toggle", "space", "endpoints", N_("On/off"), N_("Enable or disable it."), True, True),
    Action("endpoints.test", "t", "endpoints", N_("Test"), N_("Send a tiny real request."), True, True),
    Action("endpoints.reset", "r", "endpoints", N_("Reset"), N_("Forget its failures."), False, True),
    Action("endpoints.reset_all", "R", "endpoints", N_("Reset all"), N_("Forget all failures."), False, True),
    Action(
        "endpoints.move_up",
        "less_than_sign,shift+up",
        "endpoints",
        N_("Move up"),
        N_("Try it earlier."),
        False,
        True,
    ),
    Action(
        "endpoints.move_down",
        "greater_than_sign,shift+down",
        "endpoints",
        N_("Move down"),
        N_("Try it later."),
        False,
        True,
    ),
    Action("endpoints.add", "a", "endpoints", N_("Add"), N_("Add an endpoint by a form."), True, True),
    Action("endpoints.change", "m", "endpoints", N_("Modify"), N_("Change it in a form."), True, True),
    Action("endpoints.edit", "e", "endpoints", N_("Edit file"), N_("Open the configuration in $EDITOR.")),
    Action(
        "endpoints.undo", "u", "endpoints", N_("Undo"), N_("Take back the last change here."), False, True
    ),
    Action(
        "form.apply",
        "A",
        "form",
        N_("Apply"),
        N_("Write it to the configuration, comments kept."),
        True,
        True,
    ),
    Action("form.add", "a", "form", N_("Add"), N_("Add a rule that rewrites a model's name."), True),
    Action("form.remove", "d", "form", N_("Remove"), N_("Remove the selected rule."), True),
    Action("form.move_up", "less_than_sign,shift+up", "form", N_("Move up"), N_("Let the rule win earlier.")),
    Action(
        "form.move_down",
        "greater_than_sign,shift+down",
        "form",
        N_("Move down"),
        N_("Let the rule win later."),
    ),
    Action("log.level", "l", "log", N_("Level"), N_("Show only lines from this level on."), True),
    Action("log.follow", "f", "log", N_("Follow"), N_("Follow the newest line."), True),
    Action("log.copy", "y", "log", N_("Copy"), N_("Copy the selected line.")),
    Action(
        "facts.forget",
        "d,delete",
        "facts",
        N_("Forget"),
        N_("Forget it: the next request is sent as before it was learned."),
        True,
        True,
    ),
    Action(
        "facts.pin",
        "P",
        "facts",
        N_("Pin"),
        N_("Keep it as it is; again, let it expire and change."),
        True,
        True,
    ),
    Action("facts.undo", "u", "facts", N_("Undo"), N_("Take back the last change here."), False, True),
    Action("facts.copy", "y", "facts", N_("Copy"), N_("Copy the fact, its evidence or its name.")),
    Action("facts.export", "E", "facts", N_("Export"), N_("Write all facts to a file, for another machine.")),
    Action(
        "connect.apply",
        "A",
        "connect",
        N_("Apply"),
        N_("Write what is shown into the client's file; a backup stays beside it."),
        True,
        True,
    ),
    Action("connect.undo", "u", "connect", N_("Undo"), N_("Put back what stood there before."), True, True),
    Action("connect.test", "t", "connect", N_("Test"), N_("Ask cccc as the client would."), True, True),
    Action(
        "connect.next_tab", "right_square_bracket", "connect", N_("Next tab"), N_("The other client."), True
    ),
    Action(
        "connect.previous_tab", "left_square_bracket", "connect", N_("Previous tab"), N_("The other client.")
    ),
    Action(
        "connect.try",
        "T",
        "connect",
        N_("Run client"),
        N_("Run the client once, after a question."),
        False,
        True,
    ),
)

SCOPE_NAMES: dict[Scope, str] = {
    "app": "cccc",
    "list": N_("List"),
    "overview": N_("Overview"),
    "requests": N_("Requests"),
    "exchange": N_("Request"),
    "endpoints": N_("Endpoints"),
    "form": N_("Endpoint form"),
    "log": N_("Log"),
    "facts": N_("Facts"),
    "connect": N_("Connect"),
}
"""What a scope is called in the palette and in help, to be translated."""

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}


def actions_of(scope: Scope, *, with_list: bool = False) -> tuple[Action, ...]:
    """The actions that work on a screen, those of every place (`app`) left out."""
    scopes = (scope, "list") if with_list else (scope,)
    return tuple(action for action in ACTIONS if action.scope in scopes)


def method_of(action_id: str) -> str:
    """Name of the method that does it: `requests.copy` is `action_requests_copy`."""
    return "action_" + action_id.replace(".", "_")


def bindings_of(scope: Scope, *, with_list: bool = False) -> list[BindingType]:
    """Textual's bindings for a screen, or for the app itself."""
    return [_binding(action) for action in actions_of(scope, with_list=with_list)]


def _binding(action: Action) -> Binding:
    # ctrl+c must stop cccc wherever the focus is, in a text field too.
    first = action.id == "app.interrupt"
    does = f"app.perform('{action.id}')"
    return Binding(action.keys, does, action.label, id=action.id, show=False, priority=first)
