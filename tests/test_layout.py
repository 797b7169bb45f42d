"""The shape of the code: a test file for every module, names that say something, nothing too long."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cccc_tui

ROOT = Path(cccc_tui.__file__).parent
TESTS = Path(__file__).parent

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500

TESTED_THROUGH = {
    "__main__.py": "test_packaging.py",
    "config/checks.py": "config/test_load.py",
    "config/dialect.py": "config/test_samples.py",
    "config/dialect_tagging.py": "config/test_samples.py",
    "config/document.py": "config/test_load.py",
    "config/problems.py": "config/test_load.py",
    "config/schema.py": "config/test_documentation.py",
    "config/shape.py": "config/test_load.py",
    "config/spots.py": "config/test_edit.py",
    "config/writing.py": "config/test_edit.py",
    "connect/clients.py": "connect/test_claude.py",
    "connect/document.py": "connect/test_plan.py",
    "connect/merge.py": "connect/test_undo.py",
    "connect/other_gateways.py": "connect/test_sources.py",
    "connect/own_settings.py": "connect/test_sources.py",
    "connect/records.py": "connect/test_undo.py",
    "connect/takings.py": "connect/test_sources.py",
    "engine/control.py": "engine/test_core.py",
    "engine/explain.py": "cli/test_explaining.py",
    "routing/conditions.py": "routing/test_select.py",
    "routing/endpoints.py": "routing/test_naming.py",
    "routing/fitting.py": "routing/test_select.py",
    "routing/peek.py": "routing/test_tags.py",
    "routing/session.py": "routing/test_detect.py",
    "routing/slots.py": "routing/test_plan.py",
    "state/migrations.py": "state/test_database.py",
    "state/sqlite_file.py": "state/test_database.py",
    "wire/answer_scan.py": "wire/test_scan.py",
    "wire/answers.py": "wire/test_convert_properties.py",
    "wire/anthropic/*": "wire/test_convert_properties.py",
    "wire/bridges.py": "wire/test_convert_properties.py",
    "wire/chat/*": "wire/test_convert_properties.py",
    "wire/convert.py": "wire/test_convert_properties.py",
    "wire/counts.py": "wire/test_dropped.py",
    "wire/error_bodies.py": "wire/test_errors.py",
    "wire/error_classes.py": "wire/test_errors.py",
    "wire/events.py": "wire/test_convert_properties.py",
    "wire/foreign.py": "wire/test_convert_properties.py",
    "wire/formats.py": "wire/test_convert_properties.py",
    "wire/model.py": "wire/test_convert_properties.py",
    "wire/names.py": "wire/test_convert_properties.py",
    "wire/pairing.py": "wire/test_convert_properties.py",
    "wire/parts.py": "wire/test_convert_properties.py",
    "wire/responses/*": "wire/test_convert_properties.py",
    "wire/restore.py": "wire/test_convert_properties.py",
    "wire/stream_ends.py": "wire/test_scan.py",
    "wire/stream_notes.py": "wire/test_scan.py",
    "wire/thinking.py": "wire/test_convert_properties.py",
}
"""Modules that are an inner part of another one, or pure data, with the file that tests them. Every other
module has a test file of its own, in the same place under `tests`."""

EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"})


def modules() -> list[Path]:
    return [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.py")) if path.name != "__init__.py"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def own_test(module: Path) -> Path:
    return TESTS / module.parent / f"test_{module.name}"


def is_inner(module: Path) -> bool:
    return any(module.match(pattern) for pattern in TESTED_THROUGH)


def test_every_module_has_a_test_file_in_the_same_place():
    untested = [str(path) for path in modules() if not own_test(path).is_file() and not is_inner(path)]
    assert untested == []


def test_what_is_tested_through_another_file_has_none_of_its_own_and_the_other_exists():
    stale = [pattern for pattern in TESTED_THROUGH if not any(path.match(pattern) for path in modules())]
    assert stale == []
    assert [str(path) for path in modules() if is_inner(path) and own_test(path).is_file()] == []
    assert [test for test in TESTED_THROUGH.values() if not (TESTS / test).is_file()] == []


def test_no_module_has_a_name_that_says_nothing():
    assert [str(path) for path in modules() if EMPTY_NAMES & set(path.with_suffix("").parts)] == []


def test_no_file_is_too_long():
    sizes = {str(path): len((ROOT / path).read_text("utf-8").splitlines()) for path in modules()}
    assert {path: lines for path, lines in sizes.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_too_long():
    found = {
        f"{path}:{node.lineno} {node.name}": lines_of(node)
        for path in modules()
        for node in functions(ROOT / path)
    }
    assert {name: lines for name, lines in found.items() if lines > MAX_FUNCTION_LINES} == {}


def test_every_module_says_its_job_first():
    silent = [
        str(path) for path in modules() if not ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8")))
    ]
    assert silent == []


def test_only_the_command_line_prints():
    def prints(path: Path) -> bool:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        return any(isinstance(func, ast.Name) and func.id == "print" for func in calls)

    assert [str(path) for path in modules() if prints(path) and path.parts[0] != "cli"] == []
