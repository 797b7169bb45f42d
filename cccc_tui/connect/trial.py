"""Runs the installed client once, with a prompt of one line and its own configuration, and says what came of it.

It is started so that it reads the very file that was written: with its profile, in its project. Blocking, as `verify`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cccc_tui.connect.clients import Program, title
from cccc_tui.connect.codex import CodexChoice
from cccc_tui.connect.launch import Choice
from cccc_tui.connect.plan import ClientName
from cccc_tui.connect.verify import PROMPT, Verified
from cccc_tui.locales import _

PROGRAM_TIMEOUT_S = 300.0


class _Ended(NamedTuple):
    status: int
    stdout: bytes
    stderr: bytes


def try_client(
    choice: Choice,
    program: Program | None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = PROGRAM_TIMEOUT_S,
) -> Verified:
    """What the program answers, or why it does not. It may take a minute."""
    client: ClientName = "codex" if isinstance(choice, CodexChoice) else "claude"
    if program is None:
        words = _("{client} is not in PATH, so it cannot be tried.")
        return Verified(is_ok=False, sentence=words.format(client=title(client)))
    if isinstance(choice, CodexChoice) and choice.target is not None:
        words = _("Codex reads {path} only where it looks for it, so it is not tried.")
        return Verified(is_ok=False, sentence=words.format(path=choice.target))
    command = [str(program.path), *one_prompt(choice)]
    folder = None if isinstance(choice, CodexChoice) else choice.project
    began = time.monotonic()
    try:
        ended = _run(command, folder, os.environ if env is None else env, timeout_s)
    except subprocess.TimeoutExpired:
        words = _("{client} itself does not answer within {seconds:.0f} s.")
        return Verified(is_ok=False, sentence=words.format(client=title(client), seconds=timeout_s))
    except OSError as error:
        words = _("{client} does not run: {reason}")
        return Verified(is_ok=False, sentence=words.format(client=title(client), reason=error))
    return _judged(title(client), ended, time.monotonic() - began)


def one_prompt(choice: Choice) -> list[str]:
    """The arguments for one prompt that is answered out of the file that the choice writes."""
    if isinstance(choice, CodexChoice):
        profile = ["--profile", choice.profile] if choice.profile else []
        return [*profile, "exec", "--skip-git-repo-check", "--", PROMPT]
    settings = ["--settings", str(choice.target.expanduser().absolute())] if choice.target else []
    return [*settings, "-p", PROMPT]


def _run(command: Sequence[str], folder: Path | None, env: Mapping[str, str], timeout_s: float) -> _Ended:
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except BaseException:  # ctrl+c too, which a session of its own does not hear
            _end(process)
            raise
    return _Ended(process.returncode, stdout, stderr)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its helpers: both clients are started by a small program that is not the one that waits."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _judged(name: str, ended: _Ended, seconds: float) -> Verified:
    said = _last_line(ended.stdout)
    if ended.status == 0 and said:
        words = _("{client} itself says: {text}")
        return Verified(is_ok=True, sentence=words.format(client=name, text=said), seconds=seconds)
    words = _("{client} itself fails: {reason}")
    reason = _last_line(ended.stderr) or said or _("it says nothing")
    return Verified(is_ok=False, sentence=words.format(client=name, reason=reason))


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
