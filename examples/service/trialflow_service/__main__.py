"""``python -m trialflow_service``: the service on this machine."""

from __future__ import annotations

import os
import sys

import uvicorn

from trialflow_service.app import create_app
from trialflow_service.settings import DEMO, Settings

__all__ = ["main"]


def main() -> None:
    """Listen until interrupted."""
    settings = Settings.of(os.environ)
    what = f"the demonstration in {DEMO.parent}" if settings.store is None else "the store of TRIALFLOW_STORE"
    print(f"trialflow service on port {settings.port} of {settings.host}, over {what}", file=sys.stderr)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="info")


if __name__ == "__main__":
    main()
