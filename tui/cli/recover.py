"""`lifeboat drill` and `lifeboat cleanup`: a drill from its plan to its evidence, and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.problems.model import Problem, ProblemError, UsageError
from services.recovery import checks, drill_runs
from services.recovery.drill_runs import Ended
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, DRILL
from services.scenario.run import Exit, exit_of, problem_json
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli import plan_drill, second_person
from tui.cli.consent import agreed, plan_json, show
from tui.cli.failover_lines import say
from tui.cli.globals import Globals, json_line
from tui.cli.vaults import opened_vault

OUTCOMES = {Exit.REFUSED: "refused", Exit.TIME_OUT: "running", Exit.INTERRUPTED: "running"}


@dataclass(frozen=True)
class DrillOptions:
    """What was typed for a drill or a clean-up."""

    items: tuple[str, ...]
    plan: str = ""
    answer_manual: str = ""
    network: str = ""
    point: str = ""
    check: tuple[str, ...] = ()
    checks: Path | None = None
    notes: str = ""
    cleanup: bool = False
    confirm: str = ""
    reason: str = ""
    change: str = ""
    rto: float | None = None
    rpo: float | None = None
    sign: str = ""
    save_plan: Path | None = None
    approval: Path | None = None
    allowed_signers: Path | None = None
    plan_only: bool = False
    yes: bool = False
    as_json: bool = False
    timeout: float | None = None


def drill(options: Globals, given: DrillOptions) -> int:
    """Hold a drill, or go on with the one that was cut off; exit 1 when it failed or is not cleaned up."""
    from services.recovery import drill as drills

    def work(vault: Vault, items: Sequence[ProtectedItem], deadline: Deadline) -> Ended | None:
        if given.plan:
            target = plan_drill.target_of(vault, given.plan, given.items)
            chosen = _chosen(given)
            return plan_drill.drill(
                vault, target, given, chosen, lambda one: _show_drill(one, as_json=given.as_json), deadline
            )
        open_drill = drills.taken_up(vault, [item.id for item in items], deadline)
        if open_drill and not given.plan_only:
            run, shown = open_drill
            vault.emit(
                {
                    "event": "going-on",
                    "verb": "drill",
                    "target": ", ".join(run.about.names),
                    "since": run.about.declared,
                }
            )
            return drill_runs.hold(run, shown, signer_of(given.sign))
        shown = drills.plan(vault, items, _chosen(given))
        _show_drill(shown, as_json=given.as_json)
        second_person.saved(vault, DRILL, _ids(items), shown.plan, given)
        if given.plan_only:
            return None
        signed = second_person.approved(vault, DRILL, _ids(items), shown.plan, given)
        agreed(", ".join(item.title for item in items), yes=given.yes)
        run = drill_runs.begin(vault, shown, deadline)
        second_person.noted(run, signed)
        return drill_runs.hold(run, shown, signer_of(given.sign))

    return _ended(options, given, work)


def _chosen(given: DrillOptions) -> Any:
    from services.recovery.drill import Options

    from_file = checks.from_file(given.checks) if given.checks else ()
    return Options(
        network=given.network,
        point=given.point or Options().point,
        checks=(*from_file, *map(checks.parsed, given.check)),
        notes=given.notes,
        cleanup=given.cleanup,
        confirm=given.confirm,
        reason=given.reason,
        change=given.change,
        rto=given.rto,
        rpo=given.rpo,
    )


def clean_up(options: Globals, given: DrillOptions) -> int:
    """Clean up drills, whoever held them; exit 1 when something is left."""
    from services.recovery import cleanup

    def work(vault: Vault, items: Sequence[ProtectedItem], deadline: Deadline) -> Ended | None:
        if given.plan:
            target = plan_drill.target_of(vault, given.plan, given.items)
            return plan_drill.clean_up(vault, target, given, deadline)
        run = drill_runs.open_cleanup(vault, items, deadline)
        if run is None or given.plan_only:
            shown = cleanup.plan(vault, items)
            show(shown, as_json=given.as_json)
            second_person.saved(vault, CLEANUP, _ids(items), shown, given)
            if given.plan_only:
                return None
            signed = second_person.approved(vault, CLEANUP, _ids(items), shown, given)
            agreed(", ".join(item.title for item in items), yes=given.yes)
            run = drill_runs.begin_cleanup(vault, items, given.notes, deadline, shown)
            second_person.noted(run, signed)
        return drill_runs.clean(run, items, signer_of(given.sign))

    return _ended(options, given, work)


def _show_drill(shown: Any, *, as_json: bool) -> None:
    if as_json:
        json_line(plan_json(shown.plan, **drill_runs.plan_more(shown)))
        return
    show(shown.plan, as_json=False)
    for line in (*shown.quota, *shown.cost):
        click.echo(plain(f"  {line}"), err=True)


def signer_of(sign: str) -> Any:
    """Who signs: the agent, the key in a file, or nobody."""
    from services.evidence.signing import named
    from tui.cli.evidence import asked_passphrase

    return named(sign, asked_passphrase)


def _ended(
    options: Globals,
    given: DrillOptions,
    work: Callable[[Vault, Sequence[ProtectedItem], Deadline], Ended | None],
) -> int:
    """Do the work with the vault; with --json every problem and the end are events too."""
    deadline = Deadline(given.timeout)
    try:
        with opened_vault(options, deadline, json_line if given.as_json else say) as vault:
            items = _items(vault, given)
            ended = work(vault, items, deadline)
            if ended is None:
                return 0
            after = [drill_runs.item_line(vault, item) for item in items]
    except ProblemError as error:
        code = exit_of(error)
        if not given.as_json:
            if code is Exit.TIME_OUT:
                click.echo(_("The job runs on in Azure. The same command again goes on with it."), err=True)
            raise
        say_end(error.problems, OUTCOMES.get(code, "failed"), "", [])
        return int(code)
    if given.as_json:
        say_end(ended.problems, ended.outcome, str(ended.evidence), after)
    else:
        _tell(ended, after)
    return 0 if ended.outcome == "done" else 1


def _ids(items: Sequence[ProtectedItem]) -> str:
    """What a second person signs as the target of a run of several items, in whatever order they were named."""
    return ", ".join(sorted(item.id for item in items))


def _items(vault: Vault, given: DrillOptions) -> list[ProtectedItem]:
    if given.plan:
        return list(plan_drill.target_of(vault, given.plan, given.items).items)
    if not given.items:
        what = _("Name an item, or a recovery plan with --plan NAME.")
        raise UsageError(Problem("target", "", what))
    return [vault.find(name) for name in dict.fromkeys(given.items)]


def say_end(
    problems: Sequence[Problem], outcome: str, evidence: str, items: Sequence[Mapping[str, Any]]
) -> None:
    """The problems and the end of a run, as events."""
    for problem in problems:
        json_line(problem_json(problem))
    json_line({"event": "end", "outcome": outcome, "evidence": evidence, "items": list(items)})


def _tell(ended: Ended, after: Sequence[Mapping[str, Any]]) -> None:
    for line in ended.connecting:
        click.echo(plain(f"    {line}"))
    for one in after:
        click.echo(plain(f"{one['name']}: {one['word']}"))
    for problem in ended.problems:
        click.echo(plain(problem.sentence()), err=True)
    click.echo(plain(_("{outcome}; evidence: {path}").format(outcome=_(ended.outcome), path=ended.evidence)))
