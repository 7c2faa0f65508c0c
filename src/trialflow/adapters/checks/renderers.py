"""Every check of a renderer (clauses R1 to R9, :mod:`trialflow.adapters.renderer`)."""

from __future__ import annotations

import contextlib
import copy
import json
import os
from functools import partial
from typing import Any

from trialflow.adapters.checks.child_process import line_of, started
from trialflow.adapters.checks.other_process import digests
from trialflow.adapters.checks.outcome import Broken, Check, Skipped, quotes, refused, require
from trialflow.adapters.checks.rendered_text import (
    formulas_in,
    hidden_in,
    html_structure,
    is_text,
    kind_of,
    readable,
    text_of,
)
from trialflow.adapters.checks.renderer_setup import LABELS, RendererSetup
from trialflow.adapters.checks.report_samples import LEADS, OWNER, WORD, reports
from trialflow.adapters.ports import Renderer
from trialflow.model.errors import Unsupported
from trialflow.reports.sponsor_values import BOUNDARY
from trialflow.rules.wording import findings

__all__ = ["RENDERER_CHECKS"]

_CANARY = "Zwobbel Quaxterman"
_SCRIPTS = (
    "<script>window.ran=1</script>", "<img src=x onerror=window.ran=1>", '" onfocus="window.ran=1" autofocus="',
    "' onmouseover='window.ran=1", "</style><style>*{display:none}</style>", "</title></table><h1>x", "<!--",
    "&lt;b&gt;<b>", "</script><script>1</script>", "<a href=javascript:1>x</a>",
)  # fmt: skip
_FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1+1", "\t=1+1", "\r=1+1", "\uff1d1+1", '"=1+1', "\u200b=1+1")
_HIDDEN = "a\x1b]0;x\x07\x9b2J\u202eb\u2066c\x00d\u2028e"


@quotes("R1")
def gives_the_same_bytes_each_time(setup: RendererSetup) -> None:
    """Equal values give equal bytes: again, from another renderer, and after others were rendered."""
    renderer, found = setup.fresh(), reports()
    first = dict(setup.outputs(found, renderer=renderer))
    for who, other in (("the same renderer", renderer), ("another one", setup.fresh())):
        for kind, data in setup.outputs(dict(reversed(list(found.items()))), renderer=other):
            require(data == first[kind], f"the {kind} must have the same bytes again, from {who}")


@quotes("R1")
def gives_the_same_bytes_in_other_processes(setup: RendererSetup) -> None:
    """A process whose sets have another order, in another zone, renders the same bytes."""
    if setup.opener is None:
        raise Skipped("no `opener` is given: how another process makes the renderer")
    wanted, seed = digests(setup.fresh()), "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    with started(setup.opener, "render", "", PYTHONHASHSEED=seed, TZ="Asia/Tokyo") as child:
        found = json.loads(line_of(child))
    other = [kind for kind, digest in wanted.items() if found.get(kind) != digest]
    require(not other, f"the bytes must be the same in every process; they are not for: {', '.join(other)}")


@quotes("R2")
def names_its_media_type(setup: RendererSetup) -> None:
    """``media_type`` is ``type/subtype``; where it says a charset, that is UTF-8."""
    named: Any = setup.fresh().media_type
    require(isinstance(named, str) and kind_of(named) != "", f"media_type must be type/subtype: {named!r}")
    charset = named.lower().partition("charset=")[2].strip('" ')
    require(charset in ("", "utf-8"), f"a text is written in UTF-8, not in {charset}")


@quotes("R3")
def renders_every_kind_of_report(setup: RendererSetup) -> None:
    """A report gives bytes, full or empty; a kind that the renderer does not make is refused with ``Unsupported``."""
    renderer, made = setup.fresh(), set()
    for empty in (False, True):
        for kind, report in reports(empty=empty).items():
            try:
                data: Any = renderer.render(report, labels={} if empty else dict(LABELS))
            except Unsupported:
                require(kind not in made, f"a {kind} must be rendered, too, when there is nothing in it")
                continue
            made.add(kind)
            require(type(data) is bytes and len(data) > 0, f"a {kind} must give bytes, and at least one")
    require(bool(made), "a renderer must render at least one kind of report")


@quotes("R3")
def refuses_what_is_no_report(setup: RendererSetup) -> None:
    """A value that is no report is refused with ``Unsupported``, which names its type and nothing of it."""
    renderer = setup.fresh()
    for value in ({"name": _CANARY}, None, _CANARY, [_CANARY]):
        error = refused(Unsupported, partial(renderer.render, value), "what is no report must raise Unsupported")
        require(_CANARY not in str(error), "the message must show nothing of the value")


@quotes("R4")
def keeps_its_structure(setup: RendererSetup) -> None:
    """Text from outside changes no element of a page, whichever field it stands in, labels included."""
    renderer = setup.fresh()
    if "html" not in kind_of(renderer.media_type) and "svg" not in kind_of(renderer.media_type):
        raise Skipped(f"{renderer.media_type} is no HTML")
    plain = {kind: html_structure(data) for kind, data in setup.poisoned(renderer, "plain words")}
    for text in _SCRIPTS:
        for kind, data in setup.poisoned(renderer, text):
            require(html_structure(data) == plain[kind], f"in a {kind} {text!r} must stay text; it changed the page")


@quotes("R5")
def leaves_no_formula_live(setup: RendererSetup) -> None:
    """No cell of a table for spreadsheets begins as a formula, whichever field its text comes from, labels included."""
    renderer = setup.fresh()
    if formulas_in(renderer.media_type, b"") is None:
        raise Skipped(f"{renderer.media_type} is no table for a spreadsheet")
    for text in _FORMULAS:
        for kind, data in setup.poisoned(renderer, text):
            live = formulas_in(renderer.media_type, data)
            require(not live, f"in a {kind} the text {text!r} must not be a formula in a spreadsheet")


@quotes("R6")
def takes_hidden_characters_out(setup: RendererSetup) -> None:
    """Escape sequences, controls and direction marks from outside are not in what a person reads."""
    renderer = setup.fresh()
    if not readable(renderer.media_type):
        raise Skipped(f"{renderer.media_type} is not read by people as it is")
    for kind, data in setup.poisoned(renderer, _HIDDEN):
        found = hidden_in(data)
        require(not found, f"a {kind} must show no control character from outside; it has {found[:3]!r}")


@quotes("R7")
def writes_utf_8(setup: RendererSetup) -> None:
    """Every text can be written, a broken half of a character too, and what comes out is UTF-8."""
    renderer = setup.fresh()
    if not is_text(renderer.media_type):
        raise Skipped(f"{renderer.media_type} is no text")
    for text in ("Łukasz Żak 山田 太郎 \U0001f9ea", "half \ud83e of a character"):
        for kind, data in setup.poisoned(renderer, text):
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Broken(f"a {kind} must be written in UTF-8: {error.reason} at byte {error.start}") from None


@quotes("R8")
def tells_a_sponsor_of_no_lead(setup: RendererSetup) -> None:
    """In a sponsor update stands no id of a lead or an owner, no label that was passed, and its boundary stands."""
    update, renderer = reports()["sponsor update"], setup.fresh()
    labels = dict.fromkeys((*LEADS, OWNER, WORD, "Radio", "Letter", "Web form", "Coordinator"), _CANARY)
    for kind, data in setup.outputs({"sponsor update": update}, labels, renderer):
        text = _words(renderer, data)
        named = [one for one in (*LEADS, OWNER, WORD, _CANARY) if one in text]
        require(not named, f"a {kind} must name no lead, no owner and no label of the site: {named[:1]}")
        require(BOUNDARY in text, f"a {kind} must say: {BOUNDARY}")


def _words(renderer: Renderer, data: bytes) -> str:
    text = text_of(renderer.media_type, data)
    if text is None:
        raise Skipped(f"{renderer.media_type} cannot be read as text; check what it says by a reader of it")
    return text


@quotes("R8")
def says_no_word_of_a_decision(setup: RendererSetup) -> None:
    """No word of the renderer's own reads as a decision, a promise or a judgement about a person."""
    renderer = setup.fresh()
    if kind_of(renderer.media_type).endswith("json"):
        raise Skipped(f"{renderer.media_type} holds codes, not sentences")
    for kind, data in setup.outputs(reports(), renderer=renderer):
        found = findings(_words(renderer, data), allowed=[BOUNDARY])
        bad = [f"{one.found!r}; say {one.instead}" for one in found if one.level == "forbidden"]
        require(not bad, f"a {kind} must say no word of a decision: {'; '.join(bad)}")


@quotes("R9")
def changes_nothing_it_was_given(setup: RendererSetup) -> None:
    """The report and the labels are afterwards what they were."""
    renderer = setup.fresh()
    for kind, report in reports().items():
        labels, before = dict(LABELS), copy.deepcopy(report)
        with contextlib.suppress(Unsupported):
            renderer.render(report, labels=labels)
        require(report == before, f"rendering must not change the {kind}")
        require(labels == LABELS, "rendering must not change the labels")


RENDERER_CHECKS: tuple[Check[RendererSetup], ...] = (
    gives_the_same_bytes_each_time,
    gives_the_same_bytes_in_other_processes,
    names_its_media_type,
    renders_every_kind_of_report,
    refuses_what_is_no_report,
    keeps_its_structure,
    leaves_no_formula_live,
    takes_hidden_characters_out,
    writes_utf_8,
    tells_a_sponsor_of_no_lead,
    says_no_word_of_a_decision,
    changes_nothing_it_was_given,
)
