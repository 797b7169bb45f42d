"""The catalogues: complete, up to date, and without a placeholder lost on the way."""

from __future__ import annotations

import ast
import re

import pytest

from cccc_tui import locales
from tests.catalogue import KEYWORDS, SOURCE, TRANSLATED, compiled, source_texts, translations

REMEDY = "Run `make locales`, and translate what it lists."


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_source_is_translated(language):
    known = translations(language)
    assert [text for text in source_texts() if text not in known] == [], REMEDY


def test_no_text_hides_in_an_f_string_where_only_newer_pythons_find_it():
    hidden = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for joined in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
        and any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert hidden == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_of_a_text_that_is_gone(language):
    texts = source_texts()
    assert [text for text in translations(language) if text not in texts] == [], REMEDY


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_says_the_same(language):
    assert compiled(language) == translations(language), REMEDY


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_placeholder_survives_the_translation(language):
    lost = [
        text
        for text, translation in translations(language).items()
        if placeholders("".join(text)) != placeholders(translation)
    ]
    assert lost == []


def test_chinese_is_found_with_its_plurals():
    locales.use("zh_CN")
    assert locales._("Endpoints") == "端点"
    assert locales.ngettext("{count} error", "{count} errors", 1).format(count=1) == "1 个错误"
    locales.use("en")
    assert locales._("Endpoints") == "Endpoints"


@pytest.mark.parametrize(
    ("wish", "is_chinese"),
    [("zh_CN.UTF-8", True), ("zh_TW.UTF-8", True), ("de_DE.UTF-8", False), ("C.UTF-8", False)],
)
def test_auto_follows_the_environment(wish, is_chinese, monkeypatch):
    monkeypatch.setenv("LC_ALL", wish)
    locales.use("auto")
    assert (locales._("Log") == "日志") is is_chinese
