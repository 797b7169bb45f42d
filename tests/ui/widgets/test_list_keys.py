"""The keys of a list go to the pane that has the focus."""

import pytest

from cccc_tui.ui.actions import actions_of, method_of
from cccc_tui.ui.widgets.list_keys import ListKeys, pane_of


class FakePane:
    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def move(self, rows: int) -> None:
        self.calls.append(("move", rows))

    def page(self, pages: int) -> None:
        self.calls.append(("page", pages))

    def go(self, row: int) -> None:
        self.calls.append(("go", row))

    def open(self) -> None:
        self.calls.append(("open",))


class Keys(ListKeys):
    def __init__(self, pane: FakePane | None) -> None:
        self._pane = pane

    def pane(self) -> FakePane | None:
        return self._pane


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("list.down", ("move", 1)),
        ("list.up", ("move", -1)),
        ("list.first", ("go", 0)),
        ("list.last", ("go", -1)),
        ("list.page_down", ("page", 1)),
        ("list.page_up", ("page", -1)),
        ("list.open", ("open",)),
    ],
)
def test_each_action_does_its_thing_and_nothing_without_a_pane(action, call):
    pane = FakePane()
    getattr(Keys(pane), method_of(action))()
    assert pane.calls == [call]
    getattr(Keys(None), method_of(action))()


def test_every_list_action_that_a_screen_does_not_write_itself_is_here():
    own = {"list.filter", "list.sort", "list.sort_reverse"}
    shared = {action.id for action in actions_of("overview", with_list=True) if action.scope == "list"} - own
    assert [action for action in shared if not hasattr(ListKeys, method_of(action))] == []


def test_a_widget_that_is_no_pane_gives_way_to_the_fallback():
    fallback = FakePane()
    assert pane_of(None, fallback) is fallback
