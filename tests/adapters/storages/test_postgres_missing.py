"""Without the extra ``postgres`` the error names it, and nothing else needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_BLOCKED = "import sys; sys.modules['psycopg'] = None\n"


def ran(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program where psycopg cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", _BLOCKED + program], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def test_the_error_names_the_extra(tmp_path: Path) -> None:
    for module, name in (("postgres", "PostgresStorage"), ("vault_postgres", "PostgresVault")):
        done = ran(f"from trialflow.adapters.storages.{module} import {name}", tmp_path)
        assert "Unsupported: PostgreSQL is not available: pip install trialflow[postgres]" in done.stderr


def test_the_command_line_says_so_too(tmp_path: Path) -> None:
    command = "['storage', 'migrate', '--storage', 'postgres', '--vault', 'postgres']"
    done = ran(f"from trialflow.cli import main; sys.exit(main({command}))", tmp_path)
    assert done.returncode == 3
    assert done.stderr == "trialflow storage: PostgreSQL is not available: pip install trialflow[postgres]\n"


def test_nothing_else_imports_it(tmp_path: Path) -> None:
    program = (
        "from trialflow.cli import main; import trialflow\n"
        "assert main(['plugins']) == 0\n"
        "assert not [name for name in sys.modules if 'postgres' in name]\n"
    )
    done = ran(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "postgres" in done.stdout
