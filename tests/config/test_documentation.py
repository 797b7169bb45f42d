from pathlib import Path

from cccc_tui.config.documentation import documentation, example
from cccc_tui.config.load import load

FILE = Path(__file__).parents[2] / "config.example.yaml"


def test_every_key_has_a_sentence():
    assert [row.key for row in documentation() if not row.sentence.endswith(".")] == []


def test_types_and_defaults_are_those_of_the_file():
    rows = {row.key: row for row in documentation()}
    assert rows["server.port"][1:3] == ("whole number", "8080")
    assert rows["timeouts.check_interval"][1:3] == ("duration", "30s")
    assert rows["endpoints[].name"][1:3] == ("text", "required")
    assert rows["endpoints[].auth_value"].type == "secret"
    assert rows["endpoints[].auth_type"].type == "api_key | auth_token | auto"
    assert rows["endpoints[].model_rewrite.rules[].source_pattern"].default == "required"


def test_the_example_file_says_what_the_schema_says():
    """After a change of the schema: write `documentation.example()` into the file."""
    assert FILE.read_text(encoding="utf-8") == example()


def test_the_example_file_has_every_key_and_loads_without_a_problem():
    text = FILE.read_text(encoding="utf-8")
    names = {row.key.rpartition(".")[2] for row in documentation()}
    written = {
        line.strip().removeprefix("#").strip().removeprefix("- ").partition(":")[0]
        for line in text.splitlines()
    }
    assert names - written == set()
    assert load(FILE).problems == ()
    assert load(FILE).config is not None
