"""The keyring of a Linux desktop, for real: gnome-keyring on a D-Bus of its own, started and unlocked by the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.program import clean_environment

pytestmark = pytest.mark.system

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
SECRET = "sk-of-the-keyring-0123456789"

IN_A_SESSION = """
set -e
eval "$(printf 'unlocked\\n' | gnome-keyring-daemon --unlock --components=secrets)"
{commands}
"""


@pytest.fixture
def in_session(tmp_path: Path):
    """Runs shell commands in a D-Bus session with an unlocked keyring; what they print."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        why = f"not installed: {', '.join(missing)} (on Debian: apt install dbus gnome-keyring)"
        if os.environ.get("CI") == "true" and shutil.which("apt-get"):
            pytest.fail(why)
        pytest.skip(why)

    def run(commands: str) -> str:
        script = IN_A_SESSION.format(commands=commands.replace("CCCC", f"{sys.executable} -m cccc_tui"))
        environment = {
            name: value
            for name, value in clean_environment(tmp_path).items()
            if name not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY")
        }
        ended = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", script],
            env=environment
            | {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def test_a_key_is_kept_found_and_forgotten_in_the_real_keyring(in_session, tmp_path: Path):
    told = in_session(
        f"printf '{SECRET}\\n' | CCCC key set mine\nCCCC key list\nCCCC key get mine\n"
        "CCCC key delete mine\nCCCC key list"
    )
    assert "Kept in the keyring" in told
    assert "mine  keyring" in told
    assert SECRET in told
    assert told.rstrip().endswith("No key is kept here.")
    ours = [path for path in tmp_path.rglob("*") if path.is_file() and "cccc" in str(path)]
    assert all(SECRET.encode() not in path.read_bytes() for path in ours)


def test_a_key_of_the_real_keyring_is_what_an_endpoint_would_get(in_session, tmp_path: Path):
    config = tmp_path / "config.yaml"
    config.write_text(
        "endpoints:\n  - name: one\n    url: https://one.example\n    auth_value: keyring:mine\n"
    )
    config.chmod(0o600)
    check = f"CCCC check --config {config}"
    told = in_session(f"{check}\nprintf '{SECRET}\\n' | CCCC key set mine --store keyring\n{check}")
    before, _kept, after = told.partition("Kept in the keyring")
    assert "is not there: cccc key set mine" in before
    assert "no problems" in after
