"""Step 5, last part: replication is enabled for the machines and followed until they are protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from services.azure.replication import Replication
from services.changes.plan import Change, Plan
from services.guests.model import Machine
from services.problems.model import (
    CancelledError,
    DeadlineError,
    Problem,
    ProblemError,
    RefusedError,
    SignInError,
)
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import list_moved, machines_digest, machines_of
from services.scenario.azure_stack.permission_steps import needed_by, permission_check
from services.scenario.azure_stack.protecting import PROTECTED, Protecting
from services.scenario.azure_stack.target_place import group_id
from services.scenario.azure_stack.vault import replication, vault_ref
from services.scenario.model import Action, Field, Step, StepCheck
from services.scenario.session import Session
from services.text import _, plain

ALL = "all"
LISTED = "enable.machines"


def _chosen(session: Session) -> list[Machine]:
    wanted = session.answers.text("enable.machines")
    names = [name.strip().lower() for name in wanted.split(",")]
    return [one for one in machines_of(session) if wanted.lower() == ALL or one.name.lower() in names]


def _names(value: Any, answers: Answers) -> str | None:
    if str(value).strip().lower() == ALL:
        return None
    known = {machine.name.lower() for machine in machines_of(answers)}
    unknown = [name.strip() for name in str(value).split(",") if name.strip().lower() not in known]
    if not unknown:
        return None
    return _("no machine is named {names}; known: {known}").format(
        names=", ".join(unknown), known=", ".join(sorted(known)) or "-"
    )


def _plan(session: Session) -> Plan:
    states = {machine.name: Protecting(session, machine).state() for machine in _chosen(session)}
    changes = tuple(
        Change("start", "replication", machine.name, f"{machine.address}: {_effect(machine)}")
        for machine in _chosen(session)
        if states[machine.name] != PROTECTED
    )
    policy, server = session.answers.text("policy.name"), session.answers.text("server.name")
    return Plan(
        "enable-protection",
        changes,
        needs=needed_by("enable-protection") if changes else (),
        looked_at={"states": {name: bool(state) for name, state in states.items()}},
        notes=(
            f"Policy {policy}, source {server}, machine type physical.",
            "The first copy moves every used block of the disks; storage and traffic are billed.",
            "While protected: no disk added or shrunk, no change of disk identity, no major upgrade of the system.",
        ),
    )


def _effect(machine: Machine) -> str:
    if machine.mobility == "push":
        return "the Mobility service is installed on it, then it is copied to Azure"
    return "its Mobility service is used, and it is copied to Azure"


def _apply(session: Session, _plan: Plan) -> Mapping[str, Any]:
    """All machines are asked for first, then followed: Azure works on them side by side.

    A machine that fails stops no other; what became of it is said at the end.
    """
    problems: list[Problem] = []
    started = []
    for machine in _chosen(session):
        one = Protecting(session, machine)
        with _gathered(problems):
            one.make_known()
            started.append((one, one.enable()))
    items = []
    for one, row in started:
        with _gathered(problems):
            if row is not None:
                one.follow(row)
            items.append(one.until_protected())
    session.journal.save_facts(session.engagement_id, "enable", {"items": items})
    if problems:
        raise ProblemError(*problems)
    reads = replication(session)
    session.emit({"event": "health", "vault": reads.vault.name, **_health(reads)})
    return {LISTED: machines_digest(session)}


@contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    """Keep the problems of one machine for the end; what ends the whole walk is not kept."""
    try:
        yield
    except (CancelledError, DeadlineError, RefusedError, SignInError):
        raise
    except ProblemError as error:
        problems.extend(error.problems)


def _health(reads: Replication) -> dict[str, Any]:
    """What the vault says of its health, by kind: how many, and the messages of its issues."""
    properties = reads.vault_health().get("properties") or {}
    told = {}
    for kind in ("protectedItemsHealth", "fabricsHealth"):
        summary = properties.get(kind) or {}
        issues = [str(issue.get("summaryMessage")) for issue in summary.get("issues") or []]
        told[kind] = {"count": summary.get("resourceCount"), "issues": issues}
    return told


def _look_selection(session: Session) -> Sequence[Finding]:
    chosen = _chosen(session)
    seen = (Evidence("answers: enable.machines", ", ".join(machine.name for machine in chosen) or "none"),)
    if chosen:
        return [Finding("selection", "enable", Status.OK, f"Machines chosen: {len(chosen)}.", seen)]
    return [
        Finding(
            "selection",
            "enable",
            Status.FAILED,
            "No machine is chosen.",
            seen,
            cause="The list of machines is empty, or none of the names is in it.",
            fix="Name machines of the step 'machines', or write all.",
        )
    ]


def _scopes(session: Session) -> Mapping[str, str]:
    vault = vault_ref(session)
    return {
        "subscription": f"/subscriptions/{vault.subscription}",
        "resource-group": vault.group_id,
        "vault": vault.id,
        "target-resource-group": group_id(session),
    }


def _look_items(session: Session) -> Sequence[Finding]:
    """Protection that exists is not changed by answering otherwise: say where it differs."""
    findings = []
    for machine in _chosen(session):
        differs = Protecting(session, machine).differences()
        if differs is None:
            continue
        seen = (Evidence("GET replicationProtectedItems", "; ".join(differs) or "no difference"),)
        findings.append(
            Finding(
                "item-as-wished",
                machine.name,
                Status.FAILED if differs else Status.OK,
                f"It is protected with another {' and '.join(differs)}."
                if differs
                else "It is protected with these settings.",
                seen,
                cause="Enabling replication again does not change what is protected already."
                if differs
                else "",
                fix="Give the answers it is protected with, or disable its replication and enable it again."
                if differs
                else "",
                source="Azure Stack article, step 5, 2026-09-21",
            )
        )
    return findings


def _stale(session: Session) -> str | None:
    moved = list_moved(session, LISTED)
    if moved:
        return moved
    for machine in _chosen(session):
        if Protecting(session, machine).state() != PROTECTED:
            return _("{machine} is no longer protected.").format(machine=machine.name)
    return None


def _left(facts: Mapping[str, Any]) -> list[str]:
    items = facts.get("items") or []
    said = _("{name}: {state}, health {health}, recovery points: {points}.")
    return [
        said.format(
            name=plain(str(one["name"])),
            state=plain(str(one["state"])),
            health=plain(str(one.get("health") or "-")),
            points=one.get("recoveryPoints", 0),
        )
        for one in items
    ]


ENABLE = Step(
    id="enable",
    stage="replicate",
    title="Enable replication",
    short="Enable",
    excerpt="The Mobility service is installed on each machine. Then everything is copied once, and changes follow.",
    claims=(),
    after=("replication",),
    fields=(
        Field(
            "machines", "Machines", "Write all, or names with commas between them.", default=ALL, check=_names
        ),
    ),
    checks=(
        StepCheck("selection", ("AS-8.9",), "Machines are chosen", _look_selection),
        permission_check(("discover-machine", "enable-protection"), _scopes),
        StepCheck(
            "item-as-wished", ("AS-8.11",), "What is protected already has these settings", _look_items
        ),
    ),
    actions=(
        Action(
            "enable-protection",
            ("AS-8.4", "AS-8.5", "AS-8.6", "AS-8.9", "AS-8.11", "AS-8.12", "AS-8.13", "AS-8.15"),
            "Enable replication",
            _plan,
            _apply,
        ),
    ),
    stale=_stale,
    left=_left,
)
