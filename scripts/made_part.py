"""The part of a page that is made by a script and stands between two marks; what people write stands around it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["rewrite"]


def rewrite(page: Path, begin: str, end: str, made: str) -> None:
    """Replace what stands between the two marks."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n\n{made}\n{end}{after}", "utf-8")
