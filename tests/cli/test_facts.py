import io
import json
import sys
from pathlib import Path

import pytest

from cccc_tui.cli import main
from cccc_tui.config.paths import state_folder
from cccc_tui.config.schema import Endpoint
from cccc_tui.engine.memory import FILE_NAME
from cccc_tui.engine.routing_table import endpoint_id
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore

URL = "https://one.example"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    path = tmp_path / "config.yaml"
    path.write_text(f"endpoints: [{{name: one, url: '{URL}', auth_value: sk-secret}}]\n")
    database = Database(state_folder() / FILE_NAME)
    database.open()
    id_ = endpoint_id(Endpoint(name="one", url=URL))
    FactStore(database).learn(id_, "m", "param:top_k", "drop", evidence="400 top_k: not supported")
    database.close()
    return path


def facts(config: Path, *arguments: str) -> int:
    return main(["facts", *arguments, "--config", str(config)])


def test_facts_are_listed_with_what_the_endpoint_said(config, capsys):
    assert facts(config, "list") == 0
    said = capsys.readouterr().out
    assert "one  m  param:top_k = drop  (does not expire)" in said
    assert "because: 400 top_k: not supported" in said


def test_facts_are_listed_as_json(config, capsys):
    assert facts(config, "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "param:top_k"


def test_a_fact_is_fixed_and_let_go(config, capsys):
    assert facts(config, "pin", "one", "param:top_k", "--model", "m") == 0
    facts(config, "list")
    assert "(fixed)" in capsys.readouterr().out
    assert facts(config, "unpin", "one", "param:top_k", "--model", "m") == 0
    facts(config, "list")
    assert "(fixed)" not in capsys.readouterr().out


def test_a_fact_is_forgotten(config, capsys):
    assert facts(config, "undo", "one", "param:top_k", "--model", "m") == 0
    assert facts(config, "list") == 0
    assert "Nothing has been learned yet." in capsys.readouterr().out


def test_what_is_not_there_is_said_to_be_missing(config, capsys):
    assert facts(config, "undo", "one", "param:top_k") == 1
    assert "There is no fact 'param:top_k' of one" in capsys.readouterr().err


def test_an_export_is_taken_up_again(config, capsys, tmp_path, monkeypatch):
    assert facts(config, "export") == 0
    text = capsys.readouterr().out
    assert "sk-secret" not in text
    facts(config, "undo", "one", "param:top_k", "--model", "m")
    (tmp_path / "facts.json").write_text(text)
    assert facts(config, "import", str(tmp_path / "facts.json")) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert facts(config, "import", "-") == 0
    capsys.readouterr()
    facts(config, "list")
    assert "param:top_k" in capsys.readouterr().out


def test_a_file_that_is_no_export_is_refused(config, capsys, tmp_path):
    (tmp_path / "x").write_text("no")
    assert facts(config, "import", str(tmp_path / "x")) == 1
    assert "this is no export of facts" in capsys.readouterr().err


def test_a_broken_configuration_is_said(config, capsys):
    config.write_text("endpoints: 7")
    assert facts(config, "list") == 2
    assert "cccc check" in capsys.readouterr().err
