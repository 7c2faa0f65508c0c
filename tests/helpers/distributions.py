"""Distributions as an installer leaves them: modules, metadata, entry points and a RECORD, in a folder of the path."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["install", "write_record"]


def install(
    folder: Path, name: str, files: Mapping[str, str], points: str, *, version: str = "1.0", metadata: str | None = None
) -> Path:
    """Put a distribution into ``folder``; the folder of its metadata. ``points`` is what ``entry_points.txt`` says."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" if metadata is None else metadata
    written = {**files, f"{info.name}/METADATA": head, f"{info.name}/entry_points.txt": points}
    for path, text in written.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", "surrogateescape")
    write_record(info, list(written))
    return info


def write_record(info: Path, files: list[str]) -> None:
    """RECORD, from the files as they are now."""
    lines = []
    for path in files:
        content = (info.parent / path).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    (info / "RECORD").write_text("".join([*lines, f"{info.name}/RECORD,,\n"]), "utf-8")
