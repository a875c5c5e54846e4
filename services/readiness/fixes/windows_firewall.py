"""AS-4.5: predefined groups of Windows Firewall switched on, and exactly those rules off again that were off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from services.guests import windows_files
from services.guests.model import Shell
from services.guests.powershell import quoted
from services.problems.model import Problem, ProblemError
from services.readiness.fixes.model import Context, Fix, Preview, Recipe, UndoRecord
from services.readiness.windows_firewall import FILE_SHARING, MANAGEMENT, PROFILES, Group
from services.text import _, plain
from services.world.deadline import Deadline

AT_ONCE = 20
"""Rules in one command line."""
_EACH = (
    "$f=New-Object -ComObject HNetCfg.FwPolicy2;foreach($r in $f.Rules){{if($r.Grouping -eq {group}){{"
    '$k="$($r.Direction)/$($r.Profiles)/$($r.Protocol)/$($r.LocalPorts)/$($r.serviceName)'
    '/$($r.IcmpTypesAndCodes)/"+"$($r.ApplicationName)".Split(\'\\\')[-1]{more};{act}}}}}'
)
_REMOTE = "+'/'+$r.RemotePorts"
"""Rules that let out differ by nothing else; keys of records that were made without it are one part shorter."""
PARTS = 8
DIRECTIONS = {"1": "in", "2": "out"}
PROTOCOLS = {"1": "ICMPv4", "6": "TCP", "17": "UDP", "58": "ICMPv6"}


@dataclass(frozen=True)
class State:
    """The rules of a group by key: those that are on, and those that are off."""

    on: tuple[str, ...]
    off: tuple[str, ...]


def state(shell: Shell, group: Group, deadline: Deadline) -> State:
    """Read the group. ProblemError `no-rules` when the machine has no such rules."""
    text = _EACH.format(group=quoted(group.resource), more=_REMOTE, act='"$($r.Enabled)=$k"')
    lines = windows_files.script(shell, text, deadline, group.title)
    rows = [line.strip().partition("=")[::2] for line in lines if "=" in line]
    found = State(
        tuple(sorted(key for on, key in rows if on == "True")),
        tuple(sorted(key for on, key in rows if on == "False")),
    )
    if not found.on and not found.off:
        raise ProblemError(
            Problem("no-rules", group.title, _("the machine has no predefined rules of this group."))
        )
    return found


def words(key: str) -> str:
    """A rule in words that do not depend on the machine's language: `in TCP 445, domain profile`."""
    parts = [*key.split("/"), "", "", "", "", ""]
    direction, profiles, protocol, ports = parts[:4]
    bits = int(profiles) if profiles.isdigit() else 0
    names = [name for bit, name in PROFILES.items() if bits & bit]
    what = " ".join(filter(None, (DIRECTIONS.get(direction, ""), PROTOCOLS.get(protocol, protocol), ports)))
    program = next((part for part in (parts[4], parts[6]) if part), "")
    return plain(f"{what}{' for ' + program if program else ''}, {' and '.join(names)} profile", 120)


def _preview(group: Group, fix: str, shell: Shell, deadline: Deadline, context: Context) -> Preview:
    found = state(shell, group, deadline)
    undo = UndoRecord(
        fix,
        "firewall",
        context.machine.name,
        f"{group.title}: {len(found.off)} of {len(found.on) + len(found.off)} rules switched on.",
        path=f"firewall {group.resource}",
        before="\n".join(found.off),
        commands=(group.command,),
    )
    lines = (group.command, *(f"  on: {words(key)}" for key in found.off)) if found.off else ()
    return Preview(lines, undo)


def _apply(group: Group, shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    del context, preview
    windows_files.run(shell, group.command, deadline, group.title)
    if state(shell, group, deadline).off:
        raise ProblemError(
            Problem(
                "not-kept",
                group.title,
                _("some rules of the group are still off."),
                _("A Group Policy decides about this firewall."),
                _("Change the Group Policy."),
            )
        )


def _undo(group: Group, shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    del context
    keys = record.before.split("\n")
    for start in range(0, len(keys), AT_ONCE):
        windows_files.script(shell, taking_back(group, keys[start : start + AT_ONCE]), deadline, group.title)
    on = state(shell, group, deadline).on
    left = set(keys) & {*on, *(key.rpartition("/")[0] for key in on)}
    if left:
        what = _("{count} rules could not be switched off again.").format(count=len(left))
        raise ProblemError(Problem("not-undone", group.title, what))


def taking_back(group: Group, keys: Sequence[str]) -> str:
    """The script that switches these rules off and touches no other."""
    listed = ",".join(quoted(key) for key in keys)
    act = "if($w -contains $k -and $r.Enabled){$r.Enabled=$false}"
    more = _REMOTE if all(key.count("/") == PARTS - 1 for key in keys) else ""
    return f"$w=@({listed});" + _EACH.format(group=quoted(group.resource), more=more, act=act)


def _fix(group: Group, name: str, title: str) -> Fix:
    return Fix(
        name,
        group.check,
        "Windows",
        title,
        partial(_preview, group, name),
        partial(_apply, group),
        partial(_undo, group),
        recipe=Recipe(
            "firewall", {"resource": group.resource, "title": group.title, "command": group.command}
        ),
    )


SHARING = _fix(FILE_SHARING, "firewall-file-sharing-on", "Let in File and Printer Sharing")
WMI = _fix(MANAGEMENT, "firewall-wmi-on", "Let in Windows Management Instrumentation")
