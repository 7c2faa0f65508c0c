"""Spellings: what counts as the same word, the same phone number, the same e-mail address."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["match_key", "normal_email", "normal_name", "normal_phone", "tidy"]

_BLANKS = re.compile(r"\s+")
_MARKS = re.compile(r"[^\w#✓✔]+")
_NO_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:ext\.?|extension|x)\s*(\d+)\s*$", re.IGNORECASE)


def tidy(text: str) -> str:
    """``text`` without outer and repeated blanks, in NFC: as a person would have it shown."""
    if text.isascii() and text.isprintable():
        text = text.strip()
        return _BLANKS.sub(" ", text) if "  " in text else text
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def match_key(text: str) -> str:
    """What two spellings of one word share: NFKC, lower case, no punctuation, single blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _BLANKS.sub(" ", _MARKS.sub(" ", folded.replace("'", "").replace("’", ""))).strip().replace("_", " ")


def normal_phone(text: str) -> str:
    """The digits that two spellings of one number share; an extension is kept, a leading US 1 or 00 dropped.

    Texts with fewer than seven digits are no phone number and give an empty text.
    """
    extension = ""
    found = _EXTENSION.search(text) if "x" in text.casefold() else None
    if found:
        extension, text = found[1], text[: found.start()]
    if text.endswith(".0"):
        text = text[:-2]  # a spreadsheet's number
    digits = _NO_DIGIT.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("00")
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) < 7:
        return ""
    return f"{digits}x{extension}" if extension else digits


def normal_email(text: str) -> str:
    """The address in lower case without blanks; an empty text when it is none. ``+tags`` are kept: they may differ."""
    address = tidy(text).casefold().removeprefix("mailto:").replace(" ", "").strip("<>")
    name, at, host = address.rpartition("@")
    return address if at and name and "." in host else ""


def normal_name(text: str) -> str:
    """A name for comparing: ``Fictor, Avery`` and ``avery  FICTOR`` are one."""
    last, comma, first = text.partition(",")
    return match_key(f"{first} {last}" if comma else text)
