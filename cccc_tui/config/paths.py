"""Where the configuration and the state are, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path

import platformdirs

_APP = "cccc"


def find_config(explicit: Path | None = None) -> Path:
    """The configuration file: `--config`, `$CCCC_CONFIG`, `./config.yaml` if it is there, the user's own.

    The file need not exist.
    """
    if explicit is not None:
        return explicit.expanduser()
    if named := os.environ.get("CCCC_CONFIG"):
        return Path(named).expanduser()
    here = Path("config.yaml")
    return here.absolute() if here.is_file() else user_config()


def user_config() -> Path:
    """Where a first configuration is written."""
    return Path(platformdirs.user_config_dir(_APP, appauthor=False)) / "config.yaml"


def state_folder() -> Path:
    """The folder of what must survive a restart: `$CCCC_STATE`, else the system's own.

    It is made, 0700, if it is not there. Raises `OSError` when it cannot be made.
    """
    named = os.environ.get("CCCC_STATE")
    folder = Path(named).expanduser() if named else Path(platformdirs.user_state_dir(_APP, appauthor=False))
    make_private_folder(folder)
    return folder


def make_private_folder(folder: Path) -> None:
    """Makes the folder, its missing parents too, each for its owner alone; one that exists keeps its mode."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all; its folder is made where missing."""
    make_private_folder(path.parent)
    replace_bytes(path, text.encode(), 0o600)


def replace_bytes(path: Path, data: bytes, mode: int) -> None:
    """Puts `data` in the place of `path` in one step; a reader sees the old file or the new one.

    A symbolic link stays one: what it points at is replaced. The new file is on the disk before it takes the
    name, so that a power cut leaves no empty file.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=_prefix(target), suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        _keep_owner(temporary, target)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):  # the reason is on its way already
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def drop_leftovers(path: Path) -> None:
    """Removes what a write of `path` has left beside it that was ended in the middle; nobody may be writing it now."""
    target = path.resolve()
    for leftover in target.parent.glob(f"{glob.escape(_prefix(target))}*.tmp"):
        leftover.unlink(missing_ok=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.cccc-"


def _keep_owner(temporary: Path, target: Path) -> None:
    """A file edited with sudo still belongs to its owner afterwards."""
    if os.name != "posix" or not target.exists():
        return
    old, new = target.stat(), temporary.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(PermissionError):  # only root may give files away; then it becomes ours
            os.chown(temporary, old.st_uid, old.st_gid)


def _sync_folder(folder: Path) -> None:
    """Makes the new name last; Windows cannot open folders, and does not need it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
