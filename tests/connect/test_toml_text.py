from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.connect.document import Broken
from cccc_tui.connect.toml_text import TomlDocument

KEYS = st.sampled_from(["model", "model_providers", "a b", "ü", "x.y", "cccc"])
SCALARS = st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8)
TABLES = st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=2), max_size=3)
FILES = st.dictionaries(KEYS, SCALARS | TABLES | st.lists(TABLES, min_size=1, max_size=2), max_size=4)


@settings(deadline=None)
@given(data=FILES, value=SCALARS, crlf=st.booleans())
def test_a_key_is_put_into_any_file_and_a_second_reader_agrees(data, value, crlf):
    data.pop("new", None)
    text = tomlkit.dumps(data)
    text = text.replace("\n", "\r\n") if crlf and "\\n" not in text and "'''" not in text else text
    before = tomllib.loads(text)
    put = TomlDocument(text).put(("key of ours",), value).put(("new", "deeper", "key"), value)
    expected = {**before, "key of ours": value, "new": {"deeper": {"key": value}}}
    assert put.data == expected
    assert tomlkit.parse(put.text).unwrap() == expected
    back = put.drop(("new", "deeper", "key")).drop(("new", "deeper")).drop(("key of ours",))
    assert back.data == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1 # one\n\n# about t\n[t]\nb = 2\n", "a = 1 # one\nk = 1\n\n# about t\n[t]\nb = 2\n"),
        ("# about t\n[t]\nb = 2\n", "k = 1\n\n# about t\n[t]\nb = 2\n"),
        ("# head\n\n# about t\n[t]\n", "# head\n\nk = 1\n\n# about t\n[t]\n"),
        ('p.o.name = "x"\n\n[t]\nz = 1', 'p.o.name = "x"\nk = 1\n\n[t]\nz = 1'),
        ("  a = 1\r\n[t]\r\n", "  a = 1\r\n  k = 1\r\n[t]\r\n"),
        ("a = 1", "a = 1\nk = 1"),
        ("k = 0x10 # ours\n", "k = 1 # ours\n"),
        ("", "k = 1\n"),
    ],
)
def test_a_top_level_key_comes_before_the_tables_and_takes_no_comment_from_them(before: str, after: str):
    assert TomlDocument(before).put(("k",), 1).text == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[p.c]\nname = 'x' # n\n\n[z]\n", "[p.c]\nname = 'x' # n\nk = 1\n\n[z]\n"),
        ("[p]\nc = {name = 'x'}\n", "[p]\nc = {name = 'x', k = 1}\n"),
        ("p = {}\n", "p = { c = { k = 1 } }\n"),
        ("p.c.name = 'x'\n[z]\n", "p.c.name = 'x'\np.c.k = 1\n[z]\n"),
        ("[z]\ny = 1", "[z]\ny = 1\n\n[p.c]\nk = 1"),
        ("[z]\ny = 1\n", "[z]\ny = 1\n\n[p.c]\nk = 1\n"),
    ],
)
def test_a_key_of_a_provider_goes_where_the_providers_are(before: str, after: str):
    put = TomlDocument(before)
    wanted = {"k": 1} if before == "p = {}\n" else None
    assert (put.put(("p", "c"), wanted) if wanted else put.put(("p", "c", "k"), 1)).text == after


def test_what_is_written_in_texts_is_no_table():
    text = 'a = """\n[p.c]\nk = 1\n"""\nb = \'\'\'# no\'\'\'\n[t]\nc = [ # list\n  "]", "[x]", # y\n]\n'
    put = TomlDocument(text).put(("t", "d"), "x")
    assert put.text == f'{text}d = "x"\n'


@pytest.mark.parametrize(
    ("text", "line"), [("a = \n", 1), ("a = 1\na = 2\n", 2), ('a = "x\n', 1), ("[t\n", 1)]
)
def test_what_is_broken_has_its_line(text: str, line: int):
    with pytest.raises(Broken) as broken:
        TomlDocument(text)
    assert broken.value.line == line


def test_tomlkit_would_tear_a_comment_from_its_table():
    """Why the edits here are our own. If this fails, look whether tomlkit can do them now."""
    text = "a.b = 1\n\n# about t\n[t]\nz = 1\n"
    theirs = tomlkit.parse(text)
    theirs["k"] = 1
    assert tomlkit.dumps(theirs) == "a.b = 1\n\n# about t\nk = 1\n\n[t]\nz = 1\n"
    assert TomlDocument(text).put(("k",), 1).text == "a.b = 1\nk = 1\n\n# about t\n[t]\nz = 1\n"


def test_tomlkit_would_drop_a_comment_of_the_next_table():
    text = 'a = 1\n\n[p.cccc]\nname = "x"\n\n# about t\n[t]\nz = 1\n'
    theirs = tomlkit.parse(text)
    theirs["p"].pop("cccc")  # type: ignore[union-attr]
    assert "about t" not in tomlkit.dumps(theirs)
    ours = TomlDocument(text).drop(("p", "cccc", "name")).drop(("p", "cccc"))
    assert "# about t\n[t]\nz = 1\n" in ours.text
