"""JSON: the versioned document of a report, byte for byte the same for the same value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from trialflow.adapters.renderers.outline import NO_LABELS, no_report
from trialflow.reports.json import FORMATS, to_json

__all__ = ["JsonRenderer"]


@attrs.define
class JsonRenderer:
    """Reports as JSON, UTF-8, two spaces of indent. Ids stay ids: whoever needs names asks for the labels."""

    media_type: str = "application/json"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:  # noqa: ARG002
        """The report as JSON. Raises ``Unsupported`` for a value that is no report."""
        if type(report) not in FORMATS:
            raise no_report(report)
        text = json.dumps(to_json(report), ensure_ascii=False, indent=2, allow_nan=False)
        return (text + "\n").encode(errors="backslashreplace")
