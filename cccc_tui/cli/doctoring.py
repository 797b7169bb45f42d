"""`cccc doctor`: a line for everything that was looked at, and what to do where it is not right."""

from __future__ import annotations

import os
import sys

from cccc_tui.cli.arguments import EXIT_FAILED, EXIT_OK, Commands, Given, add_command, add_config
from cccc_tui.locales import _

_MARKS = {"pass": "✓", "warn": "!", "fail": "✗"}
_PLAIN_MARKS = {"pass": "ok  ", "warn": "warn", "fail": "FAIL"}


def add_commands(commands: Commands) -> None:
    doctor = add_command(commands, "doctor", _("look at everything around cccc, and say what to do"))
    doctor.add_argument("--json", action="store_true", help=_("as JSON"))
    add_config(doctor)


def run(given: Given) -> int:
    """`cccc doctor`; fails when a line does."""
    from cccc_tui.config.paths import find_config
    from cccc_tui.doctor import examine

    lines = examine(find_config(given.get("config")), os.environ)
    if given.get("json"):
        import msgspec

        print(msgspec.json.format(msgspec.json.encode({"lines": lines}), indent=2).decode())
    else:
        marks = _MARKS if "utf" in (sys.stdout.encoding or "").lower() else _PLAIN_MARKS
        for line in lines:
            print(f"{marks[line.verdict]} {line.check}: {line.text}")
            if line.remedy:
                print(f"    → {line.remedy}" if marks is _MARKS else f"    {line.remedy}")
    return EXIT_FAILED if any(line.verdict == "fail" for line in lines) else EXIT_OK
