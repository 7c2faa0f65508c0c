"""What trialflow finds through the entry point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.ports import LeadSource
from trialflow.adapters.provider import Option, Provider

__all__ = ["trialflow_lead_sources"]

_OPTIONS = (
    Option("url", "the server, such as https://kf.kobotoolbox.org", required=True),
    Option("form", "the id of the form (its asset uid)", required=True),
    Option("token", "the API token of an account that may view the submissions", kind="secret", required=True),
    Option("fields", "the questions with contact data, as `name=full_name phone`; no other answer is taken",
           default="name phone email"),
    Option("source", "the id of the source in trialflow", default="kobo"),
    Option("study", "the code of the study the form asks for"),
)  # fmt: skip


@hookimpl
def trialflow_lead_sources() -> Iterator[Provider[LeadSource]]:
    """The submissions of one form."""
    yield Provider("kobo", "the submissions of a KoboToolbox form", _source, _OPTIONS)


def _source(**options: Any) -> LeadSource:
    from trialflow_kobo.source import KoboSource

    return KoboSource(**options)
