"""Write docs/schema/ anew from the report values: ``python -m scripts.report_schemas``. A test compares the two.

attrs has no generator of JSON Schema; the reports use so few types that a walk over their fields says it all.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NewType, get_args, get_origin

import attrs

from trialflow.reports.json import FORMATS

__all__ = ["FOLDER", "main", "schema", "schemas"]

FOLDER = Path(__file__).parents[1] / "docs" / "schema"

_PLAIN: dict[Any, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def main() -> None:
    """Write one file per report."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8")


def schemas() -> dict[str, str]:
    """File name to text: ``dashboard-1.schema.json`` and so on."""
    return {
        f"{fmt.removeprefix('trialflow.').replace('/', '-')}.schema.json": json.dumps(schema(kind, fmt), indent=2)
        + "\n"
        for kind, fmt in FORMATS.items()
    }


def schema(kind: type, fmt: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one report's document."""
    definitions: dict[str, Any] = {}
    body = _object(kind, definitions)
    body["properties"] = {"format": {"const": fmt}, **body["properties"]}
    body["required"] = ["format", *body["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": fmt,
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    attrs.resolve_types(kind)
    fields = attrs.fields(kind)
    return {
        "description": inspect.getdoc(kind) or "",
        "type": "object",
        "properties": {field.name: _of(field.type, definitions) for field in fields},
        "required": [field.name for field in fields],
        "additionalProperties": False,
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if attrs.has(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            definitions[kind.__name__] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is UnionType:
        return {"anyOf": [_of(part, definitions) for part in parts]}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(parts[1], definitions)}
    if origin is tuple and parts[-1] is Ellipsis:
        return {"type": "array", "items": _of(parts[0], definitions)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_of(part, definitions) for part in parts], "items": False}
    raise TypeError(f"no JSON Schema for {kind}")


if __name__ == "__main__":
    main()
