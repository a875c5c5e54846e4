"""The machines that a failover has started in Azure: there, running, in their network; how to connect; the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.azure.ids import last
from services.azure.machines import Machines, MachineView
from services.problems.model import Problem
from services.recovery import item_settings
from services.recovery.checks import Check, of_machine, run_check
from services.recovery.item import ProtectedItem
from services.recovery.measured import checked, noted
from services.recovery.run import Run
from services.text import _, plain

BOOT = 600.0
"""World seconds within which a started machine must run."""
_EVERY = 15.0
_PORTS = {"Windows": "3389", "Linux": "22"}


@dataclass(frozen=True)
class Arrived:
    """How one machine came out. `wrong` holds what is not as it was to be; `connect` tells how to reach it."""

    machine: str
    vm: str
    size: str
    power: str
    network: str
    subnet: str
    address: str
    public: tuple[str, ...]
    wrong: tuple[str, ...]
    connect: tuple[str, ...]

    @property
    def state(self) -> str:
        return "failed" if self.wrong else "ok"


def arrived(run: Run, item: ProtectedItem) -> Arrived:
    """The machine of an item that has failed over, waited for until it runs. Never raises for what is missing."""
    machines = Machines(run.azure.arm, run.vault.ref.subscription)
    settings = item_settings.current(item_settings.details(run.vault, item))
    clock = run.world.clock
    began = clock.now()
    while True:
        view = machines.named(item.group_id, settings["name"] or item.azure_name)
        if view is not None and view.power == "running":
            break
        if (clock.now() - began).total_seconds() > BOOT:
            break
        run.deadline.wait(max(0.2, clock.real_seconds(_EVERY)))
    found = _judged(item, view, settings)
    if view is not None and view.power == "running":
        noted(run, f"running.{item.title}", view.since)
    run.emit({"event": "machine", "state": found.state, **asdict(found)})
    run.learn(**{f"machine.{item.title}": {"state": found.state, **asdict(found)}})
    return found


def verified(
    run: Run, item: ProtectedItem, machine: Arrived, checks: Sequence[Check]
) -> list[dict[str, Any]]:
    """The application checks of one machine; each as a JSON object, said and kept."""
    results = []
    for check in of_machine(checks, item.title):
        address = (*machine.public, machine.address)[0] if machine.public else machine.address
        result = run_check(check, address, item.os_type, run.world, run.deadline)
        told = {"machine": item.title, "name": check.name, **asdict(result)}
        run.emit({"event": "check", **told})
        results.append({**told, "kind": check.kind, "what": check.what})
    if results:
        if all(one["state"] == "ok" for one in results):
            checked(run, item.title, results)
        kept = [one for one in run.facts.get("checks") or [] if one["machine"] != item.title]
        run.learn(checks=[*kept, *results])
    return results


def problems(found: Sequence[Arrived], results: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """What is wrong with machines and checks, as answers."""
    told = [Problem("machine-not-as-wanted", plain(one.machine), what) for one in found for what in one.wrong]
    for one in results:
        if one["state"] != "ok":
            what = _("The check {name} failed: expected {expected}, got {actual}.").format(
                name=plain(one["name"]), expected=plain(one["expected"]), actual=plain(one["actual"])
            )
            told.append(Problem("check-failed", plain(one["machine"]), what))
    return told


def _judged(item: ProtectedItem, view: MachineView | None, settings: Mapping[str, str]) -> Arrived:
    if view is None:
        what = _("There is no machine {name} in Azure.").format(name=item.azure_name)
        return Arrived(item.title, item.azure_name, "", "", "", "", "", (), (what,), ())
    wrong = []
    if view.power != "running":
        wrong.append(_("It does not run: {power}.").format(power=plain(view.power) or _("unknown")))
    if settings["size"] and view.size.lower() != settings["size"].lower():
        wrong.append(_("Its size is {size}, not {wanted}.").format(size=view.size, wanted=settings["size"]))
    if settings["network"] and view.network_id.lower() != settings["network"].lower():
        wrong.append(
            _("It is in the network {network}, not in {wanted}.").format(
                network=last(view.network_id) or _("none"), wanted=last(settings["network"])
            )
        )
    return Arrived(
        machine=item.title,
        vm=view.name,
        size=view.size,
        power=view.power,
        network=last(view.network_id),
        subnet=view.subnet,
        address=view.address,
        public=view.public,
        wrong=tuple(wrong),
        connect=tuple(_connect(item, view)),
    )


def _connect(item: ProtectedItem, view: MachineView) -> list[str]:
    """How to reach the machine, and what is missing for it (AS-9.6, AS-9.8)."""
    port = _PORTS.get(item.os_type, "22")
    told = [
        _("Private address {address}, port {port}.").format(address=view.address or _("unknown"), port=port)
    ]
    if view.public:
        told.append(_("Public address {address}.").format(address=", ".join(view.public)))
    else:
        told.append(_("It has no public address: connect through VPN, ExpressRoute or a jump host."))
    if view.security_group:
        told.append(
            _("The network security group {name} must let in port {port}.").format(
                name=view.security_group, port=port
            )
        )
    if not view.boot_diagnostics:
        told.append(_("Boot diagnostics are off: turn them on to see its screen."))
    return told
