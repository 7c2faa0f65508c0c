"""Every stable code that the sources can answer with, found by reading them: a code is what is passed as ``code``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import trialflow

__all__ = ["codes_in", "found_codes", "positions"]

ROOT = Path(trialflow.__file__).parent
_OF_THE_WORKFLOW = ("rules/check_", "rules/loading", "rules/structure", "rules/wording")
"""Problems of a definition: docs/workflow.md lists them."""


def found_codes() -> set[str]:
    """All codes of errors, refusals, contact, files, lines and verification; ``*`` stands for what varies."""
    trees = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}
    where = positions(trees.values())
    mine = [tree for name, tree in trees.items() if not name.startswith(_OF_THE_WORKFLOW)]
    passed = {code for tree in mine for code in codes_in(tree, where)}
    return passed | set(_contact_codes(trees["rules/contact.py"])) | set(_faults(trees["adapters/storages/verify.py"]))


def positions(trees: Iterable[ast.AST]) -> dict[str, int]:
    """The names of functions and classes that take a ``code``, and at which place."""
    found: dict[str, int] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
                if "code" in (*names, *(a.arg for a in node.args.kwonlyargs)):
                    found[node.name] = names.index("code") if "code" in names else -1
            elif isinstance(node, ast.ClassDef):
                fields = [getattr(part.target, "id", "") for part in node.body if isinstance(part, ast.AnnAssign)]
                if "code" in fields and not _own_code(node):
                    found[node.name] = fields.index("code")
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                        names = [a.arg for a in method.args.args[1:]]
                        if "code" in names:
                            found[node.name] = names.index("code")
    return {name: place for name, place in found.items() if name not in _NO_ERRORS}


_NO_ERRORS = {
    "Status", "Item", "BlockerKind", "CloseReason", "Sla", "BucketRule", "ActionRule", "Role", "SlaStatus", "Reason",
    "Reminder", "status", "item", "blocker", "reason", "action", "role", "current", "moves_from", "is_final", "find",
    "bucket_label", "status_label", "code", "__init__",
}  # fmt: skip
"""What has a code that is no error's: parts of a workflow, rows of reports."""


def codes_in(tree: ast.AST, where: dict[str, int]) -> Iterator[str]:
    """The codes passed in one module, and those that error classes have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in where:
                given = [k.value for k in node.keywords if k.arg == "code"]
                given += node.args[where[name] : where[name] + 1] if where[name] >= 0 else []
                yield from (code for value in given for code in _texts(value))
        elif isinstance(node, ast.ClassDef) and (own := _own_code(node)):
            yield own


def _texts(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in value.values)


def _own_code(node: ast.ClassDef) -> str:
    """The code of an error class: ``code: ClassVar[str] = "..."``."""
    for part in node.body:
        named = isinstance(part, ast.AnnAssign) and getattr(part.target, "id", "") == "code"
        if named and isinstance(part, ast.AnnAssign) and isinstance(part.value, ast.Constant):
            return str(part.value.value) if "ClassVar" in ast.unparse(part.annotation) else ""
    return ""


def _contact_codes(tree: ast.AST) -> Iterator[str]:
    """Why contact is denied: the keys of tables and what is returned in, or appended to, lists."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))
        elif isinstance(node, ast.Return):
            lists = (part for part in ast.walk(node) if isinstance(part, ast.List))
            yield from (str(one.value) for part in lists for one in part.elts if isinstance(one, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def _faults(tree: ast.AST) -> Iterator[str]:
    """What verification finds: pairs of a code and a text."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Tuple)
            and len(node.elts) == 2
            and isinstance(node.elts[1], ast.Constant | ast.JoinedStr)
        ):
            first = node.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
