"""Text that tries to be more than text."""

from __future__ import annotations

import random

NAUGHTY = (
    "<script>window.ran=1</script>", "</script><script>window.ran=1</script>", "<img src=x onerror=window.ran=1>",
    '"><svg onload=window.ran=1>', "' onmouseover='window.ran=1", '" onfocus="window.ran=1" autofocus="',
    "javascript:window.ran=1", "</style><style>*{display:none}</style>", "<!--", "--><b>", "]]>", "<![CDATA[<b>]]>",
    "&lt;script&gt;", "&#60;script&#62;", "&colon;", "{{ 7*7 }}", "{% raw %}", "{# x #}", "${7*7}", "<%= 1 %>",
    "<a href='//evil.example'>x</a>", "<base href=//evil.example>", "<meta http-equiv=refresh>", "<link rel=import>",
    "</title><script>window.ran=1</script>", "</option></select><script>window.ran=1</script>", "\x00<b>", "\u2028<b>",
    "<iframe src=//evil.example>", "</caption></table><form action=//evil.example>", "`onerror=1`", "<x onclick=1>",
    "\ud800<b>", "\uff1cscript\uff1e", "<ScRiPt>window.ran=1</sCrIpT>", "</desc></svg><script>window.ran=1</script>",
    "<svg><style><img src=x onerror=window.ran=1></style>", "<math><mtext></mtext><script>1</script></math>",
    "</p></li></ul></section></main><h1>x", "<template><b>", "<plaintext>", "<xmp>", "<noscript><p title='</noscript>",
    "<textarea autofocus onfocus=1>", "<details open ontoggle=window.ran=1>", "<object data=//evil.example>",
    "<button form=x formaction=javascript:1>", "<input onfocus=1 autofocus>", "<video><source onerror=1></video>",
    "<marquee onstart=1>", "<body onload=1>", "<style>@import '//evil.example'</style>", "\"'><'\"", "\\\"><b>",
    "=1+1", "@SUM(A1)", "a\nb\nc", "a\tb", "| a | b |", "[x](javascript:1)",
    "\u202e<b>\u202c", "\u200b<\u200bb>", "\x1b[31m<b>",
    "O'Fiction & Sons <Ltd>", "\u0141ukasz \u017bak", "\u5c71\u7530 \u592a\u90ce", "\U0001f9ea", "e\u0301", "a" * 400,
)  # fmt: skip

_PIECES = (
    "<",
    ">",
    '"',
    "'",
    "&",
    "/",
    "=",
    "`",
    "{",
    "}",
    "!--",
    "--",
    "]]>",
    "script",
    "svg",
    "on",
    "style",
    " ",
    "x",
)
_SPLIT = ("\x00", "\u00ad", "\u200b", "\u200d", "\n", "\t", "\u2028", "&#0;", "/", "\x0c")


def mutants(count: int, seed: int = 4) -> list[str]:
    """``count`` variations of the naughty texts: case, inserted characters, entities, doubled and joined."""
    dice = random.Random(seed)
    return [_mutant(dice) for _ in range(count)]


def _mutant(dice: random.Random) -> str:
    text = dice.choice(NAUGHTY)
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(0, len(text))
        text = dice.choice(
            (
                text.swapcase(),
                text[:at] + dice.choice(_SPLIT) + text[at:],
                text[:at] + dice.choice(_PIECES) + text[at:],
                text.replace("<", dice.choice(("&lt;", "\uff1c", "<<", "%3C", "\\u003c"))),
                text + dice.choice(NAUGHTY),
                dice.choice(_PIECES) * dice.randint(1, 4) + text,
            )
        )
    return "x" + text
