"""The steps of the connect screen, on real files of a home folder of their own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cccc_tui.connect.clients import Gateway
from cccc_tui.ui import client_setup
from cccc_tui.ui.client_setup import first_choice, gateway_for, look, take_back, write
from tests.fakes.control import FakeControl

GATEWAY = Gateway("http://127.0.0.1:8080")


@pytest.fixture(autouse=True)
def nothing_installed(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(own_home))


@pytest.mark.parametrize("client", ["claude", "codex"])
def test_a_client_is_connected_and_put_back(client):
    choice = first_choice(client, GATEWAY)
    picture = look(choice, {})
    report = write(picture.plan)
    assert report.is_ok and "Written" in report.sentences[0]
    connected = look(choice, {})
    assert connected.standing.is_connected and not connected.plan.is_changed
    assert "already" in write(connected.plan).sentences[0]
    assert take_back(connected.standing.path).sentences[0].startswith("Put back")
    assert not connected.standing.path.exists()
    assert "has not written" in take_back(connected.standing.path).sentences[0]


def test_what_the_owner_has_changed_since_stays_and_is_named():
    picture = look(first_choice("claude", GATEWAY), {})
    write(picture.plan)
    path = picture.standing.path
    path.write_text(path.read_text().replace("600000", "1"))
    assert "API_TIMEOUT_MS" in take_back(path).sentences[1]


def test_a_file_that_has_changed_since_it_was_shown_is_not_written():
    picture = look(first_choice("codex", GATEWAY), {})
    picture.standing.path.parent.mkdir()
    picture.standing.path.write_text("# mine\n")
    report = write(picture.plan)
    assert not report.is_ok and "changed by someone else" in report.sentences[0]


def test_without_a_program_there_is_nothing_to_run():
    assert "not in PATH" in client_setup.try_client(first_choice("codex", GATEWAY)).sentences[0]


def test_the_address_comes_from_the_engine_or_else_from_its_configuration(tmp_path):
    status = FakeControl().status()
    assert gateway_for(status) == GATEWAY
    config = tmp_path / "config.yaml"
    config.write_text("server: {port: 9123}\nendpoints: []\n")
    silent = msgspec.structs.replace(status, address="", config_path=str(config))
    assert gateway_for(silent).url == "http://127.0.0.1:9123"
