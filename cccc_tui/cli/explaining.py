"""`cccc explain` and `cccc profile`: where a request would go and why, and which profile decides it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cccc_tui.cli.arguments import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Commands,
    Given,
    add_command,
    add_config,
    complain,
)
from cccc_tui.locales import _

if TYPE_CHECKING:
    from cccc_tui.engine.explain import Explanation, Question, Step


def add_commands(commands: Commands) -> None:
    explain = add_command(commands, "explain", _("where a request would go, and why; nothing is sent"))
    explain.add_argument("file", metavar=_("FILE"), help=_("the request's JSON body; - reads it from stdin"))
    explain.add_argument(
        "--format", choices=("anthropic", "chat", "responses"), help=_("its format; found out if left out")
    )
    explain.add_argument(
        "--client",
        choices=("claude-code", "codex", "anthropic-sdk", "openai-sdk", "other"),
        help=_("as if this client sent it"),
    )
    explain.add_argument(
        "--header", action="append", type=_header, metavar=_("NAME:VALUE"), help=_("with this header")
    )
    explain.add_argument("--path", metavar=_("PATH"), help=_("sent to this path instead of the format's own"))
    explain.add_argument("--json", action="store_true", help=_("as JSON"))
    add_config(explain)
    profile = add_command(commands, "profile", _("list the profiles, or put one into use"))
    actions = profile.add_subparsers(dest="action", required=True, metavar=_("action"))
    add_config(add_command(actions, "list", _("every profile; the one in use has a star")))
    use = add_command(actions, "set", _("put a profile into use; a running cccc applies it at once"))
    use.add_argument("profile", metavar=_("PROFILE"), help=_('its name; "none" is the file as it stands'))
    add_config(use)


def explain(given: Given) -> int:
    """`cccc explain`."""
    import asyncio

    from cccc_tui.config.paths import find_config, state_folder
    from cccc_tui.engine import explain as explaining

    try:
        question = _question(given)
        answer = asyncio.run(explaining.explain(find_config(given.get("config")), state_folder(), question))
    except explaining.CannotExplain as error:
        complain(f"cccc: {error}")
        return EXIT_USAGE
    if given.get("json"):
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(answer)).decode())
    else:
        print("\n".join(_lines(answer)))
    return EXIT_OK if answer.steps else EXIT_FAILED


def profile(given: Given) -> int:
    """`cccc profile list` and `cccc profile set`."""
    from cccc_tui.config import edit
    from cccc_tui.config.load import load
    from cccc_tui.config.paths import find_config
    from cccc_tui.config.profiles import profile_names

    path = find_config(given.get("config"))
    if given["action"] == "set":
        name = given["profile"]
        try:
            print(edit.set_profile(path, "" if name == "none" else name).summary)
        except edit.EditRefused as refused:
            complain(f"cccc: {refused}")
            return EXIT_USAGE
        return EXIT_OK
    config = load(path).config
    if config is None:
        complain(_("{path} has errors; `cccc check` lists them.").format(path=path))
        return EXIT_USAGE
    for name in profile_names(config):
        print(f"{'*' if name == config.profile else ' '} {name}")
    return EXIT_OK


def _question(given: Given) -> Question:
    from cccc_tui.engine.explain import CLIENT_HEADERS, Question

    file = given["file"]
    body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    headers = CLIENT_HEADERS[given.get("client", "other")] | dict(given.get("header", ()))
    return Question(body=body, format=given.get("format"), path=given.get("path", ""), headers=headers)


def _lines(answer: Explanation) -> list[str]:
    asked = _("{client} asks for {model} in the format {format}, about {tokens} tokens").format(
        client=answer.client, model=answer.model, format=answer.format, tokens=f"{answer.tokens:,}"
    )
    lines = [asked]
    facts = (
        (_("client"), answer.client_reason),
        (_("agent"), answer.agent if answer.agent != "main" else ""),
        (_("session"), answer.session),
        (_("tags"), ", ".join(answer.tags)),
        (_("rule"), answer.rule),
        (_("profile"), answer.profile),
        *((_("note"), note) for note in answer.notes),
    )
    lines += [f"  {name}: {value}" for name, value in facts if value]
    for number, step in enumerate(answer.steps, 1):
        lines += _step_lines(number, step)
    if not answer.steps:
        lines.append(_("No endpoint can answer it."))
    lines += [f"  – {name}: {reason}" for name, reason in answer.left_out]
    return lines


def _step_lines(number: int, step: Step) -> list[str]:
    key, asked_for, unsaid = _("key"), _("asked for"), _("cannot be sent there")
    name = f"{step.endpoint} ({key} {step.key})" if step.key else step.endpoint
    lines = [f"{number}. {name}: {step.reason}"]
    if step.url:
        lines.append(f"     {asked_for} {step.model}  {step.url}")
    lines += [f"     {change}" for change in step.changes]
    if step.refused:
        lines.append(f"     {unsaid}: {step.refused}")
    return lines


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError(_("{text} is no header: write NAME:VALUE").format(text=text))
    return name.strip().lower(), value.strip()
