"""What is shipped: the wheel holds everything that cccc needs, and starts under both of its names."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import cccc_tui

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as a user would get it; without isolation, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def shipped(wheel: zipfile.ZipFile, pattern: str) -> set[str]:
    return {name for name in wheel.namelist() if re.fullmatch(pattern, name)}


def test_the_wheel_has_every_module_and_every_stylesheet_and_catalogue_of_the_source(wheel: zipfile.ZipFile):
    kinds = (".py", ".tcss", ".mo", ".md")
    files = (path for path in Path(cccc_tui.__file__).parent.rglob("*") if path.suffix in kinds)
    expected = {path.relative_to(ROOT).as_posix() for path in files}
    assert any(name.endswith(".tcss") for name in expected)
    assert any(name.endswith(".mo") for name in expected)
    assert expected <= set(wheel.namelist())


def test_the_wheel_has_the_themes(wheel: zipfile.ZipFile):
    expected = {f"cccc_tui/_themes/{path.name}" for path in (ROOT / "themes").glob("*.yaml")}
    assert len(expected) >= 4
    assert expected == shipped(wheel, r"cccc_tui/_themes/.*\.yaml")


def test_the_wheel_has_the_example_configuration_unchanged(wheel: zipfile.ZipFile):
    assert wheel.read("cccc_tui/config.example.yaml") == (ROOT / "config.example.yaml").read_bytes()


def test_the_wheel_has_the_licence_and_the_console_script(wheel: zipfile.ZipFile):
    assert shipped(wheel, r".*\.dist-info/licenses/LICENSE")
    (entry_points,) = shipped(wheel, r".*\.dist-info/entry_points\.txt")
    assert "cccc = cccc_tui.__main__:main" in wheel.read(entry_points).decode()


def test_the_wheel_has_nothing_but_the_program(wheel: zipfile.ZipFile):
    strangers = [
        name for name in wheel.namelist() if not re.match(r"cccc_tui/|cccc-[\w.]+\.dist-info/", name)
    ]
    assert strangers == []
    assert not shipped(wheel, r".*(__pycache__|\.pyc|\.env|(^|/)config\.yaml).*")


@pytest.mark.parametrize(
    "command", [[sys.executable, "-m", "cccc_tui"], [str(Path(sys.executable).parent / "cccc")]]
)
def test_both_names_of_the_program_say_the_version(command: list[str]):
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"cccc {cccc_tui.__version__}\n"


COMES_WITH = {"multidict": "aiohttp", "yarl": "aiohttp", "python-socks": "aiohttp-socks", "rich": "textual"}


def imported_libraries() -> set[str]:
    """The top-level names of everything that is neither ours nor Python's own."""
    trees = (ast.parse(path.read_text("utf-8")) for path in Path(cccc_tui.__file__).parent.rglob("*.py"))
    names: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"cccc_tui", "backports"}


def test_every_library_that_is_imported_is_a_dependency():
    """What the project does not name works on its developer's machine and nowhere else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[^\w.-]", each)[0].lower() for each in project["dependencies"]}
    owner_of = importlib.metadata.packages_distributions()
    used = {name: owner_of[name][0].lower().replace("_", "-") for name in imported_libraries()}
    missing = {name: owner for name, owner in used.items() if COMES_WITH.get(owner, owner) not in named}
    assert "msgspec" in used
    assert missing == {}
