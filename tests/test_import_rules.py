"""The walls of the house: which package may import which, and which library belongs to whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import cccc_tui

ROOT = Path(cccc_tui.__file__).parent
EVERYTHING = frozenset({"cccc_tui"})

OWN: dict[str, frozenset[str]] = {
    "wire": frozenset(),
    "routing": frozenset({"wire"}),
    "config": frozenset(),
    "traffic": frozenset({"wire"}),
    "state": frozenset({"wire", "traffic.exchange"}),
    "engine": frozenset({"wire", "routing", "config", "traffic", "state"}),
    "connect": frozenset({"config"}),
    "ui": frozenset({"engine.control", "traffic", "config", "connect", "wire.model"}),
    "locales": frozenset(),
    "tasks": frozenset(),
    "cli": EVERYTHING,
    "runtime": EVERYTHING,
    "demo": frozenset({"engine", "config"}),
    "discovery": frozenset(),
    "doctor": frozenset({"config", "connect"}),
    "first_run": frozenset({"config", "discovery"}),
    "logs": frozenset({"state.redact"}),
    "signals": frozenset(),
    "terminal": frozenset(),
    "__main__": frozenset({"cli"}),
    "__init__": frozenset(),
}
"""What each part may import of ours, besides itself."""

FREE = frozenset({"tasks", "locales"})
"""Free to all but the pure parts."""

PURE = frozenset({"wire", "routing"})

OWNERS: dict[str, frozenset[str]] = {
    "msgspec": frozenset(OWN),
    "json_repair": frozenset({"wire"}),
    "simpleeval": frozenset({"routing"}),
    "yaml": frozenset({"config"}),
    "keyring": frozenset({"config"}),
    "cryptography": frozenset({"config"}),
    "watchfiles": frozenset({"config"}),
    "platformdirs": frozenset({"config"}),
    "sqlite3": frozenset({"state"}),
    "genai_prices": frozenset({"state"}),
    "aiohttp": frozenset({"engine"}),
    "aiohttp_socks": frozenset({"engine"}),
    "python_socks": frozenset({"engine"}),
    "multidict": frozenset({"engine"}),
    "yarl": frozenset({"engine"}),
    "brotli": frozenset({"engine"}),
    "backports": frozenset({"engine"}),
    "prometheus_client": frozenset({"engine"}),
    "tomlkit": frozenset({"connect"}),
    "regex": frozenset({"config"}),
    "textual": frozenset({"ui"}),
    "rich": frozenset({"ui"}),
    "pyperclip": frozenset({"ui"}),
    "argparse": frozenset({"cli", "runtime"}),
    "uvloop": frozenset({"cli", "runtime"}),
    "json": frozenset(),
}
"""Who may import a library; a library that is not here nor in Python's own is imported by nobody."""

IMPURE = frozenset(
    {
        "asyncio",
        "logging",
        "time",
        "os",
        "io",
        "pathlib",
        "socket",
        "ssl",
        "subprocess",
        "threading",
        "random",
        "secrets",
    }
)
"""What `wire` and `routing` do without: input and output, clocks, chance."""


class Import(NamedTuple):
    module: str
    """The importing module, below `cccc_tui`: `wire.sse`."""
    line: int
    target: str
    """The full name of what it imports."""
    at_import: bool
    """Whether it happens when the module is imported, rather than inside a function."""

    @property
    def part(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def sources() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports_of(path: Path) -> Iterator[Import]:
    module = module_name(path)
    tree = ast.parse(path.read_text("utf-8"))
    in_function = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for target in targets(node, path):
            yield Import(module, node.lineno, target, id(node) not in in_function)  # type: ignore[attr-defined]


def targets(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = ["cccc_tui", *path.relative_to(ROOT).parent.parts]
    above = package[: len(package) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    return [full if is_module(full := f"{base}.{alias.name}") else base for alias in node.names]


def is_module(name: str) -> bool:
    if not name.startswith("cccc_tui."):
        return False
    path = ROOT.joinpath(*name.split(".")[1:])
    return path.is_dir() or path.with_suffix(".py").is_file()


IMPORTS = [found for path in sources() for found in imports_of(path)]


def ours(target: str) -> bool:
    return target == "cccc_tui" or target.startswith("cccc_tui.")


def below(target: str, allowed: str) -> bool:
    return allowed == "cccc_tui" or f"{target}.".startswith(f"cccc_tui.{allowed}.")


def may_import_ours(found: Import) -> bool:
    allowed = OWN[found.part] | {found.part} | (frozenset() if found.part in PURE else FREE)
    return found.target == "cccc_tui" or any(below(found.target, name) for name in allowed)


def may_import_library(found: Import) -> bool:
    library = found.target.partition(".")[0]
    if library in OWNERS:
        return found.part in OWNERS[library]
    return library in sys.stdlib_module_names


def test_the_walk_sees_the_imports_it_judges():
    assert len(sources()) > 20
    assert Import("runtime", 1, "cccc_tui.ui.app", True).part == "runtime"
    assert any(found.module == "__main__" and found.target == "cccc_tui.cli" for found in IMPORTS)
    assert not may_import_ours(Import("config.load", 1, "cccc_tui.wire.model", True))
    assert not may_import_ours(Import("ui.app", 1, "cccc_tui.engine.core", True))
    assert may_import_ours(Import("ui.app", 1, "cccc_tui.engine.control", True))
    assert not may_import_ours(Import("wire.sse", 1, "cccc_tui.tasks", True))
    assert not may_import_library(Import("engine.core", 1, "textual.app", True))
    assert not may_import_library(Import("engine.core", 1, "requests", True))


def test_every_part_of_the_house_is_in_the_table():
    assert {module_name(path).partition(".")[0] for path in sources()} <= set(OWN)


def test_packages_import_only_what_the_design_allows():
    assert [str(found) for found in IMPORTS if ours(found.target) and not may_import_ours(found)] == []


def test_every_library_stays_with_its_owner():
    assert [str(found) for found in IMPORTS if not ours(found.target) and not may_import_library(found)] == []


def test_the_pure_parts_have_no_clock_and_no_input_or_output():
    assert [
        str(found) for found in IMPORTS if found.part in PURE and found.target.partition(".")[0] in IMPURE
    ] == []


def test_nobody_imports_the_command_line_or_the_runtime():
    allowed = {("__main__", "cccc_tui.cli"), ("cli", "cccc_tui.runtime")}
    found = {(i.part, i.target) for i in IMPORTS if below(i.target, "cli") or below(i.target, "runtime")}
    assert {each for each in found if each[0] != "cli" or not below(each[1], "cli")} <= allowed


def test_the_user_interface_is_imported_only_inside_the_function_that_needs_it():
    outside = [found for found in IMPORTS if below(found.target, "ui") and found.part != "ui"]
    assert [str(found) for found in outside if found.at_import] == []


def loaded_by(code: str) -> set[str]:
    """The modules in `sys.modules` after a fresh interpreter ran `code`."""
    listing = f"{code}\nimport sys\nsys.stdout.write('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def headless_modules() -> list[str]:
    return [f"cccc_tui.{module_name(p)}" for p in sources() if module_name(p) not in ("__main__", "__init__")]


def test_no_headless_module_loads_a_terminal_library():
    modules = [name for name in headless_modules() if not below(name, "ui")]
    loaded = loaded_by("\n".join(f"import {name}" for name in modules))
    assert "aiohttp" in loaded or "cccc_tui.engine.core" not in modules
    assert not {"textual", "rich", "pyperclip"} & loaded


def test_the_engine_neither_needs_nor_loads_the_user_interface():
    loaded = loaded_by("import cccc_tui.engine.control, cccc_tui.runtime")
    assert not {name for name in loaded if name.startswith("cccc_tui.ui")}


@pytest.fixture(scope="module")
def loaded_to_serve(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of `cccc --serve` at the moment when its port is open."""
    folder = tmp_path_factory.mktemp("serving")
    config = folder / "config.yaml"
    config.write_text("endpoints:\n  - {name: one, url: 'http://127.0.0.1:9/v1', auth_value: 'sk-any'}\n")
    return loaded_by(
        "import asyncio, pathlib, sys, cccc_tui.cli, cccc_tui.runtime\n"
        "async def serve():\n"
        f"    folder = pathlib.Path({str(folder)!r})\n"
        "    engine = cccc_tui.runtime.Engine(folder / 'config.yaml', folder, port=0)\n"
        "    await engine.start()\n"
        "    loaded = dict(sys.modules)\n"
        "    await engine.stop(grace_s=0)\n"
        "    return loaded\n"
        "sys.modules = asyncio.run(serve())"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("textual", "rich", "pyperclip", "cccc_tui.ui", "cccc_tui.connect", "cccc_tui.demo"),
        *(
            "keyring",
            "cryptography",
            "json_repair",
            "aiohttp_socks",
            "python_socks",
        ),  # for who has use for them
        *("watchfiles", "anyio"),  # while the first requests are answered
    ],
)
def test_the_port_is_open_before_there_is_loaded(name: str, loaded_to_serve: set[str]):
    assert {"cccc_tui.engine.core", "aiohttp", "yaml"} <= loaded_to_serve
    assert name not in loaded_to_serve


def test_the_version_is_said_without_loading_anything_of_the_house():
    loaded = loaded_by(
        "import sys\nsys.argv = ['cccc', '--version']\nfrom cccc_tui.__main__ import main\nmain()"
    )
    assert {name for name in loaded if ours(name)} == {"cccc_tui", "cccc_tui.__main__"}
    assert not {"argparse", "gettext", "asyncio", "pathlib", "typing"} & loaded


@pytest.mark.parametrize(
    "library", ["asyncio", "aiohttp", "msgspec", "textual", "yaml", "logging", "sqlite3"]
)
def test_the_help_is_shown_without_loading(library: str):
    assert library not in loaded_by(
        "import cccc_tui.cli\ntry: cccc_tui.cli.main(['--help'])\nexcept SystemExit: pass"
    )


@pytest.mark.parametrize("part", sorted(PURE))
def test_the_pure_parts_load_neither_asyncio_nor_aiohttp(part: str):
    modules = [name for name in headless_modules() if below(name, part)]
    assert not {"asyncio", "aiohttp"} & loaded_by("\n".join(f"import {name}" for name in modules))
