"""What a file really is, by its content: a clear refusal for everything that is no table."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path
from typing import Literal

import attrs

from trialflow.model.errors import ImportRejected, Problem

__all__ = ["FileKind", "look_at"]

_HEAD = 65536
_MOST_UNPACKED = 1 << 30
_MOST_RATIO = 200
_MOST_COMPOUND = 8_000_000
_SAVE_AS = "open it in the spreadsheet program and save it as .xlsx or CSV"


@attrs.frozen
class FileKind:
    """``csv`` with its encoding, or ``xlsx`` (any workbook the reader takes)."""

    kind: Literal["csv", "xlsx"]
    encoding: str = ""


def look_at(path: Path, *, encoding: str = "") -> FileKind:
    """Decide by content, not by name. Raises :class:`ImportRejected` for files that are no table."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _refused(path, "file_unreadable", f"the file cannot be read: {error.strerror or 'unknown'}") from None
    if not head.strip():
        raise _refused(path, "file_empty", "the file is empty; was it saved?")
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(path)
    if head.startswith(b"%PDF"):
        raise _refused(path, "file_is_pdf", "this is a PDF, not a table; export the tracker as .xlsx or CSV")
    _refuse_markup(path, head)
    return FileKind("csv", encoding or _encoding(path, head))


def _refuse_markup(path: Path, head: bytes) -> None:
    """Spreadsheet programs save web pages under .xls, and other programs export them so."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    start = head[:4000].decode(encoding, errors="replace").lstrip("\ufeff \t\r\n").casefold()
    if start.startswith(("<!doctype", "<html", "<table", "<meta", "<head", "<body", "mime-version:", "<!--")):
        raise _refused(path, "file_is_html", f"this is a web page, not a table, whatever its name says; {_SAVE_AS}")
    if start.startswith("<?xml"):
        raise _refused(path, "file_is_xml", f"this is an XML file, not a table; {_SAVE_AS}")
    if start.startswith("{\\rtf"):
        raise _refused(path, "file_is_document", f"this is a text document, not a table; {_SAVE_AS}")
    if start.startswith(("[{", '{"', "{\n")):
        raise _refused(path, "file_is_json", "this is JSON, not a table; export the tracker as .xlsx or CSV")


def _refused(path: Path, code: str, message: str) -> ImportRejected:
    return ImportRejected((Problem(path.name, code, message),))


def _zip(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _refused(path, "file_damaged", "the workbook is damaged; save it again") from None
    names = {part.filename for part in parts}
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if unpacked > _MOST_UNPACKED or (unpacked > 50_000_000 and unpacked / packed > _MOST_RATIO) or len(parts) > 2000:
        raise _refused(path, "file_too_large", "the workbook unpacks to more than can be read; split it, or use CSV")
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names or "content.xml" in names:
        return FileKind("xlsx")
    raise _refused(path, "file_is_archive", f"this is an archive or another document, not a workbook; {_SAVE_AS}")


def _compound(path: Path) -> FileKind:
    with path.open("rb") as file:
        data = file.read(_MOST_COMPOUND)
    if "EncryptedPackage".encode("utf-16-le") in data:
        message = "the workbook is protected by a password; save it without one and import it again"
        raise _refused(path, "file_password_protected", message)
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return FileKind("xlsx")
    raise _refused(path, "file_is_document", f"this is another kind of document, not a table; {_SAVE_AS}")


def _encoding(path: Path, head: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            return name
    guessed = _utf16_without_mark(head)
    if guessed:
        return guessed
    if b"\x00" in head:
        raise _refused(path, "file_is_binary", f"this is a binary file, not a table; {_SAVE_AS}")
    controls = sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c\x1a\x1b" for byte in head)
    if controls > len(head) // 50:
        raise _refused(path, "file_is_binary", f"this is a binary file, not a table; {_SAVE_AS}")
    return "utf-8" if _is_utf8(path) else "cp1252"


def _utf16_without_mark(head: bytes) -> str:
    sample = head[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half >= 4 and odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _is_utf8(path: Path) -> bool:
    """Whether the whole file is UTF-8: the first accent may stand on the last line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
