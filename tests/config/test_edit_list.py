from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.config.document import parse, plain
from cccc_tui.config.edit import EditRefused, change_endpoint
from cccc_tui.config.edit_list import rewritten
from cccc_tui.config.problems import Report
from cccc_tui.config.spots import Spots

FILE = """endpoints:
  - name: a
    url: https://a.example
    model_rewrite:
      enabled: true # on
      # the big ones
      rules:
        # for opus
        - source_pattern: "*opus*" # any
          target_model: big # today
        - {source_pattern: '*sonnet*', target_model: middle} # the usual

        # the rest
        - source_pattern: '*'
          target_model: small
      target_model: small
  # the second
  - name: b
    url: https://b.example
"""
OPUS = {"source_pattern": "*opus*", "target_model": "big"}
SONNET = {"source_pattern": "*sonnet*", "target_model": "middle"}
REST = {"source_pattern": "*", "target_model": "small"}


def after(tmp_path: Path, rules: list[dict[str, str]], text: str = FILE) -> str:
    """The file with these rules."""
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    rewrite = {"enabled": bool(rules), "rules": rules, "target_model": "small"}
    change_endpoint(path, "a", {"model_rewrite": rewrite})
    return path.read_bytes().decode()


def test_a_rule_that_changes_keeps_what_stands_around_it(tmp_path: Path):
    changed = after(tmp_path, [{**OPUS, "target_model": "bigger"}, {**SONNET, "target_model": "m"}, REST])
    expected = FILE.replace("target_model: big #", "target_model: bigger #").replace("middle}", "m}")
    assert changed == expected


def test_a_rule_that_moves_takes_its_comments_along(tmp_path: Path):
    assert after(tmp_path, [SONNET, OPUS, REST]) == FILE.replace(
        """        # for opus
        - source_pattern: "*opus*" # any
          target_model: big # today
        - {source_pattern: '*sonnet*', target_model: middle} # the usual
""",
        """        - {source_pattern: '*sonnet*', target_model: middle} # the usual
        # for opus
        - source_pattern: "*opus*" # any
          target_model: big # today
""",
    )


def test_of_a_rule_that_goes_the_comments_above_it_stay(tmp_path: Path):
    gone = '        - source_pattern: "*opus*" # any\n          target_model: big # today\n'
    assert after(tmp_path, [SONNET, REST]) == FILE.replace(gone, "")
    last = "        - source_pattern: '*'\n          target_model: small\n"
    assert after(tmp_path, [OPUS, SONNET]) == FILE.replace(last, "")


def test_a_new_rule_comes_behind_and_touches_nothing(tmp_path: Path):
    last = "        - source_pattern: '*'\n          target_model: small\n"
    new = '        - source_pattern: "gpt-*"\n          target_model: other\n'
    changed = after(tmp_path, [OPUS, SONNET, REST, {"source_pattern": "gpt-*", "target_model": "other"}])
    assert changed == FILE.replace(last, last + new) or changed == FILE.replace(
        last, last + new.replace('"', "")
    )


def test_line_ends_of_windows_stay(tmp_path: Path):
    changed = after(tmp_path, [REST, OPUS], FILE.replace("\n", "\r\n"))
    assert "\n" not in changed.replace("\r\n", "")
    assert "# for opus\r\n" in changed


def test_the_last_rule_of_all_leaves_an_empty_list(tmp_path: Path):
    root = parse(after(tmp_path, []), Report(""))
    assert root is not None
    assert plain(root)["endpoints"][0]["model_rewrite"]["rules"] == []


BRACKETS = """endpoints:
  - name: a
    url: https://a.example
    model_rewrite:
      enabled: true
      rules: [ # in brackets
        {source_pattern: "*opus*", target_model: big}, # for opus
        # the usual
        {source_pattern: '*sonnet*', target_model: "mid#dle"},
      ]
      target_model: small
"""
HASHED = {**SONNET, "target_model": "mid#dle"}


def test_in_brackets_a_rule_that_changes_keeps_the_comments_around_it(tmp_path: Path):
    changed = after(tmp_path, [{**OPUS, "target_model": "bigger"}, {**HASHED, "target_model": "m"}], BRACKETS)
    assert changed == BRACKETS.replace("big}", "bigger}").replace('"mid#dle"', "m")


@pytest.mark.parametrize("rules", [[], [OPUS], [HASHED, OPUS], [OPUS, HASHED, REST]])
def test_in_brackets_a_comment_that_would_be_lost_refuses_the_edit(
    tmp_path: Path, rules: list[dict[str, str]]
):
    with pytest.raises(EditRefused, match="comment stands in the brackets of rules"):
        after(tmp_path, rules, BRACKETS)
    assert (tmp_path / "config.yaml").read_text() == BRACKETS


def test_in_brackets_without_a_comment_rules_come_and_go(tmp_path: Path):
    lines = [line for line in BRACKETS.splitlines(keepends=True) if "the usual" not in line]
    text = "".join(lines).replace(" # in brackets", "").replace(" # for opus", "")
    assert "target_model: small}" in after(tmp_path, [OPUS, HASHED, {**REST}], text)


RULES = st.lists(
    st.fixed_dictionaries(
        {
            "source_pattern": st.sampled_from(["*opus*", "*sonnet*", "*", "x: y", "5"]),
            "target_model": st.text("ab#: '", min_size=1, max_size=4),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(rules=RULES)
def test_whatever_the_rules_become_they_are_what_the_file_says_and_no_comment_line_goes(rules):
    spots = Spots(FILE)
    entry = spots.value(spots.root, "endpoints")[1].items[0]  # type: ignore[index]
    rewrite = spots.value(entry, "model_rewrite")[1]  # type: ignore[index]
    piece = rewritten(FILE, *spots.value(rewrite, "rules"), rules)  # type: ignore[misc]
    assert piece is not None
    text = FILE[: piece.start] + piece.text + FILE[piece.end :]
    root = parse(text, Report(""))
    assert root is not None
    data = plain(root)
    assert data["endpoints"][0]["model_rewrite"]["rules"] == rules
    assert data["endpoints"][1] == {"name": "b", "url": "https://b.example"}
    for comment in ("# on", "# the big ones", "# for opus", "# the rest", "# the second"):
        assert comment in text


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{a: 1}, {a: 3}]\n",
        "rules: [{b: 1}]\n",
        "rules: # why\n  - a: 1\n  - [1]\n",
        "rules:\n  - &x {a: 1}\n  - *x\n",
        "rules: []\n",
    ],
)
def test_a_list_in_another_form_is_not_taken_for_one(text: str):
    spots = Spots(text)
    assert rewritten(text, *spots.root.pairs[0], [{"a": 2}]) is None
