"""The everyday words of trackers, as text files: ``code: word, word, ...`` a line."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["entries"]


def entries(name: str) -> list[tuple[str, list[str]]]:
    """The (code, words) lines of one list."""
    lines = files(__name__).joinpath(f"{name}.txt").read_text("utf-8").strip().splitlines()
    split = (line.partition(":") for line in lines)
    return [(code.strip(), [word.strip() for word in words.split(",")]) for code, _, words in split]
