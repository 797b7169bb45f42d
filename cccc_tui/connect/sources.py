"""Endpoints out of the configurations of other tools: what can be taken, and what cannot, with the reason.

Nothing is written here. Keys are taken as they stand; who writes the endpoints puts them where keys belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cccc_tui.config.load import load
from cccc_tui.connect import claude, codex
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.other_gateways import from_cliproxy, from_router
from cccc_tui.connect.own_settings import from_clients, from_environment
from cccc_tui.connect.plan import PlanRefused
from cccc_tui.connect.takings import Found, Item, Left, SourceName, Taken, left, mappings, yaml_of
from cccc_tui.locales import _


def read_source(source: SourceName, path: Path | None, env: Mapping[str, str], gateway: Gateway) -> Found:
    """Reads one source; without a path the file where that tool has it. Raises `PlanRefused`."""
    match source:
        case "environment":
            return _found(source, "environment", from_environment(env, gateway))
        case "clients":
            place = f"{claude.folder(env)}, {codex.folder(env)}"
            return _found(source, place, from_clients(env, gateway))
    file = path or usual_path(source)
    readers: dict[str, Callable[[Path], Iterator[Item]]] = {
        "cccc": _from_cccc,
        "claude-code-router": from_router,
        "cliproxyapi": from_cliproxy,
    }
    if not file.is_file():
        raise PlanRefused(_("{path}: there is no such file.").format(path=file))
    return _found(source, str(file), readers[source](file))


def usual_path(source: SourceName) -> Path:
    """Where the tool keeps its configuration."""
    home = Path.home()
    return {
        "claude-code-router": home / ".claude-code-router" / "config.json",
        "cliproxyapi": home / ".cli-proxy-api" / "config.yaml",
    }.get(source, home / ".claude-code-companion" / "config.yaml")


def source_of(path: Path) -> SourceName:
    """Which tool a file is of, by what is in it. Raises `PlanRefused`."""
    if path.suffix == ".json":
        return "claude-code-router"
    data = yaml_of(path)
    theirs = {
        "openai-compatibility",
        "claude-api-key",
        "codex-api-key",
        "gemini-api-key",
        "auth-dir",
        "api-keys",
    }
    return "cliproxyapi" if theirs & data.keys() else "cccc"


def _found(source: SourceName, place: str, items: Iterator[Item]) -> Found:
    listed = list(items)
    return Found(
        source=source,
        place=place,
        taken=tuple(each for each in listed if isinstance(each, Taken)),
        left=tuple(each for each in listed if isinstance(each, Left)),
    )


def _from_cccc(path: Path) -> Iterator[Item]:
    loaded = load(path)
    for problem in loaded.problems:
        yield left(problem.key or str(path), problem.sentence())
    data = yaml_of(path)
    for endpoint in mappings(data.get("endpoints")):
        values = {
            key: value for key, value in endpoint.items() if key not in ("auth_value", "enabled", "priority")
        }
        if values.get("auth_type") == "oauth" or "oauth_config" in values:
            yield left(
                str(values.get("name")), _("a login by OAuth: it would be used by two programs at once")
            )
            continue
        yield Taken(values=values, key=str(endpoint.get("auth_value") or ""))
    others = ", ".join(sorted(set(data) - {"endpoints"}))
    if others:
        yield left(others, _("only endpoints are taken; cccc can use the whole file: cccc --config PATH"))
