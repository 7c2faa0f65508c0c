"""Text from outside, made harmless for a terminal, a page and a line-based format.

Escape sequences, line breaks, bidirectional overrides and broken code points can change what a reader sees without
being seen themselves. They are taken out here, once, before any format escapes what is special to it.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "columns_of", "cut"]

# C0, DEL, C1; line and paragraph separators; bidi marks, embeddings, overrides and isolates; byte order mark;
# interlinear annotation; lone surrogates.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """``text`` on one line, without control, bidi and broken characters; outer spaces are dropped."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACE.sub(" ", _BROKEN.sub("\ufffd", _HIDDEN.sub("", text))).strip()


def columns_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_char_columns(char) for char in text)


def _char_columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, width: int) -> tuple[str, str]:
    """``text`` split after at most ``width`` columns, at a space or after a hyphen where there is one; never an empty
    first part."""
    used = best = 0
    for index, char in enumerate(text):
        used += _char_columns(char)
        if used > width:
            at = best or max(index, 1)
            return text[:at].rstrip(), text[at:].lstrip()
        if char == " ":
            best = index
        elif char == "-" and index:
            best = index + 1
    return text, ""
