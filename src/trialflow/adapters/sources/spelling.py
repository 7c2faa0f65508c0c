"""Spellings: what counts as the same word, the same phone number, the same e-mail address."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["match_key", "normal_email", "normal_id", "normal_name", "normal_phone", "tidy", "visible"]

_BLANKS = re.compile(r"\s+")
_MARKS = re.compile(r"[^\w#✓✔☑✅✗✘]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]")
_NO_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:ext(?:ension)?\.?|x|#)\s*(\d{1,6})\s*$", re.IGNORECASE)
_US = re.compile(r"\s*\(?([2-9]\d\d)\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})\s*", re.ASCII)
"""The usual ways to write a US number, read at once."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_FLOAT = re.compile(r"(\d+)[.,]0+")
_SCIENTIFIC = re.compile(r"\d[.,]\d+e\+?\d{1,2}", re.IGNORECASE)


def visible(text: str) -> str:
    """``text`` without characters nobody sees (zero-width, direction marks, controls)."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)


def tidy(text: str) -> str:
    """``text`` without outer and repeated blanks, in NFC: as a person would have it shown."""
    if text.isascii() and text.isprintable():
        text = text.strip()
        return _BLANKS.sub(" ", text) if "  " in text else text
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", _UNSEEN.sub("", text))).strip()


def match_key(text: str) -> str:
    """What two spellings of one word share: NFKC, lower case, no punctuation, single blanks."""
    if text.isascii():
        words = text.casefold().split()
        if all(map(str.isalnum, words)):
            return " ".join(words)
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    folded = _MARKS.sub(" ", folded.replace("'", "").replace("’", "").replace("_", " "))
    return _BLANKS.sub(" ", folded).strip()


def normal_id(text: str) -> str:
    """An id for comparing: NFKC, lower case, single blanks, without a spreadsheet's ``.0``."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text))
    text = tidy(text).casefold()
    whole = _FLOAT.fullmatch(text) if text.endswith("0") else None
    return whole[1] if whole is not None else text


def normal_phone(text: str) -> str:
    """The digits that two spellings of one number share; an extension is kept, a leading US 1 or 00 dropped.

    Texts with fewer than seven digits, with letters that name no extension, or in scientific notation (a spreadsheet
    has cut the number) are no phone number and give an empty text.
    """
    usual = _US.fullmatch(text)
    if usual is not None:
        return "".join(usual.groups())
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text))
    text = text.strip()
    extension = ""
    found = _EXTENSION.search(text) if text and not text.isdigit() else None
    if found:
        extension, text = found[1], text[: found.start()].rstrip()
    elif (whole := _FLOAT.fullmatch(text)) is not None:
        text = whole[1]
    elif _SCIENTIFIC.fullmatch(text):
        return ""
    digits = _NO_DIGIT.sub("", text.replace("(0)", "") if text.startswith("+") else text)
    digits = digits.removeprefix("00")
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if not 7 <= len(digits) <= 15:
        return ""
    return f"{digits}x{extension}" if extension else digits


def normal_email(text: str) -> str:
    """The address in lower case without blanks; an empty text when it is none. ``+tags`` are kept: they may differ."""
    if _ADDRESS.fullmatch(text):
        return text.casefold()
    address = tidy(text).casefold().removeprefix("mailto:").replace(" ", "").strip("<>,;")
    if "<" in address:
        address = address.partition("<")[2].rstrip(">")  # Avery Sample <avery@example.org>
    name, at, host = address.rpartition("@")
    return address if at and name and "." in host else ""


def normal_name(text: str) -> str:
    """A name for comparing: ``Fictor, Avery`` and ``avery  FICTOR`` are one."""
    last, comma, first = text.partition(",")
    return match_key(f"{first} {last}" if comma else text)
