"""Writing that goes wrong: ended in the middle, no room, no right, two at once. Nothing may be lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cccc_tui.connect import apply as applying
from cccc_tui.connect.apply import apply
from cccc_tui.connect.plan import PlanRefused
from cccc_tui.connect.records import find_record, records
from cccc_tui.connect.undo import apply_undo, plan_undo
from tests.fakes.client_files import ELSEWHERE, plan_for

ROOT = Path(__file__).parents[2]
OWN = '{\n  "theme": "dark" // mine\n}\n'

ENDS_AT_STEP = """
import os, signal, sys
from pathlib import Path
from tests.fakes.client_files import ELSEWHERE, plan_for
from cccc_tui.connect.apply import apply

plan = plan_for(Path(sys.argv[1]), ELSEWHERE, model="second")
steps = int(sys.argv[2])

def step(event, arguments):
    global steps
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "fcntl.flock"):
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
apply(plan)
"""


def ends_at(step: int, path: Path) -> bool:
    """Applies a plan in a process that is killed at its n-th touch of the disk; whether it came so far."""
    command = [sys.executable, "-c", ENDS_AT_STEP, str(path), str(step)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
@pytest.mark.parametrize("is_connected", [False, True], ids=["first", "second"])
def test_whenever_it_is_killed_the_file_is_whole_and_goes_back(is_connected: bool, tmp_path: Path):
    path = tmp_path / "client" / "settings.json"
    path.parent.mkdir()
    step = 0
    while True:
        step += 1
        path.write_text(OWN)
        if is_connected:
            apply(plan_for(path))
        connected = path.read_bytes()
        was_killed = ends_at(step, path)
        assert path.read_bytes() in (connected, plan_for(path, ELSEWHERE, model="second").files[0].after)
        if record := find_record(path):
            apply_undo(plan_undo(record))
        assert path.read_text() == OWN
        left = [each.name for each in path.parent.iterdir() if each != path]
        # What is left at most is the backup that was made before anything else.
        assert all(name.startswith("settings.json.backup-") for name in left) or find_record(path) is None
        for each in path.parent.iterdir():
            each.unlink()
        assert records() == ()
        if not was_killed:
            break
    assert step > 10


def test_what_was_left_by_a_killed_write_goes_with_the_next_one(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text(OWN)
    (tmp_path / ".settings.json.cccc-ab12cd34.tmp").write_text("half of a sec")
    apply(plan_for(path))
    assert not list(tmp_path.glob(".*"))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch):
    """From the n-th write on there is no room."""

    real = applying.replace_bytes

    def set_in(writes: int) -> None:
        left = iter(range(writes))

        def write(path: Path, data: bytes, mode: int) -> None:
            if next(left, None) is None:
                raise OSError(28, "No space left on device")
            real(path, data, mode)

        for module in ("apply", "records", "undo"):
            monkeypatch.setattr(f"cccc_tui.connect.{module}.replace_bytes", write)

    return set_in


@pytest.mark.parametrize("writes", [0, 1, 2])
@pytest.mark.parametrize("is_connected", [False, True], ids=["first", "second"])
def test_a_full_disk_changes_nothing_and_is_said(writes: int, is_connected: bool, tmp_path: Path, full_disk):
    path = tmp_path / "settings.json"
    path.write_text(OWN)
    if is_connected:
        apply(plan_for(path))
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    full_disk(writes)
    with pytest.raises(PlanRefused, match=r"settings\.json cannot be written: No space.*Nothing is changed"):
        apply(plan_for(path, ELSEWHERE))
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before
    full_disk(1000)
    for record in records():
        apply_undo(plan_undo(record))
    assert path.read_text() == OWN


def test_a_folder_that_was_made_in_vain_is_gone_again(tmp_path: Path, full_disk):
    full_disk(1)
    with pytest.raises(PlanRefused):
        apply(plan_for(tmp_path / "new" / "deeper" / "config.toml"))
    assert not (tmp_path / "new").exists()
    assert records() == ()


def test_a_full_disk_holds_up_the_way_back_and_is_said(tmp_path: Path, full_disk):
    path = tmp_path / "settings.json"
    path.write_text(OWN)
    apply(plan_for(path))
    (record,) = records()
    plan, connected = plan_undo(record), path.read_bytes()
    full_disk(0)
    with pytest.raises(PlanRefused, match="No space left"):
        apply_undo(plan)
    assert path.read_bytes() == connected
    assert records() == (record,)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_changes_nothing_and_is_said(tmp_path: Path):
    path = tmp_path / "client" / "settings.json"
    path.parent.mkdir()
    path.write_text(OWN)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(PlanRefused, match="cannot be written: Permission denied"):
            apply(plan_for(path))
    finally:
        path.parent.chmod(0o700)
    assert path.read_text() == OWN
    assert records() == ()


def test_of_several_at_once_one_writes_and_the_others_are_told(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text(OWN)
    plans = [plan_for(path, model=f"model-{number}") for number in range(8)]

    def attempt(plan) -> bool:
        try:
            apply(plan)
        except PlanRefused as refused:
            assert "changed by someone else" in str(refused)
            return False
        return True

    with ThreadPoolExecutor(len(plans)) as pool:
        written = list(pool.map(attempt, plans))
    assert written.count(True) == 1
    assert f'"model-{written.index(True)}"' in path.read_text()
    (record,) = records()
    apply_undo(plan_undo(record))
    assert path.read_text() == OWN
    assert list(tmp_path.iterdir()) == [path]
