import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cccc_tui.config import edit as edits
from cccc_tui.config.edit import (
    EditRefused,
    add_endpoint,
    change_endpoint,
    restore,
    set_enabled,
    set_endpoint_value,
    set_order,
)
from cccc_tui.config.load import load

FILE = """\ufeff# Größe: 東京\r
server: {port: 8081}   # kept\r
endpoints:\r
    # the first\r
    - name: block\t# tab\r
      url: https://b.example\t\r
      enabled: &on true    # why\r
      tags:\r
        - one # c\r
        - two\r
      # behind it\r
\r
    - {url: "https://f.example", name: 'flow', priority: 7, }\r
    - name: merged\r
      <<: {url: https://m.example}\r
      enabled:   # nothing yet\r
# at the end\r
logging: {level: info}"""


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """How fast the machine's disk is, is not asked here."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def path(tmp_path) -> Path:
    return write(tmp_path / "config.yaml", FILE)


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    path.chmod(0o640)
    return path


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("block", "&on true    # why", "&on false    # why"),
        ("flow", "name: 'flow',", "name: 'flow', enabled: false,"),
        ("merged", "enabled:   # nothing yet", "enabled: false   # nothing yet"),
    ],
)
def test_disabling_changes_nothing_but_the_one_value(path, name, old, new):
    done = set_enabled(path, name, False)
    assert text_of(path) == done.after == FILE.replace(old, new)
    assert done.summary == f'The endpoint "{name}" is disabled.'


def test_what_is_so_already_is_not_written(path):
    before = path.stat().st_mtime_ns
    done = set_enabled(path, "block", True)
    assert done.before == done.after == FILE
    assert path.stat().st_mtime_ns == before
    assert not path.with_name("config.yaml.backup").exists()


def test_the_order_is_written_as_priorities(path):
    set_order(path, ["merged", "flow", "block"])
    assert text_of(path) == FILE.replace("priority: 7", "priority: 2").replace(
        "- name: block\t# tab\r\n", "- name: block\t# tab\r\n      priority: 3\r\n"
    )


def test_endpoints_that_the_order_does_not_name_follow_as_they_stood(path):
    set_order(path, ["flow"])
    config = load(path).config
    assert config is not None
    assert {each.name: each.priority for each in config.endpoints} == {"flow": 1, "block": 2, "merged": 3}


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("tags", ["x", "y, z"], "tags: [x, 'y, z']"),
        ("auth_value", "env:KEY", "auth_value: env:KEY"),
        ("auth_value", "a: b # c", "auth_value: 'a: b # c'"),
        ("auth_value", "yes", "auth_value: 'yes'"),
        ("priority", 3, "priority: 3"),
        ("header_overrides", {"X-A": "ü"}, "header_overrides: {X-A: ü}"),
        ("parameter_overrides", {"temperature": 0.5}, "parameter_overrides: {temperature: 0.5}"),
    ],
)
def test_any_key_can_be_set_in_a_block_and_in_brackets(path, key, value, written):
    for name in ("block", "flow"):
        set_endpoint_value(path, name, key, value)
        assert written in text_of(path)


def test_a_list_in_lines_is_replaced_whole_and_what_follows_stays(path):
    set_endpoint_value(path, "block", "tags", ["three"])
    assert text_of(path) == FILE.replace(
        "tags:\r\n        - one # c\r\n        - two\r\n", "tags: [three]\r\n"
    )


def test_a_folded_text_is_replaced_whole(tmp_path):
    file = write(
        tmp_path / "c.yaml",
        "endpoints:\n- name: a\n  url: https://a.example\n  auth_value: >-\n    sk\n\n# end\n",
    )
    set_endpoint_value(file, "a", "auth_value", "env:X")
    assert text_of(file) == "endpoints:\n- name: a\n  url: https://a.example\n  auth_value: env:X\n\n# end\n"


def test_a_value_that_is_an_alias_becomes_its_own(tmp_path):
    text = "x-on: &on true\nendpoints:\n- name: a\n  url: https://a.example\n  enabled: *on\n"
    file = write(tmp_path / "c.yaml", text)
    set_enabled(file, "a", False)
    assert text_of(file) == text.replace("*on", "false")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x-e: &e {name: a, url: https://a.example}\nendpoints:\n- *e\n", "written as an alias"),
        (
            "endpoints:\n- {name: a, url: https://a.example, enabled: &on true}\n"
            "- {name: b, url: https://b.example, enabled: *on}\n",
            "would change more than was asked",
        ),
        ("x-n: &n {name: a}\nendpoints:\n- {<<: *n, url: https://a.example}\n", "through an alias"),
    ],
)
def test_an_edit_that_would_reach_other_places_is_refused(tmp_path, text, words):
    file = write(tmp_path / "c.yaml", text)
    with pytest.raises(EditRefused, match=words):
        set_enabled(file, "a", False)
    assert text_of(file) == text


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda path: set_enabled(path, "blok", False), 'no endpoint "blok"; did you mean "block"'),
        (lambda path: set_order(path, ["nobody"]), 'no endpoint "nobody"'),
        (lambda path: set_endpoint_value(path, "block", "ulr", "x"), 'no key "ulr"; did you mean "url"'),
        (lambda path: set_endpoint_value(path, "block", "url", "ftp://x"), "would not load afterwards"),
        (lambda path: set_endpoint_value(path, "block", "name", "flow"), 'the name "flow" is taken'),
        (lambda path: add_endpoint(path, {"url": "https://n.example"}), "needs a name"),
        (
            lambda path: add_endpoint(path, {"name": "flow", "url": "https://n.example"}),
            'the name "flow" is taken',
        ),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_leaves_the_file_alone(path, action, words):
    with pytest.raises(EditRefused, match=words):
        action(path)
    assert text_of(path) == FILE


def test_a_file_with_errors_is_not_edited(tmp_path):
    file = write(tmp_path / "c.yaml", "endpoints: [{name: a, urll: x}]")
    with pytest.raises(EditRefused, match="mend this first"):
        set_enabled(file, "a", False)
    with pytest.raises(EditRefused, match="no such file"):
        set_enabled(tmp_path / "none.yaml", "a", False)


NEW = {"name": "new", "url": "https://n.example", "enabled": False, "tags": ["a"]}
IN_TWO = "  - name: new\n    url: https://n.example\n    enabled: false\n    tags: [a]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "endpoints:\n- name: a\n  url: 'demo:'   # it\n\n# end\n",
            "endpoints:\n- name: a\n  url: 'demo:'   # it\n"
            "- name: new\n  url: https://n.example\n  enabled: false\n  tags: [a]\n\n# end\n",
        ),
        (
            "endpoints:\r\n    - name: a\r\n      url: 'demo:'",
            "endpoints:\r\n    - name: a\r\n      url: 'demo:'\r\n"
            "    - name: new\r\n      url: https://n.example\r\n      enabled: false\r\n      tags: [a]",
        ),
        (
            "endpoints: [{name: a, url: 'demo:'}]  # in one line\n",
            "endpoints: [{name: a, url: 'demo:'}, "
            "{name: new, url: 'https://n.example', enabled: false, tags: [a]}]  # in one line\n",
        ),
        (
            "endpoints: []\nlogging: {}\n",
            f"endpoints:\n{IN_TWO}logging: {{}}\n",
        ),
        (
            "endpoints:\nlogging: {}\n",
            f"endpoints:\n{IN_TWO}logging: {{}}\n",
        ),
        (
            "logging: {}",
            f"logging: {{}}\nendpoints:\n{IN_TWO}",
        ),
    ],
    ids=["block", "no last line end", "brackets", "empty list", "no value", "no key"],
)
def test_an_endpoint_is_added_at_the_end_in_the_style_of_the_list(tmp_path, before, after):
    file = write(tmp_path / "c.yaml", before)
    add_endpoint(file, NEW)
    assert text_of(file) == after


def test_an_edit_can_be_taken_back_and_that_too(path):
    done = set_enabled(path, "block", False)
    undone = restore(path, done)
    assert text_of(path) == FILE
    restore(path, undone)
    assert text_of(path) == done.after


def test_an_edit_is_not_taken_back_once_the_file_was_changed(path):
    done = set_enabled(path, "block", False)
    path.write_bytes(path.read_bytes() + b"\n# mine\n")
    with pytest.raises(EditRefused, match="changed since"):
        restore(path, done)
    assert text_of(path).endswith("# mine\n")


def test_the_file_keeps_its_mode_and_leaves_one_backup(path):
    first = set_enabled(path, "block", False)
    set_enabled(path, "flow", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    backup = path.with_name("config.yaml.backup")
    assert text_of(backup) == first.after
    assert sorted(each.name for each in path.parent.iterdir()) == ["config.yaml", "config.yaml.backup"]


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
def test_the_backup_is_for_its_owner_alone_whatever_the_file_is(path):
    path.chmod(0o644)
    set_enabled(path, "block", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert stat.S_IMODE(path.with_name("config.yaml.backup").stat().st_mode) == 0o600


def test_a_symbolic_link_stays_one(path, tmp_path):
    link = tmp_path / "elsewhere" / "config.yaml"
    link.parent.mkdir()
    link.symlink_to(path)
    set_enabled(link, "block", False)
    assert link.is_symlink()
    assert text_of(path) != FILE


def test_a_change_in_the_meantime_is_not_overwritten(path, monkeypatch):
    real = edits.load_text

    def meanwhile(text, where):
        path.write_text("endpoints: []\n")
        return real(text, where)

    monkeypatch.setattr(edits, "load_text", meanwhile)
    with pytest.raises(EditRefused, match="changed by someone else"):
        set_enabled(path, "block", False)
    assert text_of(path) == "endpoints: []\n"


def test_a_failing_write_leaves_the_old_file_and_no_litter(path, monkeypatch):
    def fail(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(EditRefused, match="No space left"):
        set_enabled(path, "block", False)
    assert text_of(path) == FILE
    assert [each.name for each in path.parent.iterdir()] == ["config.yaml"]


WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(name=WORDS, value=WORDS)
def test_whatever_text_is_written_is_read_back(tmp_path_factory, name, value):
    file = write(tmp_path_factory.mktemp("edit") / "c.yaml", FILE)
    try:
        add_endpoint(file, {"name": name, "url": "https://n.example", "parameter_overrides": {"k": value}})
    except EditRefused as refused:  # characters that no YAML file may hold, or a name that means nothing
        assert "left as it is" in str(refused)
        assert text_of(file) == FILE
        return
    set_endpoint_value(file, "flow", "parameter_overrides", {"k": value})
    config = load(file).config
    assert config is not None
    assert config.endpoints[-1].name == name
    assert config.endpoints[-1].parameter_overrides == config.endpoints[1].parameter_overrides == {"k": value}


COMMENTED = """# head
endpoints:
  - name: a   # the name
    # about the url
    url: https://a.example   # why
    tags:
      - x
      - y
    model_rewrite:
      # rules here
      enabled: true
      rules:
        - source_pattern: "claude-*"
          target_model: glm  # cheap
    priority: 3
  - {name: b, url: https://b.example, priority: 2}
"""


def test_several_keys_change_at_once_and_every_comment_between_them_stays(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(COMMENTED)
    rules = [{"source_pattern": "x", "target_model": "y"}]
    edit = change_endpoint(
        path,
        "a",
        {
            "name": "aa",
            "enabled": False,
            "tags": None,
            "priority": None,
            "model_rewrite": {"enabled": True, "rules": rules, "target_model": "z"},
        },
    )
    assert (
        path.read_text()
        == """# head
endpoints:
  - name: aa   # the name
    enabled: false
    # about the url
    url: https://a.example   # why
    model_rewrite:
      # rules here
      enabled: true
      rules:
        - source_pattern: x
          target_model: y  # cheap
      target_model: z
  - {name: b, url: https://b.example, priority: 2}
"""
    )
    restore(path, edit)
    assert path.read_text() == COMMENTED


def test_several_keys_change_at_once_in_brackets(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(COMMENTED)
    change_endpoint(path, "b", {"url": None, "priority": None, "url_openai": "https://b.example/v1"})
    assert path.read_text().endswith("  - {name: b, url_openai: https://b.example/v1}\n")


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        (COMMENTED, {"prioritty": 1}, 'did you mean "priority"'),
        (COMMENTED, {"url": "no url"}, "would not load"),
        (
            "endpoints:\n  - <<: {name: a, url: https://m.example, priority: 2}\n",
            {"priority": None},
            "than was asked",
        ),
    ],
)
def test_a_change_of_several_keys_that_cannot_be_leaves_the_file_alone(tmp_path, text, values, words):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(EditRefused, match=words):
        change_endpoint(path, "a", values)
    assert path.read_text() == text


def test_of_several_edits_at_once_none_is_lost_without_a_word(path):
    names = [f"new-{number}" for number in range(8)]

    def attempt(name: str) -> bool:
        try:
            add_endpoint(path, {"name": name, "url": "https://n.example"})
        except EditRefused as refused:
            assert "changed by someone else" in str(refused)
            return False
        return True

    with ThreadPoolExecutor(len(names)) as pool:
        done = [name for name, is_done in zip(names, pool.map(attempt, names), strict=True) if is_done]
    assert done
    config = load(path).config
    assert config is not None
    assert {each.name for each in config.endpoints if each.name.startswith("new-")} == set(done)
