"""Contender: the figures of the board by trialflow's own fold, pure Python over flat columns."""

from __future__ import annotations

from history import AS_OF, SINCE, WORKFLOW, leads_wanted, made, measure, plain, report
from trialflow.reports.figures import Figures, figures_of, tally_of


def main() -> None:
    """Fold the columns, figures and all."""
    history = made(leads_wanted()).columns

    def once() -> Figures:
        return figures_of(history, tally_of(history, WORKFLOW, AS_OF, since=SINCE), WORKFLOW)

    seconds, found = measure(once)
    report(plain(found), seconds=seconds)


if __name__ == "__main__":
    main()
