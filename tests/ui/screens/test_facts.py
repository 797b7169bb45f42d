"""The facts, driven by keys."""

import json
from pathlib import Path

import pytest

from cccc_tui.engine.control import Outcome
from cccc_tui.ui.screens.facts import FactsScreen
from tests.fakes.control import NOW, FakeControl
from tests.fakes.scenario import fact
from tests.ui.conftest import WIDE, press, settle

TEMPERATURE = ("anthropic-main", "claude-opus-4-5", "param:temperature")


async def at_facts(pilot, *keys: str) -> FactsScreen:
    await settle(pilot)
    await press(pilot, "5", *keys)
    return pilot.app.live_screen


def shown(screen: FactsScreen) -> list[str]:
    return [each.name for each in screen.rows.items]


def panel(screen: FactsScreen) -> str:
    return "\n".join(screen.details.document.texts)


@pytest.mark.parametrize("size", [(80, 24), WIDE, (60, 20)], ids=["80", "140", "60"])
async def test_the_facts_picture(make_app, snap, size):
    await snap(make_app(), "5", "j", size=size)


async def test_the_facts_in_ascii(make_app, snap):
    await snap(make_app(glyphs="ascii"), "5")


async def test_the_facts_without_any(make_app, snap):
    await snap(make_app(control=FakeControl(empty=True)), "5")


async def test_a_terminal_of_40_columns_is_told_to_be_too_small(make_app):
    app = make_app()
    async with app.run_test(size=(40, 20)) as pilot:
        screen = await at_facts(pilot)
        assert screen.has_class("-too-small")


async def test_no_fact_says_what_will_come_here_and_why(make_app):
    app = make_app(control=FakeControl(empty=True))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "d", "P", "y", "E", "u", "enter")
        assert "When an endpoint refuses something" in screen._why_empty()
        said = {text.partition("  ×")[0] for _severity, text in app.messages}
        assert said == {"No fact is selected.", "Nothing has been learned yet.", "Nothing to take back."}


async def test_the_first_fact_that_comes_can_be_worked_on_at_once(make_app):
    control = FakeControl(empty=True)
    app = make_app(control=control)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot)
        control.teach(fact("lacks:tools", "yes"))
        control.advance(1)
        app.pull_now()
        await settle(pilot)
        assert screen.focused is screen.table
        await press(pilot, "enter")
        assert screen.focused is screen.details


async def test_a_forgotten_fact_is_taken_back_by_one_key(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "j", "d")
        assert "param:temperature" not in shown(screen)
        assert control.calls == [("undo_fact", *TEMPERATURE)]
        await press(pilot, "u")
        assert screen.rows.selected.name == "param:temperature"
        assert control.calls[-1] == ("restore_fact", *TEMPERATURE)


async def test_a_fact_is_pinned_and_let_go(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "j", "P")
        assert "not while it is pinned" in panel(screen)
        await press(pilot, "u")
        assert "in 6d" in panel(screen)
        await press(pilot, "k", "P")
        assert control.calls == [
            ("pin_fact", *TEMPERATURE, True),
            ("pin_fact", *TEMPERATURE, False),
            ("pin_fact", "anthropic-main", "", "auth_form", False),
        ]


async def test_a_refusal_is_said_and_nothing_is_there_to_take_back(make_app, control):
    control.outcome = Outcome(done=False, message="There is no such fact.")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "d")
        assert app.messages == [("error", "There is no such fact.")]
        assert len(screen.changes) == 0


async def test_read_only_shows_all_and_changes_nothing(make_app, control):
    app = make_app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "d", "P")
        assert control.calls == []
        assert len(shown(screen)) == 7


async def test_enter_opens_the_request_that_taught_it(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "j")
        assert "#5  enter opens it" in panel(screen)
        await press(pilot, "enter")
        assert (app.screen.SCOPE, app.screen.crumbs()[1]) == ("exchange", "#5")
        await press(pilot, "escape")
        assert app.screen is screen


async def test_where_the_request_is_gone_enter_goes_into_the_text_and_back(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot)
        assert "#1200  is not kept any more" in panel(screen)
        await press(pilot, "enter")
        assert screen.focused is screen.details
        await press(pilot, "enter")
        assert screen.focused is screen.table


async def test_a_request_of_the_same_number_after_a_restart_is_not_the_one(make_app, control):
    control.teach(fact("lacks:tools", "yes", endpoint="aaa", exchange_id=5, last_seen=NOW - 86_400))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "#5  is not kept any more" in panel(await at_facts(pilot))


async def test_words_filter_it_and_esc_clears_them(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "slash", *"llama image")
        assert shown(screen) == ["lacks:images"]
        assert screen.view_state() == "filter"
        await press(pilot, "escape")
        assert len(shown(screen)) == 7
        await press(pilot, "slash", *"wumpus")
        assert "No fact has these words" in screen._why_empty()


async def test_s_sorts_by_the_next_column_and_a_second_click_turns_it_round(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, *"sssss")
        assert shown(screen)[0] == "lacks:images"
        await press(pilot, "S")
        assert shown(screen)[-1] == "lacks:images"
        await pilot.click("#table", offset=(4, 0))
        await settle(pilot)
        assert shown(screen)[0] == "auth_form"
        await pilot.click("#table", offset=(4, 0))
        await settle(pilot)
        assert screen.rows.items[0].endpoint == "relay-tokyo"


async def test_what_is_learned_meanwhile_appears_and_the_selection_stays(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "j")
        control.teach(fact("lacks:tools", "yes", endpoint="aaa"))
        control.advance(1)
        app.pull_now()
        assert shown(screen)[0] == "lacks:tools"
        assert screen.rows.selected.name == "param:temperature"


async def test_ten_thousand_are_read_once_and_only_those_on_screen_are_drawn(make_app, control, monkeypatch):
    from cccc_tui.ui.screens import facts

    drawn = []
    draw = facts.fact_cells
    monkeypatch.setattr(facts, "fact_cells", lambda each, *rest: drawn.append(each) or draw(each, *rest))
    control.teach(*(fact("lacks:tools", "yes", model=f"model-{number:05}") for number in range(10_000)))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_facts(pilot, "G")
        assert len(screen.rows.items) == 10_007
        for _beat in range(5):
            control.advance(1)
            app.pull_now()
        await settle(pilot)
        assert control.facts_read == 1
        assert len({each.model for each in drawn}) < 60


async def test_y_copies_the_fact_its_evidence_or_its_name(make_app, monkeypatch):
    copied = []
    app = make_app()
    monkeypatch.setattr(app, "copy", copied.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_facts(pilot, "j", "y", "y", "y", "e", "y", "n")
    evidence = "400 `temperature` is deprecated for this model."
    assert copied == [
        f"anthropic-main, claude-opus-4-5: no temperature ({evidence})",
        evidence,
        "param:temperature",
    ]


async def test_all_facts_are_written_to_a_private_file(make_app, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_facts(pilot, "E")
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text("utf-8"))["cccc_facts"] == 1
    assert path.stat().st_mode & 0o77 == 0
    assert str(path) in app.messages[-1][1]


async def test_a_file_that_cannot_be_written_is_said(make_app, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(Path("/nowhere")))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_facts(pilot, "E")
    severity, text = app.messages[-1]
    assert (severity, text.startswith("The facts could not be written: ")) == ("error", True)


async def test_help_says_what_a_fact_is(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "found out anew" in (await at_facts(pilot)).pane_help()
