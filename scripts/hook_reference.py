"""Write the reference part of docs/hooks.md from the specifications: ``make reference``. A test compares the two."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from scripts.made_part import rewrite

from trialflow.adapters import hooks
from trialflow.adapters.hooks import TrialflowHooks

__all__ = ["BEGIN", "END", "PAGE", "examples", "main", "reference", "signatures"]

PAGE = Path(__file__).parents[1] / "docs" / "hooks.md"
BEGIN = "<!-- reference: made by `make reference` -->"
END = "<!-- end of the reference -->"
_EXAMPLE = "\nExample::\n"


def main() -> int:
    """Replace what stands between the two marks."""
    rewrite(PAGE, BEGIN, END, reference())
    return 0


def reference() -> str:
    """The rules for all hooks, then each with its signature, what it means and its example, as Markdown."""
    rules = inspect.cleandoc(hooks.__doc__ or "").partition("Rules for all of them:\n\n")[2]
    lines = ["## Rules for all hooks", "", _markdown(rules.partition("\n\nA distribution")[0]), "", "## The hooks"]
    shown = dict(signatures())
    for name, (meaning, example) in _texts():
        lines += ["", f"### {name}", "", f"`{shown[name]}`", "", _markdown(meaning), "", "```python", example, "```"]
    return "\n".join(lines) + "\n"


def signatures() -> Iterator[tuple[str, str]]:
    """Each hook's name and how it is called, without ``self``."""
    for name in _names():
        signature = inspect.signature(getattr(TrialflowHooks, name))
        given = [str(p).replace("'", "") for p in signature.parameters.values() if p.name != "self"]
        yield name, f"{name}({', '.join(given)}) -> {signature.return_annotation}"


def examples() -> Iterator[tuple[str, str]]:
    """Each hook's name and its example, a text of Python."""
    return ((name, example) for name, (_, example) in _texts())


def _names() -> Iterator[str]:
    return (name for name in vars(TrialflowHooks) if name.startswith("trialflow_"))


def _texts() -> Iterator[tuple[str, tuple[str, str]]]:
    for name in _names():
        meaning, _, example = inspect.cleandoc(getattr(TrialflowHooks, name).__doc__).partition(_EXAMPLE)
        yield name, (meaning.strip(), textwrap.dedent(example).strip())


def _markdown(text: str) -> str:
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text.strip()).replace("``", "`")


if __name__ == "__main__":
    raise SystemExit(main())
