"""A recovery plan as a JSON file: ours, stable, described by assets/schemas/plan.json.

An item stands in it by its title, or by its id where the title is not its own alone. On the way in either will
do. What an action needs besides its name has words of its own; a kind that is not known here keeps its details.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.ids import last
from services.problems.model import Problem, RefusedError, UsageError
from services.recovery.item import ProtectedItem
from services.recovery.plan_draft import good_name, name_rule
from services.recovery.plans import (
    AZURE,
    BOOT,
    FAILOVER,
    MANUAL,
    MOST_BOOT_GROUPS,
    MOST_ITEMS,
    RUNBOOK,
    SCRIPT,
    SHUTDOWN,
    TYPES,
    Action,
    Group,
    RecoveryPlan,
)
from services.recovery.vault import Vault
from services.text import _, plain

Json = dict[str, Any]
KIND, FORMAT = "recovery-plan", 1
_WORDS = {
    MANUAL: {"instructions": "description"},
    SCRIPT: {"path": "path", "side": "fabricLocation", "timeout": "timeout"},
    RUNBOOK: {"runbook": "runbookId", "side": "fabricLocation", "timeout": "timeout"},
}
_NEEDED = {MANUAL: ("instructions",), SCRIPT: ("path", "side"), RUNBOOK: ("runbook", "side")}
_SIDES = ("Primary", "Recovery")
_TYPES = ("TestFailover", "UnplannedFailover", "PlannedFailover", "Failback")
_WAYS = ("PrimaryToRecovery", "RecoveryToPrimary")


def plan_json(plan: RecoveryPlan, items: Sequence[ProtectedItem]) -> Json:
    """A recovery plan as the file has it; `items` are those of the vault, for their titles."""
    often = Counter(item.title.lower() for item in items)
    names = {item.id.lower(): item.title for item in items if often[item.title.lower()] == 1}
    return {
        "lifeboat": KIND,
        "format": FORMAT,
        "name": plan.name,
        "primary": last(plan.primary),
        "recovery": last(plan.recovery),
        "deployment": plan.deployment,
        "groups": [_group_json(group, names) for group in plan.groups],
    }


def wanted_plan(document: bytes, vault: Vault, items: Sequence[ProtectedItem], subject: str) -> RecoveryPlan:
    """The recovery plan that a file asks for. UsageError names all that is wrong with the file.

    RefusedError where the vault does not have an item that it names, or the service's limits do not let it be.
    """
    data = _document(document, subject)
    reader = _Reader(items)
    groups = tuple(reader.group(number, one) for number, one in enumerate(data["groups"], 1))
    if reader.wrong:
        raise UsageError(*reader.wrong)
    _refuse_limits(str(data["name"]), groups, reader.absent)
    members = [item for item in items if item.id.lower() in {i.lower() for g in groups for i in g.items}]
    fabric = str(data.get("primary") or (members[0].fabric if members else ""))
    if not fabric:
        what = _("A recovery plan without a machine needs the name of its source fabric: primary.")
        raise UsageError(Problem("no-fabric", subject, what))
    return RecoveryPlan(
        id=vault.ref.child("replicationRecoveryPlans", str(data["name"])),
        name=str(data["name"]),
        primary=vault.ref.child("replicationFabrics", fabric),
        recovery=_recovery(vault, str(data.get("recovery") or AZURE)),
        deployment=str(data.get("deployment") or "ResourceManager"),
        groups=_fixed_first(groups),
    )


def _recovery(vault: Vault, name: str) -> str:
    return AZURE if name.lower() == AZURE.lower() else vault.ref.child("replicationFabrics", name)


def _document(document: bytes, subject: str) -> Json:
    try:
        data = json.loads(document)
    except ValueError as error:
        what = _("This is no JSON: {why}").format(why=plain(str(error)))
        raise UsageError(Problem("no-recovery-plan", subject, what)) from error
    if not isinstance(data, dict) or (data.get("lifeboat"), data.get("format")) != (KIND, FORMAT):
        what = _('This is no recovery plan of format {format}: it needs "lifeboat": "{kind}", "format".')
        remedy = _("See how one looks: lifeboat plans export NAME")
        shown = what.format(format=FORMAT, kind=KIND)
        raise UsageError(Problem("no-recovery-plan", subject, shown, remedy=remedy))
    name, groups = data.get("name"), data.get("groups")
    if not isinstance(name, str) or not good_name(name):
        what = f"name: {name_rule()}"
        raise UsageError(Problem("bad-recovery-plan", subject, what))
    if not isinstance(groups, list) or not all(isinstance(one, dict) for one in groups):
        raise UsageError(Problem("bad-recovery-plan", subject, _("groups: give a list of groups.")))
    return data


class _Reader:
    """Reads the groups of one file and collects what is wrong with them."""

    def __init__(self, items: Sequence[ProtectedItem]) -> None:
        self.wrong: list[Problem] = []
        self.absent: list[str] = []
        self._items = items

    def group(self, number: int, json: Mapping[str, Any]) -> Group:
        where = f"groups[{number}]"
        kind = str(json.get("kind") or BOOT)
        if kind not in (SHUTDOWN, FAILOVER, BOOT):
            self._say(where, _("kind: give shutdown, failover or boot."))
        self._known(where, json, {"kind", "items", "before", "after"})
        found = [self._item(where, one) for one in self._list(where, json, "items")]
        return Group(
            kind,
            tuple(one for one in found if one),
            tuple(self._action(f"{where}.before", one) for one in self._list(where, json, "before")),
            tuple(self._action(f"{where}.after", one) for one in self._list(where, json, "after")),
        )

    def _item(self, where: str, wanted: Any) -> str:
        if not isinstance(wanted, str) or not wanted:
            self._say(where, _("items: give the names or ids of protected items."))
            return ""
        key = wanted.lower()
        if "/" in key:
            found = [item for item in self._items if item.id.lower() == key]
        else:
            found = [item for item in self._items if key in (item.title.lower(), item.name.lower())]
        if len(found) > 1:
            self._say(where, _("{name}: there are several items of this name.").format(name=plain(wanted)))
        if not found:
            self.absent.append(wanted)
        return found[0].id if len(found) == 1 else ""

    def _action(self, where: str, json: Any) -> Action:
        if not isinstance(json, dict) or not json.get("name") or not json.get("kind"):
            self._say(where, _("An action needs a name and a kind: manual, script or runbook."))
            return Action("", "", (), ())
        kind, name = str(json["kind"]), str(json["name"])
        where = f"{where} {plain(name)}"
        words = _WORDS.get(kind, {})
        self._known(where, json, {"name", "kind", "failoverTypes", "directions", "details", *words})
        for word in _NEEDED.get(kind, ()):
            if not isinstance(json.get(word), str) or not json[word]:
                self._say(where, _("{word} is missing.").format(word=word))
        if "side" in json and json["side"] not in _SIDES:
            self._say(where, _("side: give Primary or Recovery."))
        if kind not in TYPES and not isinstance(json.get("details"), dict):
            self._say(where, _("kind: give manual, script or runbook."))
        more = json["details"] if isinstance(json.get("details"), dict) else {}
        told = {service: json[ours] for ours, service in words.items() if json.get(ours)}
        return Action(
            name,
            kind,
            self._named(where, json, "failoverTypes", _TYPES[:3]),
            self._named(where, json, "directions", _WAYS[:1]),
            {**more, **told},
        )

    def _named(
        self, where: str, json: Mapping[str, Any], key: str, unless: tuple[str, ...]
    ) -> tuple[str, ...]:
        known = _TYPES if key == "failoverTypes" else _WAYS
        given = json.get(key, list(unless))
        if not isinstance(given, list) or not given or any(one not in known for one in given):
            self._say(where, _("{key}: give some of {known}.").format(key=key, known=", ".join(known)))
            return ()
        return tuple(given)

    def _list(self, where: str, json: Mapping[str, Any], key: str) -> list[Any]:
        given = json.get(key, [])
        if not isinstance(given, list):
            self._say(where, _("{key}: give a list.").format(key=key))
            return []
        return given

    def _known(self, where: str, json: Mapping[str, Any], known: set[str]) -> None:
        strange = sorted(str(key) for key in json if key not in known)
        if strange:
            self._say(where, _("not known here: {keys}").format(keys=plain(", ".join(strange))))

    def _say(self, where: str, what: str) -> None:
        self.wrong.append(Problem("bad-recovery-plan", where, what))


def _refuse_limits(name: str, groups: Sequence[Group], absent: Sequence[str]) -> None:
    """RefusedError for what Azure would not take; all of it at once."""
    members = [id_.lower() for group in groups for id_ in group.items]
    boot = [group for group in groups if group.kind == BOOT]
    found = [Problem("missing-item", plain(one), _("It is not protected in this vault.")) for one in absent]
    if len(members) > MOST_ITEMS:
        what = _("It has {count} machines; a recovery plan can have {most}.")
        found.append(Problem("too-many-items", name, what.format(count=len(members), most=MOST_ITEMS)))
    if not 1 <= len(boot) <= MOST_BOOT_GROUPS:
        what = _("It has {count} boot groups; a recovery plan has 1 to {most}.")
        found.append(Problem("boot-groups", name, what.format(count=len(boot), most=MOST_BOOT_GROUPS)))
    for kind in (SHUTDOWN, FAILOVER):
        if sum(group.kind == kind for group in groups) > 1:
            what = _("There is one group of kind {kind} at most.").format(kind=kind)
            found.append(Problem("fixed-groups", name, what))
    twice = sorted(last(id_) for id_, count in Counter(members).items() if count > 1)
    found += [Problem("item-twice", one, _("It stands in the recovery plan twice.")) for one in twice]
    if found:
        raise RefusedError(*found)


def _fixed_first(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups as Azure orders them: shutdown, failover, then those that boot."""
    fixed = [
        next((group for group in groups if group.kind == kind), Group(kind)) for kind in (SHUTDOWN, FAILOVER)
    ]
    return (*fixed, *(group for group in groups if group.kind == BOOT))


def _group_json(group: Group, names: Mapping[str, str]) -> Json:
    return {
        "kind": group.kind,
        "items": [names.get(id_.lower(), id_) for id_ in group.items],
        "before": [_action_json(one) for one in group.before],
        "after": [_action_json(one) for one in group.after],
    }


def _action_json(action: Action) -> Json:
    words = _WORDS.get(action.kind, {})
    told = {ours: action.details[service] for ours, service in words.items() if service in action.details}
    rest = {key: value for key, value in action.details.items() if key not in words.values()}
    shown: Json = {"name": action.name, "kind": action.kind, **told}
    if rest or action.kind not in TYPES:
        shown["details"] = rest
    return shown | {"failoverTypes": list(action.failover_types), "directions": list(action.directions)}
