"""`python -m cccc_tui` is `cccc`."""

from cccc_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
