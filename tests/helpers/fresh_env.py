"""An empty environment to install wheels into, without a network.

The wheels of dependencies are packed again from what is installed here, so that pip resolves what a distribution
declares, and one that forgets a dependency cannot be installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["PIPS_PYTHON", "ROOT", "Environment", "build", "pack"]

ROOT = Path(__file__).parents[2]
PIPS_PYTHON = (
    sys.executable
    if find_spec("pip")
    else str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
)
"""The interpreter whose pip is used: an environment made by `make` has none of its own."""
_LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


@attrs.frozen
class Environment:
    """A virtual environment without anything in it. ``wheels`` is the only place pip installs from."""

    path: Path
    wheels: Path

    @classmethod
    def empty(cls, path: Path, wheels: Path) -> Environment:
        """A new one."""
        venv.create(path, with_pip=False, symlinks=True)
        return cls(path, wheels)

    def install(self, *names: str) -> None:
        """Install distributions, extras in brackets, with what they depend on."""
        done = self.pip("install", "--quiet", *names)
        assert done.returncode == 0, done.stdout

    def pip(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pip for it."""
        return self.run(PIPS_PYTHON, "-m", "pip", "--python", self.python, *arguments)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.path / "bin" / "python")

    def run(self, *command: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it: what it printed, errors among it."""
        return subprocess.run(
            command,
            cwd=cwd or self.path,
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    @property
    def variables(self) -> dict[str, str]:
        """Nothing of this environment but the system's programs."""
        found = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **found,
            "PATH": f"{self.path / 'bin'}{os.pathsep}{os.defpath}",
            "VIRTUAL_ENV": str(self.path),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_COMPILE": "1",
            "PYTHONUTF8": "1",
            "COLUMNS": "110",
            "NO_COLOR": "1",
        }


def build(project: Path, wheels: Path) -> None:
    """Build the wheel of a project of this repository."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
    done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def pack(names: Iterable[str], wheels: Path) -> None:
    """Pack these installed distributions, and all they depend on, into wheels."""
    done: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name == "trialflow" or f"{name}{sorted(asked.extras)}" in done:
            continue
        done.add(f"{name}{sorted(asked.extras)}")
        found = distribution(name)
        waiting += _needed(found, asked.extras)
        _pack(found, wheels)


def _needed(found: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for line in found.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield needed


def _pack(found: Distribution, wheels: Path) -> None:
    tags = [line.partition(": ")[2] for line in (found.read_text("WHEEL") or "").splitlines() if line[:4] == "Tag:"]
    name = canonicalize_name(found.metadata["Name"]).replace("-", "_")
    files = [file for file in found.files or () if _belongs(file.parts)]
    tag = "-".join(".".join(dict.fromkeys(part)) for part in zip(*(tag.split("-") for tag in tags), strict=True))
    with zipfile.ZipFile(wheels / f"{name}-{found.version}-{tag}.whl", "w") as wheel:
        for file in files:
            wheel.writestr(file.as_posix(), file.read_binary())
        record = next(file.parent for file in files if file.name == "METADATA") / "RECORD"
        wheel.writestr(record.as_posix(), "".join(f'"{file.as_posix()}",,\n' for file in (*files, record)))


def _belongs(parts: tuple[str, ...]) -> bool:
    return parts[0] != ".." and "__pycache__" not in parts and parts[-1] not in _LEFT_OUT
