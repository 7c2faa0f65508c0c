"""A database for the examples of a page: ``<!-- postgres: NAME -->`` puts its connection string into the environment
under NAME. Where there is no server, the examples below are skipped, or fail where one was asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import psycopg
from sybil import Document, Example, Region

from pg_server import dsn, fresh_schema, skip_without_server

__all__ = ["database_parser"]

_MARK = re.compile(r"<!-- postgres: (?P<name>[A-Z_]+) -->")


def database_parser(document: Document) -> Iterator[Region]:
    """The places where a page wants a database."""
    for found in _MARK.finditer(document.text):
        yield Region(found.start(), found.end(), found["name"], _give)


def _give(example: Example) -> None:
    example.document.push_evaluator(_skip_too)
    skip_without_server()
    example.document.pop_evaluator(_skip_too)
    name = fresh_schema()
    with psycopg.connect(dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    os.environ[str(example.parsed)] = dsn(dbname=name)


def _skip_too(_example: Example) -> None:
    skip_without_server()
