"""`python -m cccc_tui` is `cccc`; both begin here."""

import gc
import sys

from cccc_tui import __version__


def main() -> int:
    """Runs cccc; the exit status."""
    if sys.argv[1:] == ["--version"]:
        # Asked by every script that looks for cccc: not worth the parser of all its commands.
        sys.stdout.write(f"cccc {__version__}\n")
        return 0
    gc.disable()  # nothing is garbage while everything is being loaded; what stays enables it again
    from cccc_tui.cli import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
