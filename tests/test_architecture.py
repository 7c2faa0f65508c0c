"""The house keeps its plan: arrows run one way, the core is pure, files are small, everything public says what it is.

Each check is also seen to catch what it is for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trialflow

ROOT = Path(trialflow.__file__).parent
LAYERS = ("model", "rules", "reports", "adapters", "tracker", "cli")
PURE = ("model", "rules", "reports")
MODULES = sorted(ROOT.rglob("*.py"))

MOST_LINES = 260
LONGER: dict[str, str] = {}
"""Modules beyond the limit, each with the reason."""

IMPURE_CALLS = {
    "now", "today", "utcnow", "time_ns", "monotonic", "perf_counter", "sleep", "uuid1", "uuid4", "getenv",
    "open", "urandom", "random", "randrange", "choice", "shuffle", "token_hex", "print", "input", "read_text",
    "read_bytes", "write_text", "write_bytes", "getLogger",
}  # fmt: skip
IMPURE_MODULES = {
    "os", "io", "random", "secrets", "socket", "subprocess", "tempfile", "threading", "time", "logging", "sqlite3",
    "pathlib", "urllib", "http", "shutil",
}  # fmt: skip
ALLOWED_CALLS = {
    ("rules/loading.py", "read_text"): "the shipped default workflow is part of the package",
}


def named(path: Path) -> str:
    """A module's place in the package."""
    return path.relative_to(ROOT).as_posix()


def layer_of(path: Path) -> str:
    """The layer a module belongs to, or an empty text for the package's own two files."""
    first = path.relative_to(ROOT).parts[0]
    return first if first in LAYERS else ""


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield node.module or ""


def upward(layer: str, tree: ast.AST) -> list[str]:
    """Imports of a layer above ``layer``."""
    above = LAYERS[LAYERS.index(layer) + 1 :]
    return [name for name in imports(tree) if name.startswith("trialflow.") and name.split(".")[1] in above]


def impure(tree: ast.AST) -> list[str]:
    """Calls and imports by which a module would look at the world."""
    found = [name for name in imports(tree) if name.partition(".")[0] in IMPURE_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in IMPURE_CALLS:
                found.append(name)
    return found


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def unannotated(tree: ast.AST) -> list[str]:
    """Functions of which an argument or the result has no type."""
    found = []
    for function in functions(tree):
        spec = function.args
        given = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
        bare = [arg.arg for arg in given if arg.annotation is None and arg.arg not in ("self", "cls")]
        if bare or function.returns is None:
            found.append(function.name)
    return found


def listed(tree: ast.Module) -> list[str] | None:
    """The names of ``__all__``, or None where the module has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(one.value) for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
    return None


def undocumented(tree: ast.Module) -> list[str]:
    """Public classes, functions and methods without a docstring, and the module itself. Public is what ``__all__``
    lists, else what has no leading underscore."""
    found = [] if ast.get_docstring(tree) or not tree.body else ["module"]
    names = listed(tree)
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        if node.name in names if names is not None else not node.name.startswith("_"):
            inside = node.body if isinstance(node, ast.ClassDef) else []
            methods = [m for m in inside if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
            for part in (node, *methods):
                trivial = isinstance(part, ast.FunctionDef) and len(part.body) == 1 and _is_ellipsis(part.body[0])
                if not ast.get_docstring(part) and not trivial:
                    found.append(part.name if part is node else f"{node.name}.{part.name}")
    return found


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


@pytest.fixture(params=MODULES, ids=named, scope="module")
def module(request: pytest.FixtureRequest) -> tuple[Path, ast.Module]:
    """Each module of the package, parsed."""
    path: Path = request.param
    return path, ast.parse(path.read_text("utf-8"))


def test_imports_run_one_way(module: tuple[Path, ast.Module]) -> None:
    path, tree = module
    if layer_of(path):
        assert upward(layer_of(path), tree) == []


def test_the_core_looks_at_no_clock_chance_file_or_socket(module: tuple[Path, ast.Module]) -> None:
    path, tree = module
    if layer_of(path) in PURE:
        assert [found for found in impure(tree) if (named(path), found) not in ALLOWED_CALLS] == []


def test_modules_are_small(module: tuple[Path, ast.Module]) -> None:
    path, _ = module
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= MOST_LINES or named(path) in LONGER
    assert named(path) not in LONGER or lines > MOST_LINES, "no longer an exception"


def test_every_function_is_annotated(module: tuple[Path, ast.Module]) -> None:
    assert unannotated(module[1]) == []


def test_every_public_name_says_what_it_is(module: tuple[Path, ast.Module]) -> None:
    assert undocumented(module[1]) == []


def test_every_module_says_what_is_public(module: tuple[Path, ast.Module]) -> None:
    path, tree = module
    if path.name in ("__init__.py", "__main__.py"):
        return
    names = listed(tree)
    assert names is not None
    assert len(names) == len(set(names))


def test_the_checks_catch_what_they_are_for() -> None:
    assert upward("rules", ast.parse("from trialflow.reports.fold import fold")) == ["trialflow.reports.fold"]
    assert upward("rules", ast.parse("def f():\n    import trialflow.cli")) == ["trialflow.cli"]
    assert upward("reports", ast.parse("from trialflow.model.lead import Lead")) == []
    bad = "import os\nx = datetime.now(UTC)\ny = uuid.uuid4()\nopen('x')\nfrom time import sleep\nsleep(1)"
    assert sorted(impure(ast.parse(bad))) == ["now", "open", "os", "sleep", "time", "uuid4"]
    assert impure(ast.parse("at = as_of.astimezone(zone)\nd = uuid.uuid5(space, name)")) == []
    assert unannotated(ast.parse("def f(x: int, y) -> int: ...\ndef g(): ...\ndef h(self, *a: int) -> None: ...")) == [
        "f",
        "g",
    ]
    assert undocumented(ast.parse('"""M."""\n__all__ = ["f"]\ndef f(): pass\ndef g(): pass')) == ["f"]
    assert undocumented(ast.parse("class A:\n    def b(self): return 1\ndef _c(): pass\ndef d(): ...")) == [
        "module",
        "A",
        "A.b",
    ]
