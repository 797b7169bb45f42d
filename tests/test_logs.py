from __future__ import annotations

import io
import logging
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cccc_tui.logs import OURS, LineFormatter, Logs, LogWriter, PrivateFileHandler, Redactor
from cccc_tui.traffic.notices import NoticeHandler, Notices

log = logging.getLogger("cccc_tui.engine.pipeline")


class Terminal(io.StringIO):
    def __init__(self, is_a_tty: bool = False) -> None:
        super().__init__()
        self.is_a_tty = is_a_tty

    def isatty(self) -> bool:
        return self.is_a_tty


@pytest.fixture
def logs() -> Iterator[Logs]:
    logs = Logs()
    yield logs
    logs.stop()


def written(logs: Logs) -> str:
    """The log file after everything has been written."""
    assert logs.file
    file = logs.file
    logs.stop()
    return file.read_text("utf-8")


def line(text: str) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": text, "levelno": logging.INFO})


def fail() -> None:
    raise ValueError("no good")


def test_a_headless_run_writes_to_the_terminal_and_to_the_file(logs: Logs, tmp_path: Path):
    terminal = Terminal()
    logs.start(tmp_path, "info", terminal)
    log.info("listening on %s", "http://127.0.0.1:8080")
    assert written(logs).endswith(" info    pipeline: listening on http://127.0.0.1:8080\n")
    assert terminal.getvalue().endswith(" info    pipeline: listening on http://127.0.0.1:8080\n")


def test_the_control_center_writes_to_the_file_alone(
    logs: Logs, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    logs.start(tmp_path, "info", None)
    log.error("something")
    assert "something" in written(logs)
    assert capfd.readouterr() == ("", "")


def test_lines_below_the_level_are_left_out_until_the_level_changes(logs: Logs, tmp_path: Path):
    logs.start(tmp_path, "warn", None)
    log.info("first")
    logs.set_level("debug")
    log.debug("second")
    text = written(logs)
    assert "first" not in text
    assert "second" in text


def test_a_traceback_is_in_the_file_and_not_on_the_terminal(logs: Logs, tmp_path: Path):
    terminal = Terminal()
    logs.start(tmp_path, "info", terminal)
    try:
        fail()
    except ValueError as error:
        log.error("it failed: %s", error, exc_info=error)
    assert "Traceback" in written(logs)
    assert "it failed: no good" in terminal.getvalue()
    assert "Traceback" not in terminal.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_log_file_is_for_its_owner_alone_also_after_a_rotation(tmp_path: Path):
    handler = PrivateFileHandler(tmp_path / "logs" / "cccc.log")
    handler.take([logging.makeLogRecord({"msg": "one"})])
    handler.doRollover()
    handler.close()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "logs").iterdir()}
    assert modes == {"cccc.log": 0o600, "cccc.log.1": 0o600}


def test_a_file_that_is_full_goes_on_in_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cccc_tui.logs.MAX_FILE_BYTES", 100)
    handler = PrivateFileHandler(tmp_path / "cccc.log")
    for number in range(5):
        handler.take([line(f"line {number} " + "x" * 40)])
    handler.close()
    again = PrivateFileHandler(tmp_path / "cccc.log")
    again.take([line("after a restart " + "x" * 80)])
    again.close()
    assert (tmp_path / "cccc.log").read_text().startswith("after a restart")
    assert "line 4" in (tmp_path / "cccc.log.1").read_text()
    assert "line 3" in (tmp_path / "cccc.log.2").read_text()


def test_known_secrets_and_what_looks_like_one_are_blotted_out(logs: Logs, tmp_path: Path):
    terminal = Terminal()
    logs.redactor.learn(["my-own-token"])
    logs.start(tmp_path, "info", terminal)
    log.info(
        "sent %s with sk-ant-api03-abcdefghijklmnop and Authorization: Bearer abc.def-ghi", "my-own-token"
    )
    log.info("through http://bob:hunter22@proxy:3128")
    for text in (written(logs), terminal.getvalue()):
        assert "my-own-token" not in text
        assert "abcdefghijklmnop" not in text
        assert "abc.def-ghi" not in text
        assert "hunter22" not in text
        assert "Authorization: Bearer …" in text


def test_a_secret_in_a_traceback_is_blotted_out(logs: Logs, tmp_path: Path):
    logs.redactor.learn(["no good"])
    logs.start(tmp_path, "info", None)
    try:
        fail()
    except ValueError as error:
        log.error("failed", exc_info=error)
    text = written(logs)
    assert "ValueError: …" in text
    assert "no good" not in text.replace('raise ValueError("no good")', "")


def test_short_texts_are_not_taken_for_secrets():
    redactor = Redactor()
    redactor.learn(["none", ""])
    assert redactor.redact("none of it") == "none of it"


def test_of_two_secrets_the_longer_goes_first():
    redactor = Redactor()
    redactor.learn(["secret-1"])
    redactor.learn(["secret-1-and-more"])
    assert redactor.redact("secret-1-and-more") == "…more"


def test_notices_get_our_lines_with_secrets_blotted_out_and_only_ours(logs: Logs, tmp_path: Path):
    notices = Notices()
    logs.redactor.learn(["my-own-token"])
    logs.start(tmp_path, "info", None)
    logs.also(NoticeHandler(notices))
    log.warning("sent %s", "my-own-token")
    logging.getLogger("a_library").warning("not ours")
    logs.stop()
    assert [(notice.level, notice.source, notice.text) for notice in notices] == [
        ("warning", "pipeline", "sent …")
    ]


def test_after_the_stop_nothing_is_left_behind(logs: Logs, tmp_path: Path):
    before = (list(OURS.handlers), list(logging.getLogger().handlers))
    logs.start(tmp_path, "info", None)
    logs.also(NoticeHandler(Notices()))
    logs.stop()
    assert (OURS.handlers, logging.getLogger().handlers) == before
    assert OURS.propagate


def test_colour_only_on_a_terminal(logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal(is_a_tty=True)
    logs.start(tmp_path, "info", terminal)
    log.warning("look")
    assert "\x1b" not in written(logs)
    assert terminal.getvalue().startswith("\x1b[33m")


def test_no_colour_where_the_environment_refuses_it(
    logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(is_a_tty=True)
    logs.start(tmp_path, "info", terminal)
    log.warning("look")
    logs.stop()
    assert "look" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_a_folder_that_cannot_be_written_to_is_said_and_is_no_reason_to_refuse(logs: Logs, tmp_path: Path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    terminal = Terminal()
    logs.start(in_the_way, "info", terminal)
    log.info("still here")
    logs.stop()
    assert logs.file is None
    assert "No log file" in terminal.getvalue()
    assert "still here" in terminal.getvalue()


class Stuck(logging.Handler):
    """A terminal that nobody reads, until `released`."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.released = threading.Event(), threading.Event()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.reached.set()
        self.released.wait(10)
        self.lines.append(record.getMessage())


def test_a_terminal_that_nobody_reads_stops_nobody_and_lost_lines_are_counted(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("cccc_tui.logs.MAX_WAITING_LINES", 5)
    stuck = Stuck()
    writer = LogWriter([stuck])
    writer.emit(line("first"))
    assert stuck.reached.wait(10)
    for number in range(8):
        writer.emit(line(f"line {number}"))
    assert writer.dropped == 3
    stuck.released.set()
    writer.stop()
    assert stuck.lines[:2] == ["first", "3 log lines lost"]
    assert stuck.lines[-1] == "line 4"


def test_a_line_says_when_how_serious_who_and_what():
    record = logging.makeLogRecord(
        {"name": "cccc_tui.engine.health", "levelname": "ERROR", "msg": "gone", "created": 0.0}
    )
    text = LineFormatter().format(record)
    assert text.endswith(" error   health: gone")
    assert len(text.split(" error")[0]) == len("1970-01-01 00:00:00")
