"""Values that nobody else has, and every disguise in which one could slip through."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator

__all__ = ["CANARIES", "disguises", "found_in", "sheet"]

CANARIES = {
    "lead_id": "CANID-77301",
    "first": "Zwobbel",
    "last": "Quaxterman",
    "phone": "+1 (212) 555-0173",
    "email": "zwobbel.quax@example.org",
    "birth_date": "1961-08-23",
    "note": "Grufalo mentioned knaeckebrot twice",
    "status": "awaiting mufflepuff",
    "owner": "Ortrud Blimsky",
    "reason": "ran off with a zirkus",
    "records": "snorkelfax pending",
    "prescreen": "vibrofoon half done",
    "extra": "plumquark secret column",
}
"""One per column that can hold a person or free words; ``extra`` is a column no field is matched to."""

_HEADER = (
    "Lead ID,First Name,Last Name,Phone,Email,DOB,Source,Status,Coordinator,Reason Closed,Records,Prescreen,Notes,Shoe"
)


def sheet(*, status: str = "", other: int = 20) -> str:
    """A tracker copy: one row full of canaries between rows of other invented people."""
    c = CANARIES
    row = [c["lead_id"], c["first"], c["last"], c["phone"], c["email"], c["birth_date"], "Radio"]
    row += [status or c["status"], c["owner"], c["reason"], c["records"], c["prescreen"], c["note"], c["extra"]]
    lines = [_HEADER]
    lines += [
        f"X-{n},Ann{n},Example{n},212-555-0{100 + n},ann{n}@example.org,1950-01-{n % 28 + 1:02},Radio,New,Anna,,,,,"
        for n in range(other)
    ]
    lines.insert(other // 2, ",".join(f'"{cell}"' for cell in row))
    return "\n".join(lines) + "\n"


def _spellings(value: str) -> Iterator[str]:
    yield from {value, value.casefold(), value.upper(), value.title(), value[::-1], " ".join(value.split())}
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        yield from {digits, digits[-10:], digits.lstrip("1"), f"+{digits}"}


def disguises(value: str) -> Iterator[bytes]:
    """``value`` as bytes: plain, by case, as digits, in hex, Base64, UTF-16, and as common digests of each."""
    for text in _spellings(value):
        raw = text.encode()
        yield raw
        yield text.encode("utf-16-le")
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for shift in range(3):  # Base64 has three alignments; the ends depend on the neighbours
            inner = base64.b64encode(b"\0" * shift + raw + b"\0" * 3)
            yield inner[4 if shift else 0 : -8]
        for algorithm in ("md5", "sha1", "sha256", "blake2b"):
            digest = hashlib.new(algorithm, raw).digest()
            yield digest
            yield digest.hex().encode()
            yield base64.b64encode(digest)[:20]


def found_in(haystack: bytes, names: Iterable[str] = CANARIES) -> list[str]:
    """The canaries that stand in these bytes in any disguise, each also in parts of their words."""
    lowered = haystack.lower()
    hits = []
    for name in names:
        value = CANARIES[name]
        words = [w for w in re.split(r"[\s@.()-]+", value) if len(w) >= 5 and not w.isdigit() and w != "example"]
        plain = [word.casefold().encode() for word in words if word.casefold() not in _COMMON]
        if any(d in haystack for d in disguises(value) if len(d) >= 8) or any(word in lowered for word in plain):
            hits.append(name)
    return hits


_COMMON = {"awaiting", "pending", "twice", "mentioned", "secret", "column"}
