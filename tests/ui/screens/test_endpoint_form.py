"""The form of an endpoint, driven by keys, on a real configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui.ui.screens.endpoint_form import EndpointFormScreen
from cccc_tui.ui.screens.endpoints import EndpointsScreen
from tests.fakes.control import FakeControl
from tests.ui.conftest import WIDE, press, settle

FILE = """# mine
endpoints:
  - name: anthropic-main   # the best
    url: https://api.anthropic.com   # why
    auth_value: env:MY_KEY
    tags: [work]
    model_rewrite:
      enabled: true
      rules:
        - {source_pattern: claude-haiku-*, target_model: glm-5-air}
        - {source_pattern: claude-*, target_model: glm-5}
"""


@pytest.fixture
def config(tmp_path: Path, control: FakeControl) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    control.changed_status = {"config_path": str(path)}
    return path


async def test_an_endpoint_at_80_columns(make_app, snap, config):
    await snap(make_app(), "3", "m", "G")


async def test_a_new_endpoint_at_140_columns_says_what_is_missing(make_app, snap, config):
    await snap(make_app(), "3", "a", size=WIDE)


async def test_a_change_is_written_and_u_gives_back_the_same_bytes(make_app, config, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "3", "m", "j", "j", "enter", *"/v2", "enter")  # the URL
        await press(pilot, "G", "less_than_sign", "j", "d")  # the second rule goes first, the other one out
        await press(pilot, "A")
        assert isinstance(app.screen, EndpointsScreen)
        assert "url: https://api.anthropic.com/v2   # why" in config.read_text()
        assert "rules:\n        - {source_pattern: claude-*, target_model: glm-5}\n" in config.read_text()
        assert "haiku" not in config.read_text()
        assert "auth_value: env:MY_KEY" in config.read_text()
        assert ("reload_config",) in control.calls
        await press(pilot, "u")
        assert config.read_text() == FILE


async def test_a_new_one_is_checked_as_it_is_typed_and_its_key_is_stored_unseen(make_app, config, own_home):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "3", "a", "A")
        assert app.messages[-1] == ("error", "Name: an endpoint needs a name")
        await press(pilot, "enter", *"relay", "enter")
        await press(pilot, "j", "j", "enter", *"relay.example", "enter")
        assert not isinstance(app.screen, EndpointFormScreen)  # the question is still there
        await press(pilot, "home", *"https://", "enter")
        await press(pilot, "j", "enter", *"encrypted", "enter", *"sk-very-secret", "enter", "A")
    added = config.read_text().removeprefix(FILE)
    assert "name: relay" in added and "url: https://relay.example" in added
    assert "auth_value: keyring:relay" in added and "sk-very-secret" not in added
    assert (own_home / ".config" / "cccc" / "keys.enc").stat().st_mode & 0o777 == 0o600


async def test_what_was_typed_is_not_lost_without_a_question(make_app, config):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "3", "m", "escape")
        assert isinstance(app.screen, EndpointsScreen)
        await press(pilot, "m", "G", "d", "escape", "n")
        assert isinstance(app.screen, EndpointFormScreen)
        await press(pilot, "escape", "y")
        assert isinstance(app.screen, EndpointsScreen)
        assert config.read_text() == FILE
