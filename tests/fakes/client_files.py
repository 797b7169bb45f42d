"""The corpus of client configuration files, and connecting one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cccc_tui.connect import claude, codex
from cccc_tui.connect.clients import Gateway
from cccc_tui.connect.plan import FilePlan, Plan, Syntax, Wish, plan_file

CORPUS = Path(__file__).parents[1] / "connect" / "corpus"
SOUND = sorted([*CORPUS.glob("claude/*.json"), *CORPUS.glob("codex/*.toml")])
BROKEN = sorted([*CORPUS.glob("broken/*.json"), *CORPUS.glob("broken/*.toml")])

HERE = Gateway("http://127.0.0.1:8080")
ELSEWHERE = Gateway("http://127.0.0.1:9090", "another-token")


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def syntax_of(path: Path) -> Syntax:
    return "json" if path.suffix == ".json" else "toml"


def wishes_for(path: Path, gateway: Gateway = HERE, model: str = "") -> Sequence[Wish]:
    if syntax_of(path) == "json":
        models = {"opus": model} if model else {}
        return claude.wishes(claude.ClaudeChoice(gateway=gateway, models=models))
    return codex.wishes(codex.CodexChoice(gateway=gateway, model=model))


def file_plan(path: Path, gateway: Gateway = HERE, model: str = "") -> FilePlan:
    return plan_file(path, syntax_of(path), wishes_for(path, gateway, model))


def plan_for(path: Path, gateway: Gateway = HERE, model: str = "") -> Plan:
    client = "claude" if syntax_of(path) == "json" else "codex"
    return Plan(client=client, files=(file_plan(path, gateway, model),))  # type: ignore[arg-type]
