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

WITHOUT_A_TEST_OF_THEIR_OWN = frozenset(
    {
        "__main__.py",  # test_packaging runs it
        "config/schema.py",  # pure data; load is what can be wrong
        "engine/control.py",  # an interface
        "wire/model.py",  # pure data
    }
)

EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"})


def modules() -> list[Path]:
    return [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.py")) if path.name != "__init__.py"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_module_has_a_test_file_in_the_same_place():
    missing = [
        str(path)
        for path in modules()
        if str(path) not in WITHOUT_A_TEST_OF_THEIR_OWN
        and not (TESTS / path.parent / f"test_{path.name}").is_file()
    ]
    assert missing == []


def test_the_list_of_modules_without_a_test_names_modules_that_exist():
    assert {str(path) for path in modules()} >= WITHOUT_A_TEST_OF_THEIR_OWN


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

    assert [str(path) for path in modules() if prints(path) and path != Path("cli.py")] == []
