"""What is judged of a machine in the list before anybody visits it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.guests.model import Machine
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.scenario.azure_stack import machine_rules

AZURE_VM_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
ARTICLE = "Azure Stack article, step 1, 2026-09-21"


def listed(machines: Sequence[Machine]) -> Finding:
    """Whether there is anything to protect."""
    if machines:
        what = f"Machines listed: {len(machines)}."
        return Finding("machines-listed", "machines", Status.OK, what, source=ARTICLE)
    return Finding(
        "machines-listed",
        "machines",
        Status.FAILED,
        "No machine is listed.",
        fix="List at least one machine with name, address and system, or name a CSV file.",
        source=ARTICLE,
    )


def private_address(machine: Machine) -> Finding:
    """Whether the address is one of RFC 1918."""
    evidence = (seen("RFC 1918", machine.address),)
    if machine_rules.is_private(machine.address):
        return Finding(
            "private-address", machine.name, Status.OK, "The address is private.", evidence, source=ARTICLE
        )
    return Finding(
        "private-address",
        machine.name,
        Status.FAILED,
        f"{machine.address} is not a private address.",
        evidence,
        cause="With a public address replication may not work as expected.",
        fix="Give the private address: Hub portal, the VM, Resource menu, Network Interfaces. If this address "
        "is internal in your network all the same, waive this check with the reason.",
        source="Azure Stack article, steps 1 and 5, 2026-09-21",
    )


def azure_name(machine: Machine) -> Finding:
    """Whether a VM in Azure may have the same name."""
    if AZURE_VM_NAME.fullmatch(machine.name):
        return Finding("azure-name", machine.name, Status.OK, "The name will do for a VM in Azure.")
    return Finding(
        "azure-name",
        machine.name,
        Status.WARNING,
        "The name will not do for a VM in Azure.",
        cause="There a name has 1 to 63 letters, digits and hyphens, with a letter or digit at both ends.",
        fix="Nothing yet: the VM that a failover makes can be given another name before the first drill.",
        source="VMware and physical support matrix, Azure VM requirements, 2023-09-28",
    )


def push_account(machine: Machine) -> Finding:
    """Whether the account may install the Mobility service."""
    if machine.os_type == "Windows" or machine.user == "root":
        what = "The account can be the one for push installation."
        return Finding("push-account", machine.name, Status.OK, what, source=ARTICLE)
    return Finding(
        "push-account",
        machine.name,
        Status.WARNING,
        f"The account {machine.user} is not root.",
        cause="Push installation on Linux needs root itself; another account ends with error 95108 or 95525.",
        fix="Sign in as root here too, or give root's password later in cspsconfigtool, or install the "
        "Mobility service by hand and set mobility to installed.",
        source=ARTICLE,
    )


def at_the_hub(machine: Machine, inventory: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether the Hub lists this machine with this address."""
    known = [item for item in inventory if str(item.get("name", "")).lower() == machine.name.lower()]
    addresses = [str(address) for item in known for address in item.get("addresses") or ()]
    evidence = (seen(f"the Hub's VM {machine.name}", ", ".join(addresses) if known else "none"),)
    if machine.address in addresses:
        what = "The Hub lists the machine with this address."
        return Finding("hub-address", machine.name, Status.OK, what, evidence, source=ARTICLE)
    what = (
        "The Hub lists the machine with another address." if known else "The Hub does not list the machine."
    )
    return Finding(
        "hub-address",
        machine.name,
        Status.WARNING,
        what,
        evidence,
        cause="The name or address was mistyped, or the machine is in another subscription of the Hub. All "
        "machines of one configuration server must be in the same one.",
        fix="Compare with the Hub portal: the VM, Resource menu, Network Interfaces.",
        source=ARTICLE,
    )
