"""HTML: one file that fetches nothing, works from a folder, prints well and needs no script to be read.

The policy in the page allows exactly one style sheet and one script, each by the SHA-256 of its text, computed at
each rendering. Everything that comes from a report is escaped by the environment; templates hold no markup of others.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import attrs

from trialflow.adapters.renderers.charts import bar_shapes, flow_shapes
from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.document import Block, Document, Filter, Pick, Row
from trialflow.adapters.renderers.outline import NO_LABELS, outline
from trialflow.model.errors import Unsupported

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment

__all__ = ["HtmlRenderer", "document_html", "policy"]


@attrs.define
class HtmlRenderer:
    """Reports as one self-contained HTML page (extra ``html``).

    A queue ends after ``rows`` rows, and says so. ``templates`` (a folder or a Jinja2 loader) is asked before the
    shipped templates: a ``page.html.j2`` there that extends ``shell.html.j2`` replaces single blocks of the page, an
    ``own.css`` there is added to the style sheet. Raises ``Unsupported`` without Jinja2, and for a value that is no
    report.
    """

    rows: int = 500
    templates: str | os.PathLike[str] | BaseLoader | None = None
    media_type: str = "text/html; charset=utf-8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        """The report as a page."""
        return document_html(outline(report, labels, rows=self.rows), self.templates).encode()


def document_html(document: Document, templates: str | os.PathLike[str] | BaseLoader | None = None) -> str:
    """``document`` as a page; ``templates`` as in :class:`HtmlRenderer`."""
    environment = _environment(os.fspath(templates) if isinstance(templates, os.PathLike) else templates)
    css = _asset(environment, "page.css") + _asset(environment, "own.css")
    script = _asset(environment, "page.js") if _live(document) else ""
    found = environment.get_template("page.html.j2").render(
        document=document, css=_raw(css), script=_raw(script), policy=policy(css, script)
    )
    return found.rstrip("\n") + "\n"


def policy(css: str, script: str) -> str:
    """The content security policy of a page with this style sheet and this script (empty: none may run)."""
    rules = ["default-src 'none'", f"style-src 'sha256-{_digest(css)}'"]
    if script:
        rules.append(f"script-src 'sha256-{_digest(script)}'")
    return "; ".join([*rules, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _live(document: Document) -> bool:
    return any(isinstance(block, Filter) for section in document.sections for block in section.blocks)


def _asset(environment: Environment, name: str) -> str:
    """The text of a style sheet or script, from the same places as the templates; empty where there is none."""
    from jinja2 import TemplateNotFound

    assert environment.loader is not None
    try:
        text = environment.loader.get_source(environment, name)[0]
    except TemplateNotFound:
        return ""
    return text.replace("\r\n", "\n")  # a browser reads it so, and hashes what it has read


def _raw(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # a style sheet or script of this package or of the host, never of a report


@lru_cache(maxsize=8)
def _environment(templates: str | BaseLoader | None) -> Environment:
    try:
        from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
    except ImportError:
        raise Unsupported("the HTML renderer", "pip install trialflow[html]") from None
    shipped: BaseLoader = PackageLoader("trialflow.adapters.renderers")
    if templates is not None:
        hosts = FileSystemLoader(templates) if isinstance(templates, str) else templates
        shipped = ChoiceLoader([hosts, shipped])
    environment = Environment(loader=shipped, autoescape=True, undefined=StrictUndefined, finalize=_finalize)
    environment.globals.update(
        kind_of=_kind_of, flow_shapes=flow_shapes, bar_shapes=bar_shapes, facets_of=_facets_of, query_of=_query_of
    )
    return environment


def _finalize(value: object) -> object:
    # Markup is what the macros made; everything else is text from a report.
    return clean(value) if type(value) is str else value


def _kind_of(block: Block) -> str:
    return type(block).__name__


def _facets_of(row: Row) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for facet, value in row.facets:
        found.setdefault(facet, []).append(value)
    return list(found.items())


def _query_of(pick: Pick) -> str:
    # The same cleaned text as the choices of the filter, which the script compares it with.
    return urlencode([(facet, clean(value)) for facet, value in pick])
