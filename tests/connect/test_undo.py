from __future__ import annotations

import json
import shutil
import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.config.paths import state_folder
from cccc_tui.connect.apply import apply
from cccc_tui.connect.document import value_at
from cccc_tui.connect.merge import restored
from cccc_tui.connect.plan import PlanRefused, read_document
from cccc_tui.connect.records import find_record, records
from cccc_tui.connect.undo import apply_undo, plan_undo
from tests.fakes.client_files import (
    ELSEWHERE,
    SOUND,
    file_plan,
    label,
    plan_for,
    syntax_of,
)


@pytest.fixture
def copied(tmp_path: Path):
    """A file of the corpus where a client would have it."""

    def copy(source: Path) -> Path:
        path = tmp_path / "client" / source.name
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(0o644)
        return path

    return copy


def undo(path: Path):
    record = find_record(path)
    assert record is not None
    plan = plan_undo(record)
    apply_undo(plan)
    return plan


def changed_of(path: Path) -> bool:
    return file_plan(path).is_changed


CHANGED = [path for path in SOUND if changed_of(path)]


@pytest.mark.parametrize("source", CHANGED, ids=label)
def test_written_and_taken_back_is_byte_equal_and_leaves_nothing(source: Path, copied):
    path = copied(source)
    applied = apply(plan_for(path))
    assert path.read_bytes() != source.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(each.stat().st_mode) for each in applied.backups] == [0o600]
    assert applied.backups[0].read_bytes() == source.read_bytes()
    undo(path)
    assert path.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]
    assert records() == ()


@pytest.mark.parametrize("source", CHANGED, ids=label)
def test_connected_twice_and_taken_back_once_is_byte_equal(source: Path, copied):
    path = copied(source)
    apply(plan_for(path))
    apply(plan_for(path, ELSEWHERE, model="another"))
    undo(path)
    assert path.read_bytes() == source.read_bytes()
    assert list(path.parent.iterdir()) == [path]


def own_edit(path: Path, key: tuple[str, ...], value: object) -> None:
    bom, document = read_document(path, syntax_of(path), path.read_bytes())
    path.write_bytes(bom + document.put(key, value).text.encode())


@pytest.mark.parametrize("source", CHANGED, ids=label)
def test_what_its_owner_has_added_since_stays(source: Path, copied):
    path = copied(source)
    apply(plan_for(path))
    group = "env" if syntax_of(path) == "json" else "tui"
    own_edit(path, (group, "OWN"), "mine")
    own_edit(path, ("own_key",), 7)
    undo(path)
    before = read_document(source, syntax_of(source), source.read_bytes())[1].data
    after = dict(read_document(path, syntax_of(path), path.read_bytes())[1].data)
    assert after.pop("own_key") == 7
    assert value_at(after, (group, "OWN")) == "mine"
    after[group] = {key: value for key, value in after[group].items() if key != "OWN"}
    assert after == {group: {}, **before}


@pytest.mark.parametrize("source", [path for path in CHANGED if syntax_of(path) == "json"], ids=label)
def test_a_file_that_its_client_has_written_anew_goes_back_by_its_keys(source: Path, copied):
    path = copied(source)
    before = read_document(source, "json", source.read_bytes())[1].data
    apply(plan_for(path))
    said = dict(read_document(path, "json", path.read_bytes())[1].data)
    path.write_text(json.dumps({**said, "model": "opus"}, indent=2, ensure_ascii=False))
    undo(path)
    after = read_document(path, "json", path.read_bytes())[1].data
    assert after == {**before, "model": "opus"}


def test_a_key_of_ours_that_its_owner_has_changed_stays_and_is_named(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text('{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://old.example"\n  }\n}\n')
    apply(plan_for(path))
    own_edit(path, ("env", "ANTHROPIC_BASE_URL"), "https://new.example")
    plan = undo(path)
    assert plan.kept == (("env", "ANTHROPIC_BASE_URL"),)
    assert path.read_text() == '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://new.example"\n  }\n}\n'


def test_an_edit_before_the_second_connection_is_kept_too(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_text('model = "x"\n\n[a]\nb = 1\n')
    apply(plan_for(path))
    path.write_text(path.read_text().replace("b = 1\n", "b = 2  # better\n"))
    apply(plan_for(path, ELSEWHERE))
    undo(path)
    assert path.read_text() == 'model = "x"\n\n[a]\nb = 2  # better\n'


@pytest.mark.parametrize("name", ["settings.json", "config.toml"])
def test_what_was_not_there_is_gone_again_folders_included(tmp_path: Path, name: str):
    path = tmp_path / "new" / "deeper" / name
    apply(plan_for(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    undo(path)
    assert not (tmp_path / "new").exists()


def test_what_was_not_there_stays_if_its_owner_has_written_into_it(tmp_path: Path):
    path = tmp_path / "new" / "settings.json"
    apply(plan_for(path))
    own_edit(path, ("theme",), "dark")
    undo(path)
    assert path.read_text() == '{\n  "theme": "dark"\n}\n'


def test_a_link_stays_a_link_and_what_it_points_at_is_written_and_taken_back(tmp_path: Path):
    target = tmp_path / "dotfiles" / "settings.json"
    target.parent.mkdir()
    target.write_text("{}\n")
    link = tmp_path / "settings.json"
    link.symlink_to(target)
    apply(plan_for(link))
    assert link.is_symlink()
    assert b"ANTHROPIC_BASE_URL" in target.read_bytes()
    undo(link)
    assert link.is_symlink()
    assert target.read_text() == "{}\n"


def test_a_file_that_was_changed_since_the_plan_was_shown_is_not_written(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{}\n")
    plan = plan_for(path)
    path.write_text('{"theme": "dark"}\n')
    with pytest.raises(PlanRefused, match="changed by someone else"):
        apply(plan)
    assert path.read_text() == '{"theme": "dark"}\n'
    assert records() == ()


def test_a_file_that_is_broken_now_is_not_taken_back_and_can_be_later(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{}\n")
    apply(plan_for(path))
    sound = path.read_text()
    path.write_text(sound + "}")
    record = find_record(path)
    assert record is not None
    with pytest.raises(PlanRefused, match=r"settings\.json:9:1: .*mend it first"):
        plan_undo(record)
    path.write_text(sound)
    undo(path)
    assert path.read_text() == "{}\n"


def test_a_file_that_its_owner_has_removed_stays_removed(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{}\n")
    apply(plan_for(path))
    path.unlink()
    undo(path)
    assert not path.exists()
    assert records() == ()


def test_backups_of_the_same_second_do_not_overwrite_each_other(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{}\n")
    now = datetime(2026, 11, 21, 4, 5, 6)
    first = apply(plan_for(path), now).backups
    second = apply(plan_for(path, ELSEWHERE), now).backups
    assert [each.name for each in (*first, *second)] == [
        "settings.json.backup-20261121-040506",
        "settings.json.backup-20261121-040506-2",
    ]


def test_a_damaged_record_is_said_by_its_name(tmp_path: Path):
    path = tmp_path / "settings.json"
    apply(plan_for(path))
    (stored,) = (state_folder() / "connect").glob("*.json")
    stored.write_text("{")
    for look in (records, lambda: find_record(path)):
        with pytest.raises(PlanRefused, match=rf"{stored.name} is damaged"):
            look()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from(CHANGED),
    where=st.floats(0, 1),
    note=st.text("abc xyz", min_size=1, max_size=10),
)
def test_a_comment_that_was_added_anywhere_survives_the_way_back(source: Path, where: float, note: str):
    plan = file_plan(source)
    before, after = (plan.before or b"").decode("utf-8-sig"), plan.after.decode("utf-8-sig")
    lines = after.splitlines(keepends=True)
    mark = "// " if plan.syntax == "json" else "# "
    place = round(where * len(lines))
    edited = "".join([*lines[:place], f"{mark}own {note}\n", *lines[place:]])

    def read(text: str):
        return read_document(source, plan.syntax, text.encode())[1]

    try:
        said = read(edited).data
    except PlanRefused:
        return  # the line has come into the middle of something: then it is no comment
    if said != read(after).data:
        return
    merged = restored(read, before, after, edited, plan.keys)
    restored_data, data = read(merged.text).data, read(before).data
    assert {key: value for key, value in restored_data.items() if value != {} or key in data} == data
    around = "".join(lines[max(place - 1, 0) : place + 1])
    is_about_ours = any(key[-1] in around for key in plan.keys)
    assert is_about_ours or f"{mark}own {note}".rstrip() in merged.text
    assert merged.kept == ()
