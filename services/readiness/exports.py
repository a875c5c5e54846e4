"""The fixes for other hands: scripts, a playbook and Group Policy instructions, from the fixes' own recipes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from services.guests.powershell import quoted
from services.guests.windows_files import ADMINISTRATORS, SYSTEM, closing
from services.readiness.fixes.linux_files import RELOAD
from services.readiness.fixes.linux_service import OVERRIDE, UNITS
from services.readiness.fixes.model import Fix
from services.readiness.linux_facts import EFFECTIVE, NOWHERE, peer
from services.readiness.linux_names import INNER
from services.readiness.settings import LinuxPlaces
from services.text import plain

NAMES = {
    "sh": "lifeboat-linux.sh",
    "ps1": "lifeboat-windows.ps1",
    "cmd": "lifeboat-windows.cmd",
    "playbook": "lifeboat-playbook.yml",
    "inventory": "lifeboat-inventory.ini",
    "policy": "lifeboat-group-policy.md",
}
TEMPLATES = {
    "sh": "linux.sh.j2",
    "ps1": "windows.ps1.j2",
    "cmd": "windows.cmd.j2",
    "playbook": "playbook.yml.j2",
    "inventory": "inventory.ini.j2",
    "policy": "group-policy.md.j2",
}
DOS = ("ps1", "cmd")
"""Files whose lines end as Windows wants them."""
RULE_KEY = (
    "('{0}/{1}/{2}/{3}/{4}/{5}/{6}/{7}' -f $r.Direction,$r.Profiles,$r.Protocol,$r.LocalPorts,$r.serviceName,"
    "$r.IcmpTypesAndCodes,([string]$r.ApplicationName).Split('\\')[-1],$r.RemotePorts)"
)
"""What tells the rules of a group apart in every language, without a double quote."""
Call = Callable[["Recipe"], str]


@dataclass(frozen=True)
class Recipe:
    """One fix as the templates see it."""

    id: str
    title: str
    weakens: str
    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Host:
    """One machine with the ids of the fixes that are made there unless others are named."""

    name: str
    address: str
    os_type: str
    user: str
    fixes: tuple[str, ...]


def rendered(
    fixes: Sequence[Fix], hosts: Sequence[Host], title: str, process_server: str = ""
) -> dict[str, str]:
    """The files by name; those of a system that no machine has are left out. `title` names the world.

    What sshd allows is looked up for root from `process_server`, as the checks do.
    """
    systems = {host.os_type for host in hosts}
    kinds = [
        *(("sh",) if "Linux" in systems else ()),
        *(("ps1", "cmd", "policy") if "Windows" in systems else ()),
        "playbook",
        "inventory",
    ]
    context = _context(fixes, hosts, title) | {
        "peer": peer(process_server),
        "nowhere": NOWHERE,
        "effective": EFFECTIVE.format(sshd='"$SSHD"', config='"$CONFIG"', peer="$PEER"),
    }
    return {NAMES[kind]: _rendered(kind, context) for kind in kinds}


def recipes(fixes: Sequence[Fix], os_type: str) -> list[Recipe]:
    """The fixes of a system that others can make."""
    return [
        Recipe(fix.id, fix.title, fix.weakens, fix.recipe.kind, fix.recipe.values)
        for fix in fixes
        if fix.os_type == os_type and fix.recipe is not None
    ]


def _rendered(kind: str, context: Mapping[str, Any]) -> str:
    import jinja2  # only when something is exported

    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    environment.filters |= {"ps": quoted, "md": _markdown}
    source = (resources.files("assets") / "scripts" / TEMPLATES[kind]).read_text(encoding="utf-8")
    call = {"sh": _shell_call, "ps1": _powershell_call}.get(kind)
    text = environment.from_string(source).render(context, call=call)
    return text.replace("\n", "\r\n") if kind in DOS else text


def _context(fixes: Sequence[Fix], hosts: Sequence[Host], title: str) -> dict[str, Any]:
    return {
        "title": plain(title, 300),
        "names": NAMES,
        "places": LinuxPlaces(),
        "reload": RELOAD,
        "inner": INNER,
        "units": list(UNITS.values()),
        "override": OVERRIDE,
        "rule_key": RULE_KEY,
        "closing": closing,
        "administrators": ADMINISTRATORS,
        "owners": [one.removeprefix("*") for one in (SYSTEM, ADMINISTRATORS)],
        "hosts": {name: [host for host in hosts if host.os_type == name] for name in ("Linux", "Windows")},
        "linux": _system(fixes, hosts, "Linux"),
        "windows": _system(fixes, hosts, "Windows"),
    }


def _system(fixes: Sequence[Fix], hosts: Sequence[Host], os_type: str) -> dict[str, Any]:
    own = recipes(fixes, os_type)
    wanted = {name for host in hosts if host.os_type == os_type for name in host.fixes}
    return {"fixes": own, "chosen": [one.id for one in own if one.id in wanted]}


def _shell_call(one: Recipe) -> str:
    """The line of the shell script that makes a fix."""
    functions = {
        "hosts": "fix_hosts",
        "sshd-keyword": "fix_keyword",
        "sshd-sftp": "fix_sftp",
        "sshd-boot": "fix_boot",
        "packages": "fix_packages",
    }
    return shlex.join([functions[one.kind], one.id, *one.values.values()])


def _powershell_call(one: Recipe) -> str:
    """The line of the PowerShell script that makes a fix."""
    functions = {
        "registry": ("Invoke-Registry", "key", "name", "data"),
        "firewall": ("Invoke-Firewall", "resource", "title"),
        "clock": ("Invoke-Clock", "start", "resync"),
    }
    function, *keys = functions[one.kind]
    return " ".join([function, quoted(one.id), *(quoted(one.values[key]) for key in keys)])


def _markdown(text: str) -> str:
    return f"`{plain(text).replace('`', '?')}`"
