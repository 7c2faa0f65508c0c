"""``python -m trialflow``."""

from trialflow.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
