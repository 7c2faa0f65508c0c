"""The service: its parts put together, the tracker opened at start and closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from trialflow import Tracker
from trialflow_service import leads, pages, reports
from trialflow_service.desk import Desk
from trialflow_service.problems import MEDIA_TYPE, install
from trialflow_service.settings import Settings
from trialflow_service.store import open_tracker

__all__ = ["THREADS", "create_app"]

THREADS = 8
"""How many calls of the tracker run at once. More would wait for one another: a store has one writer at a time."""


def create_app(settings: Settings, opened: Callable[[Settings], Tracker] = open_tracker) -> FastAPI:
    """The service over the store of ``settings``; ``opened`` makes the tracker when it starts, in a thread."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        tracker = await to_thread.run_sync(opened, settings)
        try:
            app.state.desk = Desk(tracker, CapacityLimiter(THREADS))
            yield
        finally:
            await to_thread.run_sync(tracker.close)

    # The pages of FastAPI that draw the OpenAPI fetch their scripts from elsewhere: they are off, the document is on.
    app = FastAPI(title="trialflow service", version="0.1.0", lifespan=running, docs_url=None, redoc_url=None)
    app.middleware("http")(pages.guarded)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts))
    install(app)
    for part in (leads, reports, pages):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=pages.FOLDER))
    app.openapi = _described(app.openapi)  # type: ignore[method-assign]
    return app


def _described(made: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The OpenAPI with its errors under their own media type, which FastAPI writes as plain JSON."""

    def described() -> dict[str, Any]:
        document = made()
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if status >= "400" and "application/json" in response.get("content", {}):
                        response["content"][MEDIA_TYPE] = response["content"].pop("application/json")
        return document

    return described
