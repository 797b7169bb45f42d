import json

import pytest
from anthropic.types import ModelInfo
from openai.types import Model as OpenAIModel

from cccc_tui.wire.catalog import Model, merge, read_models, write_models

MODELS = [Model("claude-x", "Claude X", "anthropic", 1_750_000_000), Model("gpt-y")]


def test_the_openai_package_reads_its_shape():
    written = json.loads(write_models("openai", MODELS))
    read = [OpenAIModel.model_validate(entry) for entry in written["data"]]
    assert written["object"] == "list"
    assert [(model.id, model.owned_by, model.created) for model in read] == [
        ("claude-x", "anthropic", 1_750_000_000),
        ("gpt-y", "unknown", 0),
    ]


def test_the_anthropic_package_reads_its_shape():
    written = json.loads(write_models("anthropic", MODELS))
    read = [ModelInfo.model_validate(entry) for entry in written["data"]]
    assert [(model.id, model.display_name) for model in read] == [
        ("claude-x", "Claude X"),
        ("gpt-y", "gpt-y"),
    ]
    assert read[0].created_at.isoformat() == "2025-06-15T15:06:40+00:00"
    assert (written["has_more"], written["first_id"], written["last_id"]) == (False, "claude-x", "gpt-y")


def test_codex_gets_the_list_beside_an_empty_catalogue_that_leaves_its_own_in_place():
    written = json.loads(write_models("codex", MODELS))
    assert written == json.loads(write_models("openai", MODELS)) | {"models": []}


@pytest.mark.parametrize("asker", ["openai", "anthropic", "codex"])
def test_no_models_are_an_empty_list(asker):
    written = json.loads(write_models(asker, []))
    assert written["data"] == [] and written.get("first_id") is None


@pytest.mark.parametrize("asker", ["openai", "anthropic", "codex"])
def test_what_is_written_is_read_back(asker):
    read = read_models(write_models(asker, MODELS))
    assert [(model.id, model.created) for model in read] == [("claude-x", 1_750_000_000), ("gpt-y", 0)]


@pytest.mark.parametrize(
    ("body", "models"),
    [
        (b'{"data":[{"id":"a","owned_by":"o","created":5}]}', [Model("a", owned_by="o", created=5)]),
        (b'[{"id":"a","display_name":"A","organization":"Meta"}]', [Model("a", "A", "Meta")]),
        (b'{"models":["a","b","a"]}', [Model("a"), Model("b")]),
        (b'{"models":[{"slug":"a","display_name":"A"}]}', [Model("a", "A")]),
        (
            b'{"models":[{"name":"llama3:8b","model":"llama3:8b","modified_at":"2024-05-01T12:34:56.123456789Z"}]}',
            [Model("llama3:8b", created=1_714_566_896)],
        ),
        (
            b'{"models":[{"name":"models/gemini-x","displayName":"Gemini X"}]}',
            [Model("gemini-x", "Gemini X")],
        ),
        (b'{"data":{"models":[{"id":"a"}]}}', [Model("a")]),
        (b'{"data":[],"models":[{"id":"a"}]}', [Model("a")]),
        (b'{"data":[{"id":"a","created_at":"yesterday"},{"id":7},{},null,""]}', [Model("a")]),
        (b'{"object":"list"}', []),
        (b"<html>", []),
        (b"7", []),
        (b"", []),
    ],
)
def test_lists_of_every_provider_are_read(body, models):
    assert read_models(body) == models


def test_a_merged_list_names_each_model_once_and_fills_what_was_open():
    first, second = [Model("b"), Model("a", "A")], [Model("a", "Other", "owner"), Model("b", "B", created=3)]
    assert merge(first, second) == [Model("b", "B", created=3), Model("a", "A", "owner")]
