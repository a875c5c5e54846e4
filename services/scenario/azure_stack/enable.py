"""Step 5, last part: replication is enabled for the machines and followed until they are protected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure import inmage_azure_v2 as provider
from services.azure.ids import deterministic
from services.azure.replication import Json, Replication
from services.changes.plan import Change, Plan
from services.guests.model import Machine
from services.journal.model import OperationRow
from services.journal.operations import INTENT, operations
from services.problems.model import Problem, ProblemError
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import list_moved, machines_digest, machines_of
from services.scenario.azure_stack.permission_steps import permission_check
from services.scenario.azure_stack.policy import policy_id
from services.scenario.azure_stack.registered import accounts
from services.scenario.azure_stack.replication import process_server_id
from services.scenario.azure_stack.sending import ask, follow_job, wait_until, watch
from services.scenario.azure_stack.target import group_id, network_id, storage_id
from services.scenario.azure_stack.vault import replication, vault_ref
from services.scenario.model import Action, Field, Step, StepCheck
from services.scenario.session import Session
from services.text import _

ALL = "all"
PROTECTED = "Protected"
LISTED = "enable.machines"
WRITE_ITEM = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
    "replicationProtectedItems/write"
)


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


def _place(session: Session) -> tuple[str, str]:
    facts = session.facts
    return facts["server.fabric"], facts["server.container"]


def item_name(session: Session, machine: Machine) -> str:
    """The protected item's name: the same for the same machine in the same vault, so it is never made twice."""
    return deterministic(vault_ref(session).id, machine.name, machine.address)


def _find_protectable(reads: Replication, place: tuple[str, str], machine: Machine) -> Json | None:
    for item in reads.protectable(*place):
        about = item["properties"].get("customDetails") or {}
        named = str(item["properties"].get("friendlyName", "")).lower() == machine.name.lower()
        if named and machine.address in (about.get("ipAddress"), None):
            return item
    return None


def _plan(session: Session) -> Plan:
    reads, place = replication(session), _place(session)
    states = {
        machine.name: _state(reads.item(*place, item_name(session, machine))) for machine in _chosen(session)
    }
    changes = tuple(
        Change("start", "replication", machine.name, f"{machine.address}: {_effect(machine)}")
        for machine in _chosen(session)
        if states[machine.name] != PROTECTED
    )
    return Plan(
        "enable-protection",
        changes,
        needs=(WRITE_ITEM,) if changes else (),
        looked_at={"states": {name: state is not None for name, state in states.items()}},
        notes=(
            f"Policy {session.answers.text('policy.name')}, source {session.answers.text('server.name')}, physical.",
            "The first copy moves every used block of the disks; storage and traffic are billed.",
            "While protected: no disk added or shrunk, no change of disk identity, no major upgrade of the system.",
        ),
    )


def _effect(machine: Machine) -> str:
    if machine.mobility == "push":
        return "the Mobility service is installed on it, then it is copied to Azure"
    return "its Mobility service is used, and it is copied to Azure"


def _state(item: Json | None) -> str | None:
    return None if item is None else str(item["properties"].get("protectionState"))


def _apply(session: Session, _plan: Plan) -> Mapping[str, Any]:
    """All machines are asked for first, then followed: Azure works on them side by side."""
    reads, place, machines = replication(session), _place(session), _chosen(session)
    for machine in machines:
        _discover(session, reads, place, machine)
    rows = {machine.name: _enable(session, reads, place, machine) for machine in machines}
    for machine in machines:
        row = rows[machine.name]
        if row is not None:
            follow_job(session, reads, row)
    items = [_until_protected(session, reads, place, machine) for machine in machines]
    session.emit({"event": "health", "vault": reads.vault.name, **_health(reads)})
    return {"items": items, LISTED: machines_digest(session)}


def _health(reads: Replication) -> dict[str, Any]:
    """What the vault says of its health, by kind: how many, and the messages of its issues."""
    properties = reads.vault_health().get("properties") or {}
    told = {}
    for kind in ("protectedItemsHealth", "fabricsHealth"):
        summary = properties.get(kind) or {}
        issues = [str(issue.get("summaryMessage")) for issue in summary.get("issues") or []]
        told[kind] = {"count": summary.get("resourceCount"), "issues": issues}
    return told


def _discover(session: Session, reads: Replication, place: tuple[str, str], machine: Machine) -> None:
    if _find_protectable(reads, place, machine) is not None:
        return
    fabric, container = place
    body = {
        "properties": {
            "friendlyName": machine.name,
            "ipAddress": machine.address,
            "osType": machine.os_type,
        }
    }
    group = reads.sdk.replication_protection_containers
    path = reads.vault.child("replicationFabrics", fabric, "replicationProtectionContainers", container)
    row = ask(
        session,
        "discover-machine",
        f"{path}/discoverProtectableItem",
        "POST",
        body,
        lambda sdk: group.begin_discover_protectable_item(*reads.scope, fabric, container, body, **sdk),
        lambda: _find_protectable(reads, place, machine) is not None,
        jobs=reads,
    )
    follow_job(session, reads, row)
    wait_until(session, machine.name, lambda: _find_protectable(reads, place, machine))


def _enable(
    session: Session, reads: Replication, place: tuple[str, str], machine: Machine
) -> OperationRow | None:
    """Ask for protection; None where somebody else has asked for it already."""
    name = item_name(session, machine)
    target = _item_path(reads, place, name)
    if reads.item(*place, name) is not None:
        asked = [row for row in operations(session.journal, session.engagement_id) if row.target == target]
        if not asked or asked[-1].state != INTENT:
            return asked[-1] if asked else None
    protectable = _find_protectable(reads, place, machine)
    if protectable is None:
        raise ProblemError(
            Problem("protectable-missing", machine.name, _("Azure does not list it any more."))
        )
    fabric, container = place
    body = provider.protection_body(_settings(session, machine, str(protectable["id"])))
    group = reads.sdk.replication_protected_items
    return ask(
        session,
        "enable-protection",
        target,
        "PUT",
        body,
        lambda sdk: group.begin_create(*reads.scope, fabric, container, name, body, **sdk),
        lambda: reads.item(*place, name) is not None,
        jobs=reads,
    )


def _item_path(reads: Replication, place: tuple[str, str], name: str) -> str:
    fabric, container = place
    containers = ("replicationFabrics", fabric, "replicationProtectionContainers", container)
    return reads.vault.child(*containers, "replicationProtectedItems", name)


def _settings(session: Session, machine: Machine, protectable_id: str) -> provider.ProtectionSettings:
    now = session.answers.text("replication.network-when") == "now"
    account = session.answers.text(f"account.{machine.os_type.lower()}")
    return provider.ProtectionSettings(
        policy_id=policy_id(session),
        protectable_id=protectable_id,
        process_server_id=process_server_id(session),
        account_id=accounts(session).get(account, "") if machine.mobility == "push" else "",
        log_account_id=storage_id(session),
        resource_group_id=group_id(session),
        vm_name=machine.name,
        network_id=network_id(session) if now else "",
        subnet=session.answers.text("target.subnet") if now else "",
    )


def _until_protected(
    session: Session, reads: Replication, place: tuple[str, str], machine: Machine
) -> dict[str, Any]:
    """Wait for the first copy and for Finalize protection: only then is the machine ready for failover."""
    name = item_name(session, machine)
    shown = ""

    def protected() -> Json | None:
        nonlocal shown
        item = reads.item(*place, name)
        if item is None:
            what = _("Azure no longer knows this protected item.")
            raise ProblemError(Problem("item-missing", machine.name, what))
        about = item["properties"]
        state = str(about.get("protectionState"))
        if state != shown:
            shown = state
            session.emit(
                {
                    "event": "item",
                    "name": machine.name,
                    "state": state,
                    "description": about.get("protectionStateDescription"),
                }
            )
        return item if state == PROTECTED and about.get("allowedOperations") else None

    item = wait_until(session, machine.name, protected)
    for job in reads.jobs():
        about = job["properties"]
        if about.get("targetObjectName") == machine.name and about.get("state") == "InProgress":
            watch(session, reads, str(job["name"]))
    points = reads.recovery_points(*place, name)
    return {
        "name": machine.name,
        "id": item["id"],
        "state": item["properties"]["protectionState"],
        "health": item["properties"].get("replicationHealth"),
        "recoveryPoints": len(points),
    }


def _look_selection(session: Session) -> Sequence[Finding]:
    chosen = _chosen(session)
    seen = (Evidence("answers: enable.machines", ", ".join(machine.name for machine in chosen) or "none"),)
    if chosen:
        return [Finding("selection", "enable", Status.OK, f"{len(chosen)} machines are chosen.", seen)]
    return [
        Finding(
            "selection",
            "enable",
            Status.FAILED,
            "No machine is chosen.",
            seen,
            cause="The list of machines is empty, or none of the names is in it.",
            fix="Name machines of the step 'machines', or write: all.",
        )
    ]


ENABLE = Step(
    id="enable",
    stage="replicate",
    title="Enable replication",
    excerpt="The Mobility service goes on each machine, the first copy runs, then changes follow.",
    claims=(),
    after=("replication",),
    fields=(
        Field("machines", "Machines", "all, or names with commas between them.", default=ALL, check=_names),
    ),
    checks=(
        StepCheck("selection", ("AS-8.9",), "Machines are chosen", _look_selection),
        permission_check(("discover-machine", "enable-protection"), lambda session: vault_ref(session).id),
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
    stale=lambda session: list_moved(session, LISTED),
)
