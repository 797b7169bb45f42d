from __future__ import annotations

import stat
import subprocess
import sys
import threading

from cccc_tui.config.locks import locked
from cccc_tui.config.paths import state_folder

HOLDS = """
import sys
from cccc_tui.config.locks import locked
with locked("test"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_who_comes_second_waits_until_the_first_is_done_or_dead(own_home):
    first = subprocess.Popen([sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout is not None and first.stdout.readline() == b"held\n"
    got = threading.Event()

    def second() -> None:
        with locked("test"):
            got.set()

    thread = threading.Thread(target=second)
    thread.start()
    with locked("another"):
        assert not got.is_set()
    first.kill()
    first.communicate()
    thread.join(10)
    assert got.is_set()


def test_a_lock_is_for_its_owner_alone(own_home):
    with locked("test"):
        assert stat.S_IMODE((state_folder() / "test.lock").stat().st_mode) == 0o600
