"""The action table: every key does one thing, everywhere the same."""

from __future__ import annotations

from cccc_tui.ui.actions import ACTIONS, BY_ID, SCOPE_NAMES, Action, bindings_of, method_of
from cccc_tui.ui.app import ControlCenter
from cccc_tui.ui.screens.connect import ConnectScreen
from cccc_tui.ui.screens.endpoint_form import EndpointFormScreen
from cccc_tui.ui.screens.endpoints import EndpointsScreen
from cccc_tui.ui.screens.exchange import ExchangeScreen
from cccc_tui.ui.screens.facts import FactsScreen
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.screens.log import LogScreen
from cccc_tui.ui.screens.overview import OverviewScreen
from cccc_tui.ui.screens.requests import RequestsScreen

SCREENS: tuple[type[LiveScreen], ...] = (
    OverviewScreen,
    RequestsScreen,
    ExchangeScreen,
    EndpointsScreen,
    LogScreen,
    FactsScreen,
    ConnectScreen,
    EndpointFormScreen,
)
SWALLOWED_BY_TERMINALS = {"ctrl+s", "ctrl+q", "ctrl+h", "ctrl+i", "ctrl+m", "ctrl+z", "ctrl+j"}
SAME_MEANING = {"Filter": "Search", "Forget": "Remove"}
"""Labels that say the same thing of different places."""


def meaning(action: Action) -> str:
    return SAME_MEANING.get(action.label, action.label)


def test_ids_are_unique_and_begin_with_their_scope():
    assert len(BY_ID) == len(ACTIONS)
    assert [action.id for action in ACTIONS if not action.id.startswith(action.scope + ".")] == []


def test_the_same_key_means_the_same_on_every_screen():
    meanings: dict[str, set[str]] = {}
    for action in ACTIONS:
        for key in action.keys.split(","):
            meanings.setdefault(key, set()).add(meaning(action))
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {"e": {"Editor", "Edit file"}}


def test_every_action_can_be_reached_by_a_key_that_no_terminal_swallows():
    assert [action.id for action in ACTIONS if set(action.keys.split(",")) <= SWALLOWED_BY_TERMINALS] == []


def test_no_change_is_next_to_a_movement_only_by_case():
    movements = {key for action in ACTIONS if action.scope == "list" for key in action.keys.split(",")}
    changes = {key for action in ACTIONS if action.changes for key in action.keys.split(",")}
    assert {key for key in changes if key.swapcase() in movements} == set()


def test_every_action_has_its_method_where_it_works():
    missing = [
        (screen.__name__, action.id)
        for screen in SCREENS
        for action in ACTIONS
        if action.scope != "app" and screen.has_action(action) and not hasattr(screen, method_of(action.id))
    ]
    missing += [
        ("app", action.id)
        for action in ACTIONS
        if action.scope == "app" and not hasattr(ControlCenter, method_of(action.id))
    ]
    assert missing == []


def test_every_scope_but_the_common_ones_has_its_screen():
    assert {screen.SCOPE for screen in SCREENS} | {"app", "list"} == set(SCOPE_NAMES)


def test_bindings_carry_the_stable_ids_for_the_keymap():
    assert {binding.id for binding in bindings_of("app")} == {
        action.id for action in ACTIONS if action.scope == "app"
    }
    assert [binding.id for binding in bindings_of("log", with_list=True) if binding.id == "list.down"]


def test_only_ctrl_c_goes_before_a_text_field():
    assert [binding.id for binding in bindings_of("app") if binding.priority] == ["app.interrupt"]


def test_texts_are_short_labels_and_whole_sentences():
    assert [action.id for action in ACTIONS if len(action.label) > 14] == []
    assert [action.id for action in ACTIONS if not action.help.endswith(".")] == []
