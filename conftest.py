"""The examples in README.md and docs/ are tests (tests/helpers/docs_examples.py says what is run and compared)."""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from docs_examples import console_parser, enter, file_parser, leave
from pg_docs import database_parser

pytest_collect_file = Sybil(
    parsers=[file_parser, database_parser, PythonCodeBlockParser(), console_parser(), SkipParser()],
    patterns=["README.md", "docs/*.md"],
    setup=enter,
    teardown=leave,
).pytest()
