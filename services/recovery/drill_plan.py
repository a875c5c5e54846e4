"""The plan of a drill: points, an isolated network, where machines land, quota, what costs. It changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.azure.networks import Json, Networks, addresses
from services.azure.verb_bodies import verbs_of
from services.changes.plan import Change, Plan
from services.problems.model import Problem, RefusedError
from services.recovery import acting, checks, drill_network, item_settings, points
from services.recovery.checks import Check
from services.recovery.costs import cost_lines, quota_lines
from services.recovery.isolation import ISOLATED, NetworkProof, prove
from services.recovery.item import VM_SIZE, ProtectedItem, first_of, label
from services.recovery.predicted import landing
from services.recovery.surroundings import around, refuse_taken_name, test_machine
from services.recovery.target import Target, refuse_unless
from services.recovery.vault import Vault
from services.recovery.verbs import DRILL, verb
from services.text import _, plain

NEEDS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems/testFailover/action"
)
NEEDS_NETWORK = "Microsoft.Network/virtualNetworks/write"


@dataclass(frozen=True)
class Options:
    """What the user chose. `network`: name or id, `new` for one of our own, empty for a proposal.

    `point`: one of points.KINDS, or a point's name. `confirm` and `reason` take a network that is not
    isolated. `rto` and `rpo` are targets in minutes. `change` is a reference of change management.
    """

    network: str = ""
    point: str = points.DEFAULT
    checks: tuple[Check, ...] = ()
    notes: str = ""
    cleanup: bool = False
    confirm: str = ""
    reason: str = ""
    change: str = ""
    rto: float | None = None
    rpo: float | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"checks": [one.as_json() for one in self.checks]}

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Options:
        return cls(**{**json, "checks": tuple(Check(**one) for one in json["checks"])})


@dataclass(frozen=True)
class Part:
    """One machine of a drill, in plain values, so that a run that is taken up again has the same.

    `moved` is ProtectedItem.moved when shown; `machine` the test machine's name; times ISO UTC.
    """

    id: str
    title: str
    name: str
    fabric: str
    container: str
    provider: str
    os_type: str
    moved: list[Any]
    targets: list[str]
    point_id: str
    point_kind: str
    point_time: str
    machine: str
    group_id: str
    size: str
    disks_gb: int
    subnet: str
    address: str
    state: str
    health: str
    rpo: int | None
    agent: str
    errors: list[str]


@dataclass(frozen=True)
class DrillPlan:
    """What a drill will do. `create` is the body of a network that is made for it, or None; `accepted` the
    reason for a network that is not isolated. `quota` and `cost` are lines for people. `begun`: when somebody
    asked for it, ISO UTC of the world; the clock of the drill runs from there.
    """

    plan: Plan
    options: Options
    parts: tuple[Part, ...]
    network: NetworkProof
    create: Json | None = None
    accepted: str = ""
    quota: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    begun: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": asdict(self.plan),
            "digest": self.plan.digest,
            "options": self.options.as_json(),
            "parts": [asdict(part) for part in self.parts],
            "network": asdict(self.network),
            "create": self.create,
            "accepted": self.accepted,
            "quota": list(self.quota),
            "cost": list(self.cost),
            "begun": self.begun,
        }

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> DrillPlan:
        """The plan that a run has kept."""
        said = json["plan"]
        return cls(
            plan=Plan(
                said["action"],
                tuple(Change(**one) for one in said["changes"]),
                tuple(said["needs"]),
                said["looked_at"],
                tuple(said["notes"]),
            ),
            options=Options.of(json["options"]),
            parts=tuple(Part(**one) for one in json["parts"]),
            network=NetworkProof.of(json["network"]),
            create=json["create"],
            accepted=json["accepted"],
            quota=tuple(json["quota"]),
            cost=tuple(json["cost"]),
            begun=json["begun"],
        )


def plan(vault: Vault, items: Sequence[ProtectedItem], options: Options) -> DrillPlan:
    """What a drill of these items will do.

    RefusedError: an item's state, a point that has gone, a network in another region or not proven isolated.
    UsageError: a network or a check's machine that is not known.
    """
    begun = vault.world.clock.now().isoformat(timespec="seconds")
    for item in items:
        refuse_unless(vault, verb(DRILL), Target((item,)))
        refuse_taken_name(vault, item)
    checks.refuse_unknown(options.checks, [label(item, items) for item in items])
    networks = Networks(vault.azure.arm, vault.ref.subscription)
    region = drill_network.region_of(vault)
    about = around(vault)
    chosen, create = drill_network.choose(networks, region, items, options.network, about, vault.ref.group_id)
    proof = prove(networks, chosen, about)
    accepted = _accepted(proof, options)
    taken = set() if create else set(addresses(proof.id, networks.interfaces))
    parts = tuple(_part(vault, item, label(item, items), options, proof, taken) for item in items)
    quota = quota_lines(vault, region, [part.size for part in parts])
    cost = cost_lines([(part.machine, part.size, part.disks_gb) for part in parts])
    looked = {
        "items": {label(item, items): [str(one) for one in item.moved] for item in items},
        "point": options.point,
        "network": [proof.id, proof.verdict, proof.seen],
    }
    made = Plan(
        DRILL,
        tuple(_changes(parts, proof, create, options, ours=drill_network.is_ours(chosen))),
        (NEEDS, NEEDS_NETWORK) if create else (NEEDS,),
        looked,
        tuple(_notes(parts, proof, options)),
    )
    return DrillPlan(made, options, parts, proof, create, accepted, quota, cost, begun)


def _part(
    vault: Vault, item: ProtectedItem, title: str, options: Options, proof: NetworkProof, taken: set[str]
) -> Part:
    bodies = verbs_of(item.provider)
    point = points.chosen(options.point, vault.points(item), item.title)
    if point is None and not bodies.latest:
        what = _("Its provider has no latest point; choose the latest processed one.")
        raise RefusedError(Problem("no-latest", item.title, what))
    details = item_settings.details(vault, item)
    lands = landing(title, details, proof.subnets, taken)
    taken.add(lands.address)
    return Part(
        id=item.id,
        title=title,
        name=item.name,
        fabric=item.fabric,
        container=item.container,
        provider=item.provider,
        os_type=item.os_type,
        moved=[list(one) if isinstance(one, tuple) else one for one in item.moved],
        targets=list(acting.targets_of(item)),
        point_id=point.id if point else "",
        point_kind=point.kind if point else points.LATEST,
        point_time=point.at.isoformat() if point and point.at else "",
        machine=test_machine(item),
        group_id=item.group_id or vault.ref.group_id,
        size=first_of(details, VM_SIZE),
        disks_gb=_gigabytes(details),
        subnet=lands.subnet,
        address=lands.address,
        state=item.description or item.state,
        health=item.health,
        rpo=item.rpo_seconds,
        agent=str(details.get("agentVersion") or ""),
        errors=[plain(error.what, 300) for error in item.errors],
    )


def _gigabytes(details: Mapping[str, Any]) -> int:
    disks = details.get("protectedDisks") or []
    sizes = [int(disk.get("diskCapacityInBytes") or disk.get("capacityInBytes") or 0) for disk in disks]
    sizes += [int(disk.get("maxSizeMB") or 0) * 2**20 for disk in details.get("azureVmDiskDetails") or []]
    return round(sum(sizes) / 2**30)


def _accepted(proof: NetworkProof, options: Options) -> str:
    """The reason for which a network that is not proven isolated is taken; RefusedError without one."""
    if not proof.against:
        return ""
    if options.confirm == proof.name and options.reason:
        return options.reason
    seen = "; ".join(f"{one.name}: {one.actual}" for one in proof.against)
    what = _("The network {name} is not proven to be isolated from production: {seen}.").format(
        name=plain(proof.name), seen=plain(seen)
    )
    if proof.mapped:
        what += " " + _("It is the network of the real failover.")
    remedy = _(
        "Choose another, or leave it out to have one proposed. To take it: --confirm {name} --reason ..."
    )
    raise RefusedError(
        Problem("not-isolated", plain(proof.name), what, remedy=remedy.format(name=proof.name))
    )


def _changes(
    parts: Sequence[Part], proof: NetworkProof, create: Json | None, options: Options, *, ours: bool
) -> list[Change]:
    found = [Change("create", "network", proof.name, ", ".join(proof.subnets))] if create else []
    for part in parts:
        lands = f"{proof.name}/{part.subnet} {part.address}, {part.size}".replace("  ", " ")
        found.append(Change("create", "virtual machine", part.machine, lands))
        found += [
            Change("wait", "check", f"{part.title}={check.name}", check.expected)
            for check in checks.of_machine(options.checks, part.title)
        ]
    if options.cleanup:
        found += [Change("clean", "drill", part.machine) for part in parts]
        found += [Change("delete", "network", proof.name)] if ours else []
    return found


def _notes(parts: Sequence[Part], proof: NetworkProof, options: Options) -> list[str]:
    notes = [_("Production and replication go on.")]
    for part in parts:
        if part.point_time:
            at = f"{part.point_time[:16].replace('T', ' ')} UTC"
            notes.append(_("{name} starts from the point of {at}.").format(name=part.title, at=at))
        else:
            notes.append(_("{name} starts from the latest data.").format(name=part.title))
        if part.health not in ("", "Normal"):
            notes.append(
                _("{name}: its replication health is {health}.").format(name=part.title, health=part.health)
            )
    notes += [
        _("Network {network}: {what}").format(
            network=plain(proof.name), what=plain(f"{one.name}: {one.actual}")
        )
        for one in proof.proofs
        if one.state == "warning"
    ]
    if proof.verdict == ISOLATED and proof.open_to_internet:
        notes.append(
            _("It is isolated from production, not from the Internet: mail and calls of the copies go out.")
        )
    if not options.cleanup:
        notes.append(_("The machines run, and cost, until they are cleaned up: lifeboat cleanup"))
    return notes
