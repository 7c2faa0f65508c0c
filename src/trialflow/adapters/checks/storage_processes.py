"""Checks of S12 and S13 with other processes, killed in the middle of their work."""

from __future__ import annotations

from contextlib import ExitStack

from trialflow.adapters.checks.child_process import line_of, started
from trialflow.adapters.checks.other_process import EACH, SHARED, TURNS, opened_by
from trialflow.adapters.checks.outcome import Check, quotes, require
from trialflow.adapters.checks.storage_setup import Opener, StorageSetup
from trialflow.adapters.storages.verify import verify

__all__ = ["PROCESS_CHECKS"]

_KILLED_AFTER = (1, 2, 3, 6, 11)
"""After how many acknowledged appends each writer is killed, somewhere in the next."""
_PROCESSES = 3
_PATIENCE = 120.0


@quotes("S13")
def keeps_what_it_acknowledged_when_killed(setup: StorageSetup) -> None:
    """Writers are killed in the middle: what they said is stored is there, and no append is there in part."""
    opener = setup.elsewhere(setup.fresh())
    said: list[str] = []
    for number, appends in enumerate(_KILLED_AFTER):
        with started(opener, "write", f"w{number}") as child:
            said += [line_of(child) for _ in range(appends)]
            child.kill()
            assert child.stdout is not None
            # What was said in the meantime counts as well; the last line may be cut.
            said += [line[:-1] for line in child.stdout if line.endswith("\n")]
    store = setup.opened(opened_by(opener.function, opener.address))
    counts: dict[str, int] = {}
    for record in store.scan():
        name = record.stream.removeprefix("lead:")
        counts[name] = counts.get(name, 0) + 1
    lost = [name for name in said if name not in counts]
    require(not lost, f"what append() returned must be there after a kill; {len(lost)} of {len(said)} appends are lost")
    torn = [name for name, count in counts.items() if count != EACH]
    require(not torn, f"an append must be there as a whole or not at all; {len(torn)} are there in part")
    require(verify(store).ok, "after a kill the chain must hold")


@quotes("S12")
def lets_processes_share_a_stream(setup: StorageSetup) -> None:
    """Processes that append to one stream lose nothing: each event follows the version that its writer had read."""
    opener = setup.elsewhere(setup.fresh())
    _share(opener, [f"p{n}" for n in range(_PROCESSES)])
    store = setup.opened(opened_by(opener.function, opener.address))
    found = [(getattr(r.event, "ref", ""), r.version) for r in store.read(SHARED)]
    overtaken = [ref for ref, version in found if ref.partition("@")[2] != str(version - 1)]
    require(not overtaken, f"a writer at a version that is used up must see Conflict; {len(overtaken)} did not")
    wanted = sorted(f"p{n}.{turn}" for n in range(_PROCESSES) for turn in range(TURNS))
    require(
        sorted(ref.partition("@")[0] for ref, _ in found) == wanted, "what each process appended must be there once"
    )


def _share(opener: Opener, names: list[str]) -> None:
    """Processes of these names append to the shared stream, each turn at one moment, when all have read it."""
    with ExitStack() as running:
        children = [running.enter_context(started(opener, "share", name)) for name in names]
        for turn in range(TURNS):
            for child in children:
                what = "go on appending" if turn else "open the store"
                require(line_of(child) == "read", f"another process must be able to {what}")
            for child in children:
                assert child.stdin is not None
                child.stdin.write("go\n")
                child.stdin.flush()
        for child in children:
            told = child.communicate(timeout=_PATIENCE)[1].strip().splitlines()
            require(child.returncode == 0, f"another process could not append: {told[-1] if told else 'it ended'}")


PROCESS_CHECKS: tuple[Check[StorageSetup], ...] = (
    lets_processes_share_a_stream,
    keeps_what_it_acknowledged_when_killed,
)
