from pathlib import Path

import pytest

from cccc_tui.cli.endpoints import endpoint_ids


def test_endpoints_are_known_by_name_in_the_order_of_the_file(tmp_path: Path):
    config = tmp_path / "config.yaml"
    config.write_text("endpoints:\n- {name: b, url: http://b}\n- {name: a, url: http://a}\n")
    ids = endpoint_ids({"config": config})
    assert ids is not None
    assert list(ids) == ["b", "a"]
    assert len(set(ids.values())) == 2


def test_a_file_with_errors_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = tmp_path / "config.yaml"
    config.write_text("endpoints: 3\n")
    assert endpoint_ids({"config": config}) is None
    assert "`cccc check` lists them" in capsys.readouterr().err
