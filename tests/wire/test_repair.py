import json

import pytest

from cccc_tui.wire.model import ConvertOptions
from cccc_tui.wire.repair import looks_like_python, may_mend, mended

ALL = ConvertOptions(repair_tools=("*",))


@pytest.mark.parametrize(
    ("almost", "meant"),
    [
        ("{'path': 'a.py', 'force': True, 'mode': None}", {"path": "a.py", "force": True, "mode": None}),
        ('{"path": "a.py",}', {"path": "a.py"}),
        ('{"items": [1, 2,], }', {"items": [1, 2]}),
    ],
)
def test_almost_json_is_mended_and_noted(almost, meant):
    notes = []
    assert json.loads(mended("Write", almost, ALL, notes)) == meant
    assert notes == ["arguments of Write were not JSON: repaired"]


@pytest.mark.parametrize("strict", ['{"a": 1.0, "b": "it\'s"}', "{}", '{ "spaced" : [ ] }'])
def test_arguments_that_are_json_keep_every_byte(strict):
    notes = []
    assert mended("Write", strict, ALL, notes) == strict
    assert notes == []


def test_what_cannot_be_mended_stays_as_it_is():
    assert mended("Write", "no arguments at all", ALL, []) == "no arguments at all"


def test_only_the_tools_that_the_rules_name_are_mended():
    rules = ConvertOptions(repair_tools=("TodoWrite",))
    assert may_mend("TodoWrite", rules)
    assert not may_mend("Write", rules)
    assert mended("Write", "{'a': 1}", rules, []) == "{'a': 1}"


def test_a_python_dict_is_known_by_its_first_characters():
    assert looks_like_python("  {'a")
    assert not looks_like_python('{"a')
    assert not looks_like_python("{}")
