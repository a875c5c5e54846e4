"""How a drill, a failover or another verb ends on the command line: its problems, its evidence, its exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import click

from services.azure.ids import last
from services.journal.operations import operations
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError
from services.recovery import acting
from services.recovery.drill_runs import Ended
from services.recovery.item import ProtectedItem
from services.recovery.run import Run, open_runs
from services.recovery.vault import Vault
from services.scenario.run import Exit, exit_of, problem_json
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.failover_lines import say
from tui.cli.globals import Globals, json_line
from tui.cli.pasted import pasted
from tui.cli.vaults import opened_vault


class Given(Protocol):
    """What was typed about the way a run is followed."""

    @property
    def as_json(self) -> bool: ...

    @property
    def timeout(self) -> float | None: ...


class Hands:
    """The run that a command has in hand, once it has one.

    `verb` and `words` (names or ids, as typed) say which one it would take up, where it did not come so far.
    """

    def __init__(self, verb: str, words: Sequence[str]) -> None:
        self.run: Run | None = None
        self._verb = verb
        self._words = {word.lower() for word in words}

    def look(self, vault: Vault) -> None:
        """Find the open run that an earlier command has begun, where this one has none in hand."""
        for one in open_runs(vault, Deadline()) if self.run is None else ():
            known = {name.lower() for name in one.about.names} | set(one.about.targets)
            known |= {last(id_) for id_ in one.about.targets}
            if one.about.verb == self._verb and self._words <= known:
                self.run = one

    def take(self, run: Run) -> Run:
        """Keep the run, and give it back."""
        self.run = run
        return run

    def under_way(self) -> bool:
        """Whether something that the run asked goes on in Azure, or may."""
        return self.run is not None and acting.under_way(self.run)

    def asked(self) -> bool:
        """Whether the run has asked Azure for anything, so that the same command goes on with it."""
        return self.run is not None and bool(operations(self.run.journal, self.run.engagement_id))


Work = Callable[[Vault, Deadline, Hands], tuple[Sequence[ProtectedItem], Ended | None]]
"""Does what was asked: the items that it was done to, and how it ended; None for a plan that was only shown."""


def ended(options: Globals, given: Given, hands: Hands, work: Work) -> int:
    """Do the work with the vault, and say how it ended; with --json as events."""
    deadline = Deadline(given.timeout)
    stands, outcome = "", "failed"
    try:
        with opened_vault(options, deadline, json_line if given.as_json else say) as vault:
            try:
                items, how = work(vault, deadline, hands)
                if how is None:
                    return 0
                after, unread = _after(vault, items)
            except (DeadlineError, CancelledError):
                hands.look(vault)
                stands, outcome = _stands(hands), "running" if hands.asked() else "failed"
                raise
    except ProblemError as error:
        code = exit_of(error)
        if not given.as_json:
            if stands:
                click.echo(pasted(stands), err=True)
            raise
        outcome = "refused" if code is Exit.REFUSED else outcome
        say_end(error.problems, outcome, "", [])
        return int(code)
    problems = (*how.problems, *unread)
    if given.as_json:
        say_end(problems, how.outcome, str(how.evidence), after, how.warnings)
    else:
        _tell(how, problems, after)
    return 0 if how.outcome == "done" else 1


def _stands(hands: Hands) -> str:
    """What goes on without this command, in a sentence."""
    if hands.under_way():
        return _("The job runs on in Azure. The same command again goes on with it.")
    if hands.asked():
        return _("Nothing of it runs in Azure now. The same command again goes on with it.")
    return _("This command asked Azure for nothing. What was begun before: lifeboat runs")


def _after(vault: Vault, items: Sequence[ProtectedItem]) -> tuple[list[dict[str, str]], tuple[Problem, ...]]:
    """The items as they are now; one that is not protected any more is said so. The run is over and recorded:
    where Azure cannot be read now, that is one more problem.
    """
    try:
        there = {item.id: item for item in vault.items()}
    except ProblemError as error:
        return [], error.problems
    return [
        {
            "name": item.title,
            "state": there[item.id].state if item.id in there else "",
            "phase": there[item.id].phase if item.id in there else "",
            "word": there[item.id].word if item.id in there else _("not protected any more"),
        }
        for item in items
    ], ()


def say_end(
    problems: Sequence[Problem],
    outcome: str,
    evidence: str,
    items: Sequence[Mapping[str, Any]],
    warnings: Sequence[Problem] = (),
) -> None:
    """The problems and the end of a run, as events; `warnings` are those of the problems that left it done."""
    for problem in problems:
        json_line(problem_json(problem))
    named = ("code", "subject", "what", "remedy")
    short = [{key: getattr(one, key) for key in named} for one in warnings]
    end = {"event": "end", "outcome": outcome, "evidence": evidence, "items": list(items)}
    json_line(end | {"warnings": short})


def _tell(how: Ended, problems: Sequence[Problem], after: Sequence[Mapping[str, str]]) -> None:
    for line in how.connecting:
        click.echo(plain(f"    {pasted(line)}"))
    for one in after:
        click.echo(plain(f"{one['name']}: {one['word']}"))
    for problem in problems:
        word = _("warning: ") if problem in how.warnings else ""
        click.echo(plain(word + pasted(problem.sentence())), err=True)
    click.echo(plain(_("{outcome}; evidence: {path}").format(outcome=_(how.outcome), path=how.evidence)))
