"""Contender: a plain ``csv.DictReader`` and a pydantic model per row, storing nothing."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from import_common import measure
from tracker_file import HEADINGS, tracker_file


def _us(text: Any) -> Any:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007


Day = Annotated[date | None, BeforeValidator(_us)]
Count = Annotated[int | None, BeforeValidator(lambda text: text or None)]
KINDS: dict[str, Any] = {"Date Received": Day, "Last Contact": Day, "Screening Visit": Day, "# Attempts": Count}
FIELDS: dict[str, Any] = {
    f"field_{number}": (KINDS.get(heading, str), Field(alias=heading)) for number, heading in enumerate(HEADINGS)
}
Row: Any = create_model("Row", **FIELDS)
"""One row, typed: what the tracker's columns hold, without any meaning of its words."""


def main(rows: int) -> None:
    """Read and check every row."""
    path = tracker_file(rows)

    def once() -> dict[str, int]:
        count, leads = 0, set[str]()
        with path.open(encoding="utf-8", newline="") as file:
            for cells in csv.DictReader(file):
                count += 1
                leads.add(Row.model_validate(cells).field_0)
        return {"rows": count, "leads": len(leads)}

    measure(lambda: once, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
