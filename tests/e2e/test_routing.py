"""The real agents, routed by what they ask for."""

from __future__ import annotations

import pytest

from tests.e2e.clients import run_claude, run_codex
from tests.e2e.conftest import config, endpoint
from tests.fakes.process import CcccProcess
from tests.fakes.steps import says

pytestmark = pytest.mark.e2e


async def test_claudes_thinking_is_seen_by_tagger_and_rule_and_goes_to_its_group(
    upstream, tmp_path, client_folder
):
    upstream.always(says("Well thought."))
    text = config(
        endpoint("plain", f"{upstream.url}/plain", "anthropic"),
        endpoint("deep", f"{upstream.url}/deep", "anthropic") + "\n    tags: [deep]",
        "tagging: {taggers: [{name: t, builtin_type: thinking, tag: deep, config: {min_budget_tokens: 1}}]}",
        "routing:",
        "  groups: {thinkers: {members: [{endpoint: deep, model: claude-deep}]}}",
        "  rules: [{when: [thinking], clients: [claude-code], group: thinkers}]",
    )
    async with CcccProcess(text, tmp_path / "cccc") as cccc:
        run = await run_claude(cccc.url, "Think.", client_folder, "--bare")
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    thinking = [asked for asked in upstream.requests if (asked.json.get("thinking") or {}).get("type")]
    assert thinking
    assert {asked.path.partition("/v1")[0] for asked in thinking} == {"/deep"}
    assert {asked.json["model"] for asked in thinking} == {"claude-deep"}


async def test_codex_asks_for_a_group_by_its_name(upstream, tmp_path, client_folder):
    upstream.always(says("From the group."))
    text = config(
        endpoint("spare", f"{upstream.url}/spare", "responses"),
        endpoint("inside", f"{upstream.url}/inside", "responses") + "\n    priority: 2",
        "routing: {groups: {router-default: {members: [{endpoint: inside, model: gpt-inside}]}}}",
    )
    async with CcccProcess(text, tmp_path / "cccc") as cccc:
        run = await run_codex(cccc.url, "Say something.", client_folder, model="router-default")
    assert run.succeeded, f"{run.error}\n{run.stderr}\n{cccc.stderr}"
    generated = [asked for asked in upstream.requests if asked.form == "responses"]
    assert {asked.path.partition("/v1")[0] for asked in generated} == {"/inside"}
    assert {asked.json["model"] for asked in generated} == {"gpt-inside"}
