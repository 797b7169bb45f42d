from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cccc_tui.connect.document import MISSING, value_at, with_value
from cccc_tui.connect.plan import PlanRefused, Wish, plan_bytes, plan_file, read_document
from tests.fakes.client_files import BROKEN, CORPUS, SOUND, file_plan, label, syntax_of, wishes_for


def data_of(path: Path, content: bytes):
    return read_document(path, syntax_of(path), content)[1].data


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(SOUND) + len(BROKEN) >= 40


@pytest.mark.parametrize("path", SOUND, ids=label)
def test_after_connecting_every_file_says_what_is_wished_and_else_what_it_said(path: Path):
    plan = file_plan(path, model="big-model")
    expected = dict(data_of(path, plan.before or b""))
    for wish in wishes_for(path, model="big-model"):
        if wish.value is MISSING and value_at(expected, wish.path) is MISSING:
            continue
        if not (wish.only_if_missing and value_at(expected, wish.path) is not MISSING):
            expected = with_value(expected, wish.path, wish.value)
    assert data_of(path, plan.after) == expected


@pytest.mark.parametrize("path", SOUND, ids=label)
def test_every_piece_that_is_not_ours_stays_as_it_is_in_its_order(path: Path):
    plan = file_plan(path, model="big-model")
    ours = [key[-1].encode() for key in plan.keys]
    at = 0
    for line in (plan.before or b"").splitlines():
        if any(name in line for name in ours):
            continue
        for piece in re.split(
            rb"(?<=[{}\]])|(?=[}\]])|(?= //)", line
        ):  # a member or a comma may come in between
            piece = piece.strip()
            found = plan.after.find(piece, at)
            assert found >= 0, piece
            at = found + len(piece)


@pytest.mark.parametrize("path", SOUND, ids=label)
def test_line_ends_marks_and_the_end_of_the_file_stay(path: Path):
    plan = file_plan(path)
    before, after = plan.before or b"", plan.after
    assert before.startswith(b"\xef\xbb\xbf") == after.startswith(b"\xef\xbb\xbf")
    if b"\n" in before:
        assert (b"\r\n" in before) == (b"\r\n" in after)
        assert (b"\n" in after.replace(b"\r\n", b"")) == (b"\n" in before.replace(b"\r\n", b""))
    if before.strip():
        assert before.endswith(b"\n") == after.endswith(b"\n")


@pytest.mark.parametrize("path", SOUND, ids=label)
def test_connecting_what_is_connected_changes_nothing(path: Path):
    once = file_plan(path)
    again = plan_bytes(path, once.syntax, once.after, wishes_for(path))
    assert not again.is_changed
    assert again.diff() == ""


@pytest.mark.parametrize("path", BROKEN, ids=label)
def test_a_broken_file_is_refused_by_its_name_and_left_alone(path: Path):
    before = path.read_bytes()
    with pytest.raises(PlanRefused) as refused:
        file_plan(path)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("merge-conflict.json", 2),
        ("no-comma.json", 3),
        ("open-table.toml", 2),
        ("twice.toml", 2),
        ("latin1.json", 2),
    ],
)
def test_what_is_broken_is_reported_with_its_line(name: str, line: int):
    with pytest.raises(PlanRefused, match=rf"{name}:{line}\b.*mend it first"):
        file_plan(CORPUS / "broken" / name)


def test_secrets_are_masked_in_the_diff_wherever_they_stand():
    for path in SOUND:
        diff = file_plan(path).diff()
        for secret in (
            "sk-router-0123",
            "ghp_0123456789",
            "sk-0123456789abcdef",
            "user:pass",
            "abcdefghijkl",
            "token=0123",
        ):
            assert secret not in diff, path


def test_the_diff_shows_what_goes_and_what_comes():
    diff = file_plan(CORPUS / "claude" / "other-proxy.json").diff()
    assert '-    "ANTHROPIC_BASE_URL": "http://127.0.0.1:3456",' in diff
    assert '+    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080",' in diff
    assert "deepseek-chat" in diff


def test_a_value_that_its_owner_has_set_stays_where_only_a_missing_one_is_wished():
    plan = file_plan(CORPUS / "claude" / "other-proxy.json")
    assert b'"API_TIMEOUT_MS": "3000000"' in plan.after


def test_a_file_that_is_not_there_is_made_from_the_keys_alone(tmp_path: Path):
    plan = plan_file(tmp_path / "none.json", "json", [Wish(("env", "A"), "1")])
    assert plan.before is None
    assert plan.after == b'{\n  "env": {\n    "A": "1"\n  }\n}\n'
    assert "--- /dev/null" in plan.diff()


def test_a_read_only_file_is_left_alone(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{}")
    path.chmod(0o400)
    with pytest.raises(PlanRefused, match=r"is read-only.*chmod u\+w"):
        plan_file(path, "json", [Wish(("a",), 1)])


def test_a_folder_a_loop_of_links_and_a_link_into_nowhere_are_refused(tmp_path: Path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing" / "file.json")
    for name, reason in (
        (".", "is no file"),
        ("loop", "cannot be read|not there"),
        ("nowhere", "is not there"),
    ):
        with pytest.raises(PlanRefused, match=reason):
            plan_file(tmp_path / name, "json", [Wish(("a",), 1)])


def test_a_link_to_a_file_that_is_still_to_be_made_is_fine(tmp_path: Path):
    (tmp_path / "link.json").symlink_to(tmp_path / "file.json")
    assert plan_file(tmp_path / "link.json", "json", [Wish(("a",), 1)]).before is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PlanRefused, match="is no file"):
        plan_file(tmp_path / "pipe", "json", [])
