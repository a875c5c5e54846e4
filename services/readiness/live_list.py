"""The service's own list of supported systems (replicationSupportedOperatingSystems), read against a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.readiness.system import GuestSystem
from services.readiness.versions import version
from services.readiness.windows import product

LiveList = Sequence[Mapping[str, Any]]
"""`supportedOs` of one instance type: `[{"osName", "osType", "osVersions": [{"version", "servicePack"}]}]`."""

NAMES = {
    "CentOS": ("centos",),
    "Debian": ("debian",),
    "Oracle Linux": ("oracle", "oel", "ol5", "ol6", "ol7", "ol8", "ol9"),
    "Red Hat Enterprise Linux": ("redhat", "rhel"),
    "Rocky Linux": ("rocky",),
    "SUSE Linux Enterprise Server": ("suse", "sles"),
    "Ubuntu": ("ubuntu",),
}

SIBLING = {"CentOS": "Red Hat Enterprise Linux", "Rocky Linux": "Red Hat Enterprise Linux"}
"""Systems that take another one's installer of the Mobility service, so the list may name only that one."""


def supported_by(properties: Mapping[str, Any], instance_type: str) -> LiveList | None:
    """The part of the service's answer that is about one replication provider; None when there is none."""
    for item in properties.get("supportedOsList") or ():
        if item.get("instanceType") == instance_type:
            return item.get("supportedOs") or None
    return None


def lists(live: LiveList, system: GuestSystem) -> bool:
    """Whether the service lists this system."""
    return any(
        _named(item, system) and _versioned(item, system)
        for item in live
        if str(item.get("osType", "")).lower() == system.family
    )


def lists_sibling(live: LiveList, system: GuestSystem) -> str:
    """The system whose installer this one takes, when the service lists that one in this version; else empty."""
    sibling = SIBLING.get(system.distribution, "")
    return sibling if sibling and lists(live, replace(system, distribution=sibling)) else ""


def _named(item: Mapping[str, Any], system: GuestSystem) -> bool:
    name = str(item.get("osName", ""))
    if system.family == "windows":
        return product(name) == (system.distribution, system.version)
    plain = name.lower().replace(" ", "")
    return any(plain.startswith(key) for key in NAMES.get(system.distribution, ()))


def _versioned(item: Mapping[str, Any], system: GuestSystem) -> bool:
    versions = item.get("osVersions") or ()
    if system.family == "windows":
        return not versions or any(_pack(each) <= system.service_pack for each in versions)
    return any(_same(str(each.get("version", "")), system) for each in versions)


def _same(listed: str, system: GuestSystem) -> bool:
    theirs, mine = version(listed), version(system.version)
    return theirs is not None and mine is not None and mine.cut(len(theirs.numbers)) == theirs


def _pack(each: Mapping[str, Any]) -> int:
    text = str(each.get("servicePack") or "0")
    return int(text) if text.isdigit() else 0
