"""The control center as a person uses it, on a fake engine."""

from __future__ import annotations

import logging

import pytest
from textual.widgets import Input

from cccc_tui.engine.control import Outcome
from cccc_tui.ui.app import quit_question
from cccc_tui.ui.screens.confirm import ConfirmScreen, Question
from cccc_tui.ui.screens.help import HelpScreen
from cccc_tui.ui.widgets.banner import Banner
from tests.fakes.control import FakeControl
from tests.ui.conftest import press, settle


def said(app) -> list[str]:
    return [text for _severity, text in app.messages]


async def test_the_number_keys_go_to_the_places_and_a_place_is_found_as_it_was_left(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screens = {}
        for key, place in zip("12345", ("overview", "requests", "endpoints", "log", "facts"), strict=True):
            await press(pilot, key)
            assert app.current_mode == place
            screens[key] = app.screen
        await press(pilot, "2")
        assert app.screen is screens["2"]


async def test_a_detail_stays_open_behind_another_place_and_its_own_key_leaves_it(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2", "enter")
        detail = app.screen
        assert detail.SCOPE == "exchange"
        await press(pilot, "3", "2")
        assert app.screen is detail
        await press(pilot, "2")
        assert app.screen.SCOPE == "requests"


async def test_q_leaves_a_detail_and_asks_only_at_the_top(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2", "enter")
        await press(pilot, "q")
        assert app.screen.SCOPE == "requests"
        await press(pilot, "q")
        assert isinstance(app.screen, ConfirmScreen)


async def test_enter_on_the_question_keeps_cccc_running_and_y_stops_it(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "q", "enter")
        assert app.is_running and not isinstance(app.screen, ConfirmScreen)
        await press(pilot, "q", "y")
    assert app.return_code == 0
    assert not app.is_running


async def test_ctrl_c_stops_it_only_the_second_time_within_three_seconds(make_app, control):
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "ctrl+c")
        await pilot.pause()
        assert app.is_running
        assert said(app) == ["Press ctrl+c again to stop cccc."]
        control.advance(10)
        await press(pilot, "ctrl+c")
        await pilot.pause()
        assert app.is_running
        await press(pilot, "ctrl+c")
        await pilot.pause()
        assert not app.is_running


async def test_ctrl_c_works_in_a_text_field_and_in_a_dialog(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2", "slash")
        assert isinstance(app.focused, Input)
        await pilot.press("ctrl+c", "ctrl+c")
        await pilot.pause()
        assert not app.is_running


def test_the_question_counts_what_is_in_flight_and_names_the_address(control):
    question = quit_question(control.status())
    assert "3 requests are in flight." in question.text
    assert "http://127.0.0.1:8080" in question.text
    assert "in flight" not in quit_question(FakeControl(empty=True).status()).text


async def test_read_only_refuses_changes_and_says_why(make_app, control):
    app = make_app(read_only=True)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "3", "space", "ctrl+r")
        assert control.calls == []
        assert {"Read-only: On/off is not possible.", "Read-only: Reload is not possible."} <= set(said(app))
        assert "Read-only" in str(app.screen.query_one(Banner).content)


async def test_reload_says_what_it_did(make_app, control):
    control.outcome = Outcome(done=True, message="Reloaded: 2 changes.")
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "ctrl+r")
        assert control.calls == [("reload_config",)]
        assert said(app) == ["Reloaded: 2 changes."]


async def test_a_refusal_is_shown_as_an_error_and_stands_in_the_log_too(make_app, control, caplog):
    control.outcome = Outcome(done=False, message="config.yaml:3: no such key.")
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "ctrl+r")
        assert app.messages == [("error", "config.yaml:3: no such key.")]
    assert ("cccc_tui.ui", logging.ERROR, "config.yaml:3: no such key.") in caplog.record_tuples


async def test_a_new_error_notice_comes_up_once_and_esc_dismisses_it(make_app, control):
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        control.notices.add(control.time, "error", "health", "relay down [/b]")
        control.notices.add(control.time, "info", "health", "not worth a toast")
        app.pull_now()
        app.pull_now()
        await pilot.pause()
        assert app.messages == [("error", "health: relay down [/b]")]
        assert len(app._notifications) == 1
        await press(pilot, "escape")
        await pilot.pause()
        assert len(app._notifications) == 0


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"banner": "config.yaml:14: no such key"}, "config.yaml:14"),
        ({"address": "http://0.0.0.0:8080"}, "Anyone who can reach this machine"),
        ({"demo": True}, "demo"),
    ],
)
async def test_lasting_conditions_stand_in_the_banner(make_app, control, fields, says):
    control.changed_status = fields
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        banner = app.screen.query_one(Banner)
        assert banner.display
        assert says in str(banner.content)


async def test_the_keymap_of_the_configuration_is_used_and_its_problems_are_said(make_app):
    app = make_app(keymap={"app.log": "0", "app.nothing": "x"})
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "0")
        assert app.current_mode == "log"
        await press(pilot, "1", "4")
        assert app.current_mode == "overview"
        assert any("app.nothing" in text for text in said(app))


async def test_an_unknown_theme_falls_back_with_a_sentence(make_app):
    app = make_app(theme="pinkish")
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.pause()
        assert app.theme == "cccc-dark"
        assert any("pinkish" in text for text in said(app))


async def test_sixteen_colours_take_the_terminals_own_theme(make_app, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.setenv("COLORTERM", "")
    assert make_app().theme == "terminal"
    assert make_app(theme="high-contrast").theme == "high-contrast"


async def test_a_saved_theme_is_applied_at_once(make_app, tmp_path):
    folder = tmp_path / "themes"
    folder.mkdir()
    app = make_app(config_path=tmp_path / "config.yaml")
    async with app.run_test(size=(100, 30)) as pilot:
        (folder / "mine.yaml").write_text('name: cccc-dark\nprimary: "#123456"\n')
        app.on_beat()
        await settle(pilot)
        assert app.theme_variables["primary"] == "#123456"


async def test_the_theme_key_goes_through_our_themes(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        seen = []
        for _press in app.own_themes:
            await press(pilot, "ctrl+t")
            seen.append(app.theme)
        assert set(seen) == set(app.own_themes)


async def test_another_language_is_on_all_places_at_once(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "2")
        app.use_language("zh_CN")
        await settle(pilot)
        assert app.current_mode == "requests"
        await press(pilot, "3")
        assert app.screen.crumbs() == ("端点",)


async def test_the_address_is_copied_and_its_absence_said(make_app, control, monkeypatch):
    app = make_app(over_ssh=True)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await press(pilot, "c")
        assert app.clipboard == "http://127.0.0.1:8080"
        control.changed_status = {"address": "", "listening": False}
        await press(pilot, "c")
        assert any("no address" in text for text in said(app))


async def test_a_crash_ends_the_app_with_code_1_and_without_local_variables(make_app, control, caplog):
    app = make_app()

    def fail():
        secret = "-".join(("sk", "never", "shown"))
        raise RuntimeError(f"provoked {len(secret)}")

    with pytest.raises(RuntimeError, match="provoked"):
        async with app.run_test(size=(100, 30)) as pilot:
            control.status = fail
            app.call_later(app.pull_now)
            await pilot.pause()
    assert app.return_code == 1
    assert any("provoked" in record.getMessage() for record in caplog.records)


async def test_help_opens_and_closes_with_the_same_key(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, "question_mark")
        assert not isinstance(app.screen, HelpScreen)


async def test_an_answer_of_no_does_nothing(make_app):
    app = make_app()
    done = []
    async with app.run_test(size=(100, 30)) as pilot:
        app.ask(Question("Drop?", "All of it.", "Drop", "Keep"), lambda: done.append(1))
        await pilot.pause()
        await press(pilot, "n")
        app.ask(Question("Drop?", "All of it.", "Drop", "Keep"), lambda: done.append(2))
        await pilot.pause()
        await press(pilot, "tab", "enter")
    assert done == [2]
