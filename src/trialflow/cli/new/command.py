"""The starting package of a storage, a lead source or a renderer, written from the templates beside this module."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from trialflow.cli.exits import OK, FileUnusable, UsageError
from trialflow.cli.options import add_command

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from trialflow.adapters.plugins_providers import ProviderKind
    from trialflow.cli.options import Commands

__all__ = ["PORTS", "add_commands", "write_package"]

PORTS = ("storage", "source", "renderer")
"""What a package can be started for."""

_KINDS: dict[str, ProviderKind] = {"storage": "storages", "source": "lead_sources", "renderer": "renderers"}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_MORE = """\
The package has its entry point, its options and a test that runs the whole conformance kit. The tests run at once and
fail, each naming the clause of the contract that is still to be kept. docs/write-an-adapter.md fills one in."""


def add_commands(commands: Commands) -> None:
    """Register the command."""
    text = "write a package to start an adapter from"
    parser = add_command(commands, "new", text, _new, more=_MORE)
    parser.add_argument("thing", choices=["adapter"], help="what to start")
    parser.add_argument("port", choices=PORTS, help="what it adds to trialflow")
    parser.add_argument("name", metavar="NAME", type=_name, help="how people will choose it, such as acme")
    parser.add_argument("--into", default=".", metavar="DIRECTORY", help="where to write trialflow-NAME; default: here")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or len(text) > _LONGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no name for an adapter: small letters, digits and -, a letter first, at most {_LONGEST}"
        )
    return text


def _new(args: argparse.Namespace) -> int:
    _refuse_taken(args.port, args.name)
    written = write_package(args.port, args.name, Path(args.into))
    for path in written:
        print(path)
    print(f"next: cd {written[0].parent}; pip install -e '.[test]'; pytest")
    return OK


def _refuse_taken(port: str, name: str) -> None:
    """What is built in has its name first: a package of that name would never be used."""
    from trialflow.adapters.plugins import Plugins

    if Plugins().offer(_KINDS[port], name) is not None:
        raise UsageError(f"trialflow itself has a {port} {name!r}; choose another name, such as acme-{name}")


def write_package(port: str, name: str, into: Path) -> list[Path]:
    """Write ``trialflow-NAME`` into a directory; the paths of its files, ``pyproject.toml`` first.

    Raises ``FileUnusable`` where there is something of that name already, or nothing can be written; then nothing that
    was there is changed.
    """
    package = f"trialflow_{name.replace('-', '_')}"
    words = {"name": name, "package": package, "class_name": "".join(map(str.capitalize, name.split("-")))}
    root = into / f"trialflow-{name}"
    texts = {
        root / where.replace("PACKAGE", package): Template(text).substitute(words)
        for where, text in _templates(port).items()
    }
    try:
        root.mkdir(parents=True)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    except FileExistsError:
        raise FileUnusable(f"there is a {root} already; choose another name, or another place with --into") from None
    except OSError as error:
        raise FileUnusable(f"{root} cannot be written: {error.strerror}") from None
    return sorted(texts, key=lambda path: (len(path.parts), path.name != "pyproject.toml", path))


def _templates(port: str) -> dict[str, str]:
    """The texts for a port, by the path they are written to. ``.in`` ends their names: they are no Python yet."""
    from importlib.resources import files

    root = files("trialflow.cli.new") / "templates"
    return {**_below(root / "common"), **_below(root / port)}


def _below(folder: Traversable, start: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found |= _below(entry, f"{start}{entry.name}/")
        else:
            found[f"{start}{entry.name.removesuffix('.in')}"] = entry.read_text("utf-8")
    return found
