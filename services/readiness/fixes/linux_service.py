"""sshd at boot and now, by the service manager that the machine has; packages as advice."""

from __future__ import annotations

import re

from services.guests.model import Shell
from services.guests.sudo import SEARCH, as_root
from services.problems.model import Problem, ProblemError, RefusedError
from services.readiness import linux_ssh
from services.readiness.fixes.model import Context, Fix, Preview, Recipe, UndoRecord
from services.readiness.linux_facts import LinuxFacts, gather
from services.text import _, plain
from services.world.deadline import Deadline

SERVICE = "sshd-service"
OVERRIDE = "/etc/init/ssh.override"
UNITS = {"systemd-sshd": "sshd.service", "systemd-ssh": "ssh.service", "systemd-socket": "ssh.socket"}


def _now(facts: LinuxFacts) -> tuple[str, str]:
    """Which service manager tells, and its state as a word that can be compared later."""
    part, boot = linux_ssh.enabled(facts)
    if part == "chkconfig":
        on = re.findall(r"(\d):on", facts["chkconfig"])
        return part, "on at " + ("".join(on) or "no") + " level"
    if part in UNITS and not boot:
        return part, facts.lines(part)[0].strip()
    return part, "enabled" if boot else "disabled"


def commands(facts: LinuxFacts) -> list[tuple[str, str]]:
    """What is run, each with what takes it back; nothing when sshd starts and runs."""
    part, boot = linux_ssh.enabled(facts)
    stopped = linux_ssh.running(facts) is False
    if boot is False and part == "chkconfig":
        off = "".join(re.findall(r"([2-5]):off", facts["chkconfig"]))
        found = [(f"chkconfig --level {off} sshd on", f"chkconfig --level {off} sshd off")]
    elif boot is False and part == "upstart":
        found = [(f"mv -f {OVERRIDE} {OVERRIDE}.lifeboat", f"mv -f {OVERRIDE}.lifeboat {OVERRIDE}")]
    elif boot is False:
        unit = UNITS[part]
        masked = facts.lines(part)[0].strip() == "masked"
        found = [(f"systemctl unmask {unit}", f"systemctl mask {unit}")] if masked else []
        found.append((f"systemctl enable {unit}", f"systemctl disable {unit}"))
    else:
        found = []
    if stopped:
        unit = UNITS.get(part, "")
        started = f"systemctl start {unit}" if unit else "service sshd start || service ssh start"
        # Stopping it again would lock everybody out, so that is not taken back.
        found.append((started, "true"))
    return found


def _preview(shell: Shell, deadline: Deadline, context: Context) -> Preview:
    facts = gather(as_root(shell, deadline), context.settings, deadline)
    part, before = _now(facts)
    pairs = commands(facts)
    back = [undo for _run, undo in reversed(pairs) if undo != "true"]
    record = UndoRecord(
        SERVICE,
        "service",
        context.machine.name,
        "sshd starts with the machine",
        path=part,
        before=before,
        commands=tuple(run for run, _undo in pairs),
        more={"undo": "\n".join(back)},
    )
    return Preview(record.commands, record)


def _apply(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    del context
    root = as_root(shell, deadline)
    for command in preview.undo.commands:
        _run(root, command, preview.undo.machine, deadline)


def _undo(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    root = as_root(shell, deadline)
    part, now = _now(gather(root, context.settings, deadline))
    if (part, now) == (record.path, record.before):
        return
    if not linux_ssh.enabled(gather(root, context.settings, deadline))[1]:
        raise RefusedError(
            Problem(
                "changed-since",
                record.machine,
                _("how sshd starts has been changed since the fix: {state}.").format(state=plain(now, 80)),
                remedy=_("It was before: {state}. Take it back by hand.").format(state=record.before),
            )
        )
    for command in record.more.get("undo", "").split("\n"):
        if command:
            _run(root, command, record.machine, deadline)


def _run(root: Shell, command: str, machine: str, deadline: Deadline) -> None:
    output = root.run(f"{SEARCH}; export PATH; {command}", deadline)
    if output.code:
        what = _("the service manager refused: {command}").format(command=command)
        raise ProblemError(
            Problem("service", machine, what, check=command, raw=plain(output.stderr or output.stdout))
        )


def _preview_packages(shell: Shell, deadline: Deadline, context: Context) -> Preview:
    facts = gather(as_root(shell, deadline), context.settings, deadline)
    record = UndoRecord("ssh-packages", "advice", context.machine.name, "update of OpenSSH and OpenSSL")
    have = linux_ssh.installed(facts) or {}
    if facts["dpkg"]:
        names = "openssh-client openssh-server openssl"
        verb = "--only-upgrade " if len(have) >= len(names.split()) else ""
        return Preview(("apt-get update", f"apt-get install {verb}{names}"), record, advice=True)
    wanted = ["openssh", *(() if linux_ssh.one_package(facts) else ("openssh-server",)), "openssl"]
    verb = "update" if set(wanted) <= set(have) else "install"
    manager = "zypper" if facts["zypper"] else "yum"
    return Preview((f"{manager} {verb} {' '.join(wanted)}",), record, advice=True)


def _never(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    """Advice is refused before it gets here."""
    del shell, deadline, preview
    raise ProblemError(Problem("advice-only", context.machine.name, _("an update is not made from here.")))


def _nothing(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    """Nothing was done, so nothing is taken back."""
    del shell, deadline, context, record


BOOT = Fix(
    SERVICE,
    SERVICE,
    "Linux",
    "Start sshd with the machine",
    _preview,
    _apply,
    _undo,
    restarts="A stopped sshd is started.",
    recipe=Recipe("sshd-boot"),
)
PACKAGES = Fix(
    "ssh-packages",
    "ssh-packages",
    "Linux",
    "Update OpenSSH and OpenSSL",
    _preview_packages,
    _never,
    _nothing,
    recipe=Recipe("packages"),
)
