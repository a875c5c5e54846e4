"""Some machines looked at again, and what is found kept beside the step's other findings."""

from __future__ import annotations

from collections.abc import Sequence

from services.readiness.first_use import UnknownKey, accept, unknown_keys
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.model import Finding
from services.readiness.report import finding_from_json
from services.readiness.sweep import sweep
from services.scenario.azure_stack.readiness import allowed_names, ground
from services.scenario.mending import chosen_machines
from services.scenario.model import Step
from services.scenario.walk import Walk, waived
from services.world.deadline import Deadline


def kept_findings(walk: Walk, step: Step) -> list[Finding]:
    """What the journal holds of a step, with waivers as they stand today."""
    rows = [row for row in walk.journal.findings(walk.engagement.id) if row.step == step.id]
    return [finding_from_json(row.body) for row in rows]


def look_again(walk: Walk, step: Step, names: Sequence[str], deadline: Deadline) -> list[Finding]:
    """Every check of the sweep on these machines; the step's findings with them. ProblemError."""
    session = walk.session(deadline)
    machines = chosen_machines(session, names)

    def tell(finding: Finding) -> None:
        walk.emit(
            {
                "event": "looked",
                "check": finding.id,
                "target": finding.target,
                "status": str(finding.status),
                "machines": 1,
                "of": len(machines),
            }
        )

    fresh = sweep(machines, ground(session, machines), deadline, tell)
    checks, targets = {one.check.id for one in GUEST_CHECKS}, {machine.name for machine in machines}
    # A machine that is out of reach now has one finding; what was seen of it before is no longer known.
    others = [one for one in kept_findings(walk, step) if not (one.target in targets and one.id in checks)]
    return keep(walk, step, [*others, *fresh])


def with_fresh(walk: Walk, step: Step, fresh: Sequence[Finding]) -> list[Finding]:
    """The step's findings, these in the place of what was found before; kept in the journal."""
    places = {(one.id, one.target) for one in fresh}
    others = [one for one in kept_findings(walk, step) if (one.id, one.target) not in places]
    return keep(walk, step, [*others, *fresh])


def keep(walk: Walk, step: Step, findings: Sequence[Finding]) -> list[Finding]:
    """Write the step's findings, waived where that was written down."""
    today = walk.world.clock.now().date().isoformat()
    waivers = walk.journal.waivers(walk.engagement.id)
    found = [waived(one, waivers, today) for one in findings]
    walk.journal.save_findings(walk.engagement.id, step.id, found)
    return found


def keys_to_accept(walk: Walk, names: Sequence[str], deadline: Deadline) -> list[UnknownKey]:
    """The host keys of these machines, and of jump hosts before them, that nobody has accepted. ProblemError."""
    session = walk.session(deadline)
    allowed = allowed_names(session.answers.text("readiness.allow-sha1"))
    return unknown_keys(session.world, chosen_machines(session, names), deadline, sha1=allowed)


def accept_keys(
    walk: Walk, step: Step, keys: Sequence[UnknownKey], by: str, deadline: Deadline
) -> list[Finding]:
    """Remember these keys, then look at the machines behind them; the step's findings with those. ProblemError."""
    accept(walk.world, walk.journal, keys, by)
    return look_again(walk, step, sorted({name for one in keys for name in one.machines}), deadline)
