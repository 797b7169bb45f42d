"""cccc as it is, but when the file named by CRASH_FILE appears, its control center meets an unforeseen error.

`CRASH_FILE=... python -m tests.fakes.crashing_cccc ARGUMENTS` takes the arguments of `cccc`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cccc_tui.cli import main
from cccc_tui.ui.pump import Pump


def crash_when_asked(file: Path) -> None:
    """Lets the pump, which runs several times a second, raise once `file` exists."""
    look = Pump.look

    def look_or_crash(self: Pump) -> None:
        if file.exists():
            raise RuntimeError("provoked by the test")
        look(self)

    Pump.look = look_or_crash  # type: ignore[method-assign]


if __name__ == "__main__":
    crash_when_asked(Path(os.environ["CRASH_FILE"]))
    sys.exit(main())
