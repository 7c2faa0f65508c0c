"""Writes the mapping file of a tracker: what was recognised, and blanks where a person has to say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from trialflow.adapters.sources.header import FIELDS
from trialflow.adapters.sources.mapping import CODES, ORDERS, WORDS, Mapping
from trialflow.adapters.sources.sheet import Sheet
from trialflow.adapters.sources.spelling import match_key
from trialflow.rules.workflow import Workflow

__all__ = ["write_mapping"]

_HEAD = """\
# What this site's tracker means. Fill the blanks ("") and correct what is wrong, then import with --mapping.
# A line may be removed: what is built in is used then.
"""


def write_mapping(sheet: Sheet, workflow: Workflow, said: Mapping | None = None) -> str:
    """The text of a mapping file for ``sheet``, whose rows have been read. ``said`` is kept. Deterministic."""
    said = said or Mapping()
    sections = [
        _HEAD,
        _section("file", _file(said), _about_file(sheet)),
        _section("columns", _columns(sheet), [f"heading = field, or ignore. Fields: {', '.join(FIELDS)}"]),
        _section("dates", _dates(sheet), [f"how all-numeric dates are written: {', '.join(ORDERS)}; * = every column"]),
    ]
    sections += [_words(field, sheet, workflow, said) for field in WORDS]
    return "\n".join(section for section in sections if section)


def _section(name: str, lines: Iterable[str], about: Iterable[str]) -> str:
    return "\n".join([f"[{name}]", *(f"# {line}" for line in about), *lines, ""])


def _about_file(sheet: Sheet) -> Iterator[str]:
    lines = sheet.lines
    if lines.kind == "csv":
        yield f"read as {lines.encoding}, separated by {lines.delimiter!r}, the header on line {sheet.header_line}"
    else:
        yield f"read from the sheet {lines.sheet!r}, the header on line {sheet.header_line}"
    yield "to declare it: encoding, delimiter, sheet, header_line (a number)"


def _file(said: Mapping) -> Iterator[str]:
    for key in ("encoding", "delimiter", "sheet"):
        if getattr(said, key):
            yield f"{key} = {_quoted(getattr(said, key))}"
    if said.header_line:
        yield f"header_line = {said.header_line}"


def _columns(sheet: Sheet) -> Iterator[str]:
    match = sheet.match
    held = {index: field for field in match.columns for index in match.all_of(field)}
    written: set[str] = set()
    for index, heading in enumerate(match.headings):
        if heading and match_key(heading) not in written:
            written.add(match_key(heading))
            yield f"{_quoted(heading)} = {_quoted(held.get(index, 'ignore'))}"


def _dates(sheet: Sheet) -> Iterator[str]:
    for field, order in sheet.date_order.items():
        if order in ORDERS:
            yield f"{field} = {_quoted(order)}"
        else:
            yield f"# {field}: nothing has to be declared"


def _words(field: str, sheet: Sheet, workflow: Workflow, said: Mapping) -> str:
    known = said.aliases(field)
    spoken = {match_key(word) for word in known}
    blanks = [word for word in sorted(sheet.unknown_words().get(field, ())) if match_key(word) not in spoken]
    lines = [f"{_quoted(word)} = {_quoted(code)}" for word, code in sorted(known.items())]
    lines += [f'{_quoted(word)} = ""' for word in blanks]
    if field in ("source", "owner"):
        shown = sheet.sources if field == "source" else sheet.owners
        lines += [f"# {_quoted(name)} = {_quoted(name)}{_hint(name, shown)}" for name in shown if name not in known]
    elif not lines:
        return ""
    return _section(field, lines, _about_words(field, workflow))


def _about_words(field: str, workflow: Workflow) -> list[str]:
    if field in ("source", "owner"):
        return [f"spelling = how it is to be shown; two spellings of one {field} get the same name on the right"]
    codes = {
        "status": [s.code for s in workflow.statuses],
        "reason": [r.code for r in workflow.close_reasons],
        **{name: list(allowed) for name, allowed in CODES.items()},
    }[field]
    about = [f"word = {field}. One of: {', '.join(codes)}"]
    if field == "status":
        about.append('with what else it says: "closed:declined", "preparing:requested"')
    return about


def _hint(name: str, names: Iterable[str]) -> str:
    """Initials that fit one full name only: a person decides whether they are that person's."""
    letters = name.replace(".", "").casefold()
    if not 2 <= len(letters) <= 3 or " " in name:
        return ""
    fits = [full for full in names if "".join(word[0] for word in full.casefold().split()) == letters and " " in full]
    return f"  # {fits[0]}?" if len(fits) == 1 else ""


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, apart from DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
