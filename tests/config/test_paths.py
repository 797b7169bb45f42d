import stat
from pathlib import Path

import platformdirs
import pytest

from cccc_tui.config.paths import find_config, make_private_folder, state_folder, user_config, write_private


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_a, **_k: str(tmp_path / "config" / "cccc"))
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda *_a, **_k: str(tmp_path / "state" / "cccc"))
    monkeypatch.delenv("CCCC_CONFIG", raising=False)
    monkeypatch.delenv("CCCC_STATE", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_users_own_file_comes_last(tmp_path):
    assert find_config() == user_config() == tmp_path / "config" / "cccc" / "config.yaml"


def test_a_file_in_the_working_folder_comes_before_it(tmp_path):
    (tmp_path / "work" / "config.yaml").touch()
    assert find_config() == tmp_path / "work" / "config.yaml"


def test_the_environment_comes_before_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "work" / "config.yaml").touch()
    monkeypatch.setenv("CCCC_CONFIG", str(tmp_path / "named.yaml"))
    assert find_config() == tmp_path / "named.yaml"


def test_what_the_command_line_says_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("CCCC_CONFIG", str(tmp_path / "named.yaml"))
    assert find_config(Path("mine.yaml")) == Path("mine.yaml")


def test_the_state_folder_is_private(tmp_path, monkeypatch):
    assert state_folder() == tmp_path / "state" / "cccc"
    assert mode(tmp_path / "state" / "cccc") == mode(tmp_path / "state") == 0o700
    monkeypatch.setenv("CCCC_STATE", str(tmp_path / "mine"))
    assert state_folder() == tmp_path / "mine"


def test_a_folder_that_exists_keeps_its_mode(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    make_private_folder(tmp_path / "open" / "inner")
    assert mode(tmp_path / "open") == 0o755
    assert mode(tmp_path / "open" / "inner") == 0o700


def test_a_file_in_the_way_of_a_folder_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        make_private_folder(tmp_path / "file")


def test_a_private_file_is_for_its_owner_alone_and_replaces_the_old_one(tmp_path):
    path = tmp_path / "new" / "config.yaml"
    write_private(path, "a: 1\n")
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.chmod(0o644)
    write_private(path, "b: ü\n")
    assert path.read_text(encoding="utf-8") == "b: ü\n"
    assert mode(path) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["config.yaml"]
