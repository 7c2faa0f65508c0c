"""Plugins that do wrong, each a distribution of its own: what it does, and the codes by which it has to be shown.

Every module first leaves a file in the folder ``$SENTINELS``: whoever was imported is known.
"""

# ruff: noqa: E501 - one plugin a line

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from distributions import install

__all__ = ["GOOD", "HOSTILE", "HostilePlugin", "install_good", "install_hostile"]

_HEAD = """\
import os, sys, time
open(os.path.join(os.environ["SENTINELS"], __name__), "w").close()
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Option, Provider
from trialflow import Refusal
"""

_SUBSCRIBER = "@hookimpl\ndef trialflow_recorded(records):\n    "
_STORAGES = "@hookimpl\ndef trialflow_storages():\n    "
_RENDERERS = "@hookimpl\ndef trialflow_renderers():\n    "
_GUARDS = "@hookimpl\ndef trialflow_guards():\n    "


@attrs.frozen
class HostilePlugin:
    """``code`` of the problem it is shown by, the body of its module, and the entry point's value after the module."""

    name: str
    code: str
    body: str
    value: str = ""
    module: str = ""
    metadata: str | None = None
    points: str = ""

    @property
    def distribution(self) -> str:
        """The distribution it comes in."""
        return f"hostile-{self.name.replace('_', '-')}"

    @property
    def module_name(self) -> str:
        """The module it lies in."""
        return f"hostile_{self.name}"


def _raising(name: str, what: str) -> HostilePlugin:
    return HostilePlugin(name, "import_failed", what)


_IMPORTS = (
    _raising("import_error", "import nothing_like_this"),
    _raising("syntax_error", "def ("),
    _raising("raises", "raise RuntimeError('no')"),
    _raising("exits", "sys.exit(3)"),
    _raising("interrupts", "raise KeyboardInterrupt"),
    _raising("generator_exit", "raise GeneratorExit"),
    _raising("own_base", "class Odd(BaseException): pass\nraise Odd"),
    _raising("recursion", "def f(): return f()\nf()"),
    _raising("no_memory", "raise MemoryError"),
    _raising("mute_error", "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute"),
    _raising("endless_message", "raise RuntimeError('x' * 10**6)"),
    _raising("escape_codes", "raise RuntimeError('\\x1b]0;owned\\x07\\x1b[2J')"),
    _raising("exec_later", "exec('1 +')"),
    _raising("signals", "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)"),
    HostilePlugin("attribute_missing", "import_failed", "", ":not_there"),
    HostilePlugin("module_missing", "import_failed", "", module="nowhere_at_all"),
    HostilePlugin("bad_value", "import_failed", "", module="not a module!!"),
    HostilePlugin("import_hangs", "import_slow", "time.sleep(60)"),
    HostilePlugin(
        "replaces_append", "meddling", "from trialflow.adapters.storages.memory import MemoryStorage\n"
        "MemoryStorage.append = lambda *a, **k: ()",
    ),
    HostilePlugin(
        "replaces_decide", "meddling", "from trialflow.rules import decide\ndecide.move = lambda *a, **k: ()"
    ),
    HostilePlugin("changes_folder", "meddling", "os.chdir('/')"),
    HostilePlugin("closes_output", "no_hooks", "sys.stdout.close()"),
    HostilePlugin("babbles", "no_hooks", "print('{\"format\": \"forged\"}')"),
    HostilePlugin("bad_points", "metadata_unreadable", "", points="[trialflow]\nx = \udcff\udcfe\n"),
    HostilePlugin("no_name", "metadata_unreadable", "", metadata="Metadata-Version: 2.1\n"),
)  # fmt: skip

_REGISTERING = (
    HostilePlugin("misspelt", "hook_unknown", "@hookimpl\ndef trialflow_storage(): return []"),
    HostilePlugin("specname", "hook_unknown", "@hookimpl(specname='trialflow_wishes')\ndef other(): return []"),
    HostilePlugin("parameter", "hook_invalid", "@hookimpl\ndef trialflow_storages(app): return []"),
    HostilePlugin("class_given", "class_given", "class P:\n    @hookimpl\n    def trialflow_vaults(self): return []", ":P"),
    HostilePlugin("number", "no_hooks", "P = 42", ":P"),
    HostilePlugin("empty", "no_hooks", ""),
    HostilePlugin("unmarked", "hook_unmarked", "def trialflow_vaults(): return []"),
    HostilePlugin("wrapper", "hook_wrapper", "@hookimpl(wrapper=True)\ndef trialflow_vaults(): return (yield)"),
    HostilePlugin("async_provider", "hook_async", "@hookimpl\nasync def trialflow_vaults(): return []"),
    HostilePlugin("async_generator", "hook_async", "@hookimpl\nasync def trialflow_vaults(): yield 1"),
    HostilePlugin("async_recorded", "hook_async", "@hookimpl\nasync def trialflow_recorded(records): pass"),
    HostilePlugin("dir_raises", "plugin_unusable", "class P:\n    def __dir__(self): raise SystemExit\nP = P()", ":P"),
    HostilePlugin("dir_hangs", "plugin_unusable", "class P:\n    def __dir__(self): time.sleep(60)\nP = P()", ":P"),
    HostilePlugin(
        "attributes_raise", "plugin_unusable",
        "class P:\n    @property\n    def trialflow_vaults(self): raise SystemExit\nP = P()", ":P",
    ),
)  # fmt: skip

_PROVIDING = (
    HostilePlugin("hook_raises", "hook_failed", f"{_STORAGES}raise RuntimeError('no')"),
    HostilePlugin("hook_exits", "hook_failed", f"{_STORAGES}sys.exit()"),
    HostilePlugin("half_way", "hook_failed", f"{_STORAGES}yield Provider('half', 'a half', dict)\n    raise OSError"),
    HostilePlugin("gives_none", "provider_wrong_type", f"{_STORAGES}return None"),
    HostilePlugin("gives_one", "provider_wrong_type", f"{_STORAGES}return Provider('one', 'one', dict)"),
    HostilePlugin("gives_texts", "provider_wrong_type", f"{_STORAGES}yield 'sqlite'"),
    HostilePlugin("gives_coroutine", "hook_async", f"async def f(): return []\n{_STORAGES}return f()"),
    HostilePlugin("never_ends", "too_many", f"{_STORAGES}i = 0\n    while True:\n        i += 1\n        yield i"),
    HostilePlugin("hook_hangs", "hook_slow", f"{_STORAGES}time.sleep(60)"),
    HostilePlugin("bad_name", "provider_invalid", f"{_STORAGES}yield Provider('../Etc', 'x', dict)"),
    HostilePlugin("name_is_list", "provider_invalid", f"{_STORAGES}yield Provider([], 'x', dict)"),
    HostilePlugin("no_summary", "provider_invalid", f"{_STORAGES}yield Provider('x1', '', dict)"),
    HostilePlugin("make_is_text", "provider_invalid", f"{_STORAGES}yield Provider('x2', 'x', 'dict')"),
    HostilePlugin("bad_options", "provider_invalid", f"{_STORAGES}yield Provider('x3', 'x', dict, [{{'a': 1}}])"),
    HostilePlugin("bad_kind", "provider_invalid", f"{_STORAGES}yield Provider('x4', 'x', dict, (Option('a', 'a', 'no'),))"),
    HostilePlugin("faults_raise", "provider_invalid", f"class P(Provider):\n    def faults(self): raise OSError\n{_STORAGES}yield P('x5', 'x', dict)"),
    HostilePlugin("built_in_name", "name_taken", f"{_STORAGES}yield Provider('sqlite', 'mine', dict)"),
    HostilePlugin("own_name_twice", "name_taken", f"{_STORAGES}return [Provider('twin', 'x', dict)] * 2"),
    HostilePlugin("others_name", "name_taken", f"{_STORAGES}yield Provider('good-store', 'not the good one', dict)"),
    HostilePlugin("no_prefix", "guard_unprefixed", f"{_GUARDS}yield Provider('fine', 'x', dict)"),
)  # fmt: skip

_WORKING = (
    HostilePlugin("make_raises", "make_failed", f"{_STORAGES}yield Provider('w1', 'x', lambda: 1 / 0)"),
    HostilePlugin("make_exits", "make_failed", f"{_STORAGES}yield Provider('w2', 'x', sys.exit)"),
    HostilePlugin("makes_dict", "made_wrong_type", f"{_STORAGES}yield Provider('w3', 'x', dict)"),
    HostilePlugin("makes_class", "made_wrong_type", f"class R:\n    media_type = 'x'\n    def render(self, report, *, labels): return b''\n{_RENDERERS}yield Provider('w4', 'x', lambda: R)"),
    HostilePlugin("renders_text", "render_failed", f"class R:\n    media_type = 'x'\n    def render(self, report, *, labels): return 'text'\n{_RENDERERS}yield Provider('w5', 'x', R)"),
    HostilePlugin("render_raises", "render_failed", f"class R:\n    media_type = 'x'\n    def render(self, report, *, labels): raise OSError(str(labels))\n{_RENDERERS}yield Provider('w6', 'x', R)"),
    HostilePlugin("guard_raises", "guard_failed", f"def g(a): raise OSError\n{_GUARDS}yield Provider('h:1', 'x', lambda: g)"),
    HostilePlugin("guard_says_true", "guard_failed", f"def g(a): return True\n{_GUARDS}yield Provider('h:2', 'x', lambda: g)"),
    HostilePlugin("guard_is_async", "made_wrong_type", f"async def g(a): pass\n{_GUARDS}yield Provider('h:3', 'x', lambda: g)"),
    HostilePlugin("guard_unmade", "make_failed", f"{_GUARDS}yield Provider('h:4', 'x', lambda: sys.exit(1))"),
    HostilePlugin("hears_and_raises", "subscriber_failed", f"{_SUBSCRIBER}raise RuntimeError('no')"),
    HostilePlugin("hears_and_exits", "subscriber_failed", f"{_SUBSCRIBER}sys.exit()"),
    HostilePlugin("hears_and_hangs", "subscriber_behind", f"{_SUBSCRIBER}time.sleep(60)"),
    HostilePlugin("hears_and_awaits", "subscriber_failed", f"async def f(): pass\n{_SUBSCRIBER}return f()"),
    HostilePlugin("hears_and_changes", "subscriber_failed", f"{_SUBSCRIBER}records[0].position = 0"),
)  # fmt: skip

HOSTILE: tuple[HostilePlugin, ...] = (*_IMPORTS, *_REGISTERING, *_PROVIDING, *_WORKING)
"""All of them."""

GOOD = "good-plugin"
"""The distribution among them that does everything right."""

_GOOD = """\
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Provider
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow import Refusal

class Short:
    media_type = "text/plain"
    def render(self, report, *, labels):
        return b"short"

def never(attempt):
    return Refusal("never", "not today", "come back")

HEARD = []

@hookimpl
def trialflow_storages():
    yield Provider("good-store", "a store that works", MemoryStorage)

@hookimpl
def trialflow_renderers():
    yield Provider("good-format", "a format that works", Short)

@hookimpl
def trialflow_guards():
    yield Provider("good:never", "a guard that refuses", lambda: never)

@hookimpl
def trialflow_recorded(records):
    HEARD.extend(records)
"""


def install_good(folder: Path) -> Path:
    """The good one; the folder of its metadata."""
    return install(folder, GOOD, {"good_plugin.py": _GOOD}, "[trialflow]\ngood = good_plugin\n")


def install_hostile(folder: Path) -> Iterator[HostilePlugin]:
    """Every hostile one into ``folder``."""
    for one in HOSTILE:
        points = one.points or f"[trialflow]\n{one.name} = {one.module or one.module_name}{one.value}\n"
        files = {f"{one.module_name}.py": f"{_HEAD}{one.body}\n"}
        install(folder, one.distribution, files, points, metadata=one.metadata)
        yield one
