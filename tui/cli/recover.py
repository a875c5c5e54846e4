"""`lifeboat drill` and `lifeboat cleanup`: a drill from its plan to its evidence, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.problems.model import Problem, UsageError
from services.recovery import checks, drill_runs
from services.recovery.drill_runs import Ended
from services.recovery.item import ProtectedItem
from services.recovery.second_person import target_of
from services.recovery.vault import Vault
from services.recovery.verbs import CLEANUP, DRILL
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli import plan_drill, second_person
from tui.cli.consent import agreed, plan_json, show
from tui.cli.ended import Hands, ended
from tui.cli.globals import Globals, json_line


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
    second_person.refuse_incomplete(given)

    def work(vault: Vault, deadline: Deadline, hands: Hands) -> tuple[Sequence[ProtectedItem], Ended | None]:
        items = _items(vault, given)
        if not given.plan:
            return items, _drill(vault, items, given, deadline, hands)
        target = plan_drill.target_of(vault, given.plan, given.items)
        chosen = _chosen(given)
        return items, plan_drill.drill(vault, target, given, chosen, hands, deadline)

    return ended(options, given, Hands(DRILL, given.items or (given.plan,)), work)


def _drill(
    vault: Vault, items: Sequence[ProtectedItem], given: DrillOptions, deadline: Deadline, hands: Hands
) -> Ended | None:
    from services.recovery import drill as drills
    from services.recovery import drill_kept

    known = drills.taken_up(vault, [item.id for item in items], deadline)
    if known and given.plan_only and given.save_plan is None:
        show_begun(known[1], as_json=given.as_json)
        return None
    if known and not second_person.only_shown(given):
        run, shown = known
        said: dict[str, Any] = {"verb": DRILL, "target": ", ".join(run.about.names)}
        said |= {"since": run.about.declared, "kept": drill_kept.kept(shown, _chosen(given))}
        vault.emit({"event": "going-on", **said})
        return drill_runs.hold(hands.take(run), shown, signer_of(given.sign))
    shown = drills.plan(vault, items, _chosen(given))
    show_drill(shown, as_json=given.as_json)
    second_person.saved(vault, DRILL, target_of(items), shown.plan, given)
    if second_person.only_shown(given):
        return None
    signed = second_person.approved(vault, DRILL, target_of(items), shown.plan, given)
    agreed(", ".join(item.title for item in items), yes=given.yes)
    run = hands.take(drill_runs.begin(vault, shown, deadline))
    second_person.noted(run, signed)
    return drill_runs.hold(run, shown, signer_of(given.sign))


def _chosen(given: DrillOptions) -> Any:
    from services.recovery.drill import Options

    from_file = checks.from_file(given.checks) if given.checks else ()
    return Options(
        network=given.network,
        point=given.point or Options().point,
        checks=(*from_file, *(one for text in given.check for one in checks.many(text))),
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
    second_person.refuse_incomplete(given)

    def work(vault: Vault, deadline: Deadline, hands: Hands) -> tuple[Sequence[ProtectedItem], Ended | None]:
        items = _items(vault, given)
        if not given.plan:
            return items, _clean_up(vault, items, given, deadline, hands)
        target = plan_drill.target_of(vault, given.plan, given.items)
        return items, plan_drill.clean_up(vault, target, given, hands, deadline)

    return ended(options, given, Hands(CLEANUP, given.items or (given.plan,)), work)


def _clean_up(
    vault: Vault, items: Sequence[ProtectedItem], given: DrillOptions, deadline: Deadline, hands: Hands
) -> Ended | None:
    from services.recovery import cleanup

    run = drill_runs.open_cleanup(vault, items, deadline)
    if run is None or second_person.only_shown(given):
        shown = cleanup.plan(vault, items)
        show(shown, as_json=given.as_json)
        second_person.saved(vault, CLEANUP, target_of(items), shown, given)
        if second_person.only_shown(given):
            return None
        signed = second_person.approved(vault, CLEANUP, target_of(items), shown, given)
        agreed(", ".join(item.title for item in items), yes=given.yes)
        run = drill_runs.begin_cleanup(vault, items, given.notes, deadline, shown)
        second_person.noted(run, signed)
    return drill_runs.clean(hands.take(run), items, signer_of(given.sign))


def show_drill(shown: Any, *, as_json: bool) -> None:
    """A drill's plan, as JSON on stdout or for a person on stderr."""
    if as_json:
        json_line(plan_json(shown.plan, **drill_runs.plan_more(shown)))
        return
    show(shown.plan, as_json=False)
    for line in (*shown.quota, *shown.cost):
        click.echo(plain(f"  {line}"), err=True)


def show_begun(shown: Any, *, as_json: bool) -> None:
    """The plan that a drill which was cut off has kept: that is what the same command goes on with."""
    show_drill(shown, as_json=as_json)
    click.echo(_("This drill has begun. Without --plan-only, this command goes on with it."), err=True)


def signer_of(sign: str) -> Any:
    """Who signs: the agent, the key in a file, or nobody."""
    from services.evidence.signing import named
    from tui.cli.evidence import asked_passphrase

    return named(sign, asked_passphrase)


def _items(vault: Vault, given: DrillOptions) -> list[ProtectedItem]:
    if given.plan:
        return list(plan_drill.target_of(vault, given.plan, given.items).items)
    if not given.items:
        what = _("Name an item, or a recovery plan with --plan NAME.")
        raise UsageError(Problem("target", "", what))
    return [vault.find(name) for name in dict.fromkeys(given.items)]
