from pathlib import Path

import pytest

from cccc_tui.config import edit
from cccc_tui.config.load import load, load_text
from cccc_tui.config.profiles import SHIPPED, profile_names, with_profile
from cccc_tui.config.schema import Config

TEXT = """\
# mine
routing:
  strategy: weighted
  sticky: {ttl: 2h}
  groups: {g: {members: [{model: m}]}}
profile: night
profiles:
  night:
    routing:
      strategy: round-robin
      sticky: {failback: stay}
      groups: {h: {members: [{model: n}]}}
      rules: [{when: [thinking], group: g}]
    timeouts: {check_interval: 5s}
"""


def read(text: str) -> Config:
    loaded = load_text(text, Path("config.yaml"))
    assert loaded.problems == loaded.warnings, loaded.problems
    assert loaded.config is not None
    return loaded.config


def problems(text: str) -> list[str]:
    return [problem.sentence() for problem in load_text(text, Path("c.yaml")).errors]


def test_a_profile_is_laid_over_key_by_key_and_its_lists_replace_whole_ones() -> None:
    config = read(TEXT)
    effective = with_profile(config)
    assert effective.routing.strategy == "round-robin"
    assert (effective.routing.sticky.ttl, effective.routing.sticky.failback) == (7200.0, "stay")
    assert set(effective.routing.groups) == {"g", "h"}
    assert [rule.group for rule in effective.routing.rules] == ["g"]
    assert effective.timeouts.check_interval == 5.0
    assert effective.timeouts.answer == config.timeouts.answer
    assert config.routing.strategy == "weighted"


def test_without_a_profile_nothing_changes() -> None:
    config = read(TEXT.replace("profile: night\n", ""))
    assert with_profile(config) is config


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_profile_says_something_that_the_schema_knows(name: str) -> None:
    plain = read("endpoints: []")
    changed = with_profile(read(f"endpoints: []\nprofile: {name}"))
    for section in ("routing", "retry", "blacklist", "timeouts"):
        for key, value in getattr(SHIPPED[name], section).items():
            assert key in getattr(changed, section).__struct_fields__, f"{name}: {section}.{key}"
            assert value is not None
    assert name == "balanced" or changed != plain


def test_a_profile_of_the_file_takes_a_shipped_ones_place() -> None:
    config = read("profile: cost\nprofiles: {cost: {routing: {strategy: fill-first}}}")
    assert with_profile(config).routing.strategy == "fill-first"
    assert profile_names(config) == ["balanced", "cost", "reliability"]


def test_what_is_wrong_in_a_profile_is_said_where_it_stands_though_it_is_not_in_use() -> None:
    text = "profiles:\n  night:\n    routing:\n      stratgy: weighted\n    timeouts: {answer: soon}\n"
    assert problems(text) == [
        'c.yaml:4: profiles.night.routing.stratgy: unknown key; did you mean "strategy"?',
        'c.yaml:5: profiles.night.timeouts.answer: must be a duration such as 30s, 1m30s or 500ms, not "soon"',
    ]


def test_a_profile_that_leads_nowhere_is_said() -> None:
    text = "profiles:\n  night:\n    routing: {rules: [{when: [thinking], group: gone}]}\n"
    assert problems(text) == ['c.yaml:3: profiles.night.routing.rules[0].group: there is no group "gone"']


def test_an_unknown_profile_is_refused_with_the_nearest_name() -> None:
    assert problems("profile: reliabilty") == [
        "c.yaml:1: profile: there is no such profile; there are balanced, cost, reliability; "
        'did you mean "reliability"?'
    ]


@pytest.mark.parametrize("before", [TEXT, "endpoints: []", "profile:\nendpoints: []\n", ""])
def test_a_profile_is_put_into_use_in_the_file_and_nothing_else_changes(tmp_path: Path, before: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(before or "# empty but for this\nserver: {port: 8081}\n")
    edited = edit.set_profile(path, "cost")
    assert load(path).config.profile == "cost"
    assert edited.summary == 'The profile "cost" is in use.'
    assert "# mine" in path.read_text() or "# mine" not in before
    assert edit.set_profile(path, "").summary == "No profile is in use."
    assert load(path).config.profile == ""


def test_a_profile_that_is_not_there_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    with pytest.raises(edit.EditRefused, match='did you mean "cost"'):
        edit.set_profile(path, "costs")
    assert path.read_text() == TEXT
