"""Fixes that change a file of a Linux machine: /etc/hosts and sshd's settings."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Mapping

from services.guests.model import Shell
from services.guests.sudo import SEARCH, as_root
from services.problems.model import Problem, ProblemError
from services.readiness import linux_names, linux_sshd
from services.readiness.fixes import edits, files
from services.readiness.fixes.model import Context, Fix, Preview, Recipe, UndoRecord
from services.readiness.linux_facts import gather
from services.readiness.sshd_root import Sshd, included
from services.text import _, plain
from services.world.deadline import Deadline

RELOAD = (
    "systemctl reload sshd.service 2>/dev/null || systemctl reload ssh.service 2>/dev/null"
    " || service sshd reload 2>/dev/null || service ssh reload 2>/dev/null"
    " || kill -HUP $(cat /var/run/sshd.pid)"
)
"""Makes sshd read its files again on systemd, upstart and SysV; open sessions stay."""
RESTARTS = "sshd reads its settings again; open sessions stay."
WEAKENS_PASSWORD = "Anybody who knows a password can log in over SSH. Take it back after the installation."
WEAKENS_ROOT = "root can log in over SSH with a password. Take it back after the installation."


def _preview(
    fix: str, context: Context, path: str, before: bytes, after: bytes, what: str, then: tuple[str, ...] = ()
) -> Preview:
    """The diff and the commands that follow it, with the record that takes it back."""
    machine = context.machine.name
    if before == after:
        return Preview((), UndoRecord(fix, "file", machine, what, path))
    sums = files.digest(before), files.digest(after)
    record = UndoRecord(
        fix, "file", machine, what, path, files.backup_path(path, sums[0]), *sums, commands=then
    )
    return Preview((*edits.diff(path, before, after), *then), record, after)


def _present(shell: Shell, path: str, deadline: Deadline) -> bytes:
    found = files.read(shell, path, deadline)
    if found is None:
        raise ProblemError(
            Problem("file-missing", path, _("{path} is missing on the machine.").format(path=path))
        )
    return found


def _preview_hosts(shell: Shell, deadline: Deadline, context: Context) -> Preview:
    root = as_root(shell, deadline)
    path = files.real_path(root, context.settings.linux.hosts, deadline)
    before = _present(root, path, deadline)
    name, without = linux_names.missing(gather(root, context.settings, deadline))
    if not linux_names.HOSTNAME.fullmatch(name):
        what = _("the host name {name} is no name for /etc/hosts.").format(name=plain(name, 80))
        raise ProblemError(Problem("host-name", context.machine.name, what))
    after = edits.with_hosts(before, without, name)
    return _preview("hosts-file", context, path, before, after, f"lines for {', '.join(without)} in {path}")


def _apply_file(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    del context
    root = as_root(shell, deadline)
    files.back_up(root, preview.undo, deadline)
    new = files.write_beside(root, preview.undo.path, preview.content, deadline)
    files.move_over(root, new, preview.undo.path, deadline)


def _undo_file(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    del context
    files.restore(as_root(shell, deadline), record, deadline)


class _Read:
    """sshd's files byte by byte, and what holds for root in them."""

    def __init__(self, shell: Shell, deadline: Deadline, context: Context) -> None:
        settings = context.settings
        self.main = settings.linux.sshd_config
        self.facts = gather(shell, settings, deadline)
        names = [self.main, *included(self.facts["included"])]
        self.bytes = {name: _present(shell, name, deadline) for name in names}
        self.sshd = Sshd(self.facts, settings, self._texts())
        self.sftp_server = next(iter(self.facts.lines("sftp")), "internal-sftp").strip()

    def _texts(self) -> Mapping[str, str]:
        return {name: edits.decoded(data) for name, data in self.bytes.items()}


def _after_sshd(context: Context) -> tuple[str, ...]:
    places = context.settings.linux
    test = f"{shlex.quote(places.sshd)} -t -f {shlex.quote(places.sshd_config)}"
    return (test, places.reload or RELOAD)


def _preview_value(fix: str, name: str) -> Callable[[Shell, Deadline, Context], Preview]:
    """The preview of a fix that sets a keyword of sshd to yes, on the line that counts."""

    def preview(shell: Shell, deadline: Deadline, context: Context) -> Preview:
        root = as_root(shell, deadline)
        now = _Read(root, deadline, context)
        line, value = now.sshd.deciding(name), now.sshd.value(name)
        path = line.path if line else now.main
        before = now.bytes[path]
        if value == "yes":
            after = before
        elif line:
            after = edits.with_value(before, line.line, "yes")
        else:
            after = edits.with_setting(before, f"{name} yes")
        return _of_sshd(fix, root, deadline, context, path, (before, after), f"{name} yes in {path}")

    return preview


def _preview_sftp(shell: Shell, deadline: Deadline, context: Context) -> Preview:
    root = as_root(shell, deadline)
    now = _Read(root, deadline, context)

    def absent(command: str) -> str:
        return linux_sshd.missing_server(command, now.facts)

    line = now.sshd.sftp_line
    if line and absent(now.sshd.sftp):
        path, before = line.path, now.bytes[line.path]
        after = edits.with_value(before, line.line, f"sftp {now.sftp_server}")
    else:
        path, before = now.main, now.bytes[now.main]
        after = before
        if not now.sshd.sftp:
            wanted = f"Subsystem sftp {now.sftp_server}"
            uncommented = edits.uncommented_subsystem(before, lambda command: not absent(command))
            after = uncommented or edits.with_setting(before, wanted)
    return _of_sshd("sftp", root, deadline, context, path, (before, after), f"Subsystem sftp in {path}")


def _of_sshd(
    fix: str,
    root: Shell,
    deadline: Deadline,
    context: Context,
    path: str,
    change: tuple[bytes, bytes],
    what: str,
) -> Preview:
    real = files.real_path(root, path, deadline)
    return _preview(fix, context, real, *change, what, _after_sshd(context))


def _applied(holds: Callable[[Sshd], bool]) -> Callable[[Shell, Deadline, Context, Preview], None]:
    """What makes a change of sshd's settings, and sees by sshd's own word that it holds for root."""

    def apply(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
        root = as_root(shell, deadline)
        _apply_sshd(root, deadline, context, preview)
        now = Sshd(gather(root, context.settings, deadline), context.settings)
        if now.spoken and not holds(now):
            raise ProblemError(
                Problem(
                    "not-kept",
                    context.machine.name,
                    _("{what} was written, but does not hold for root.").format(what=preview.undo.what),
                    _("Another file, or a Match block, comes before it."),
                    _("Find it with sshd -T, and change it by hand. What was written was taken back."),
                )
            )

    return apply


def _apply_sshd(root: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    record = preview.undo
    files.back_up(root, record, deadline)
    new = files.write_beside(root, record.path, preview.content, deadline)
    places = context.settings.linux
    if files.real_path(root, places.sshd_config, deadline) == record.path:
        try:
            _command(root, f"{shlex.quote(places.sshd)} -t -f {shlex.quote(new)}", record, deadline)
        except ProblemError:
            files.drop(root, new, deadline)
            raise
    files.move_over(root, new, record.path, deadline)
    _finish_sshd(root, deadline, record)


def _undo_sshd(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    del context
    root = as_root(shell, deadline)
    if files.restore(root, record, deadline):
        _finish_sshd(root, deadline, record)
        return
    # The file may have been put back by an undo that was cut off before sshd read it; where it was never
    # changed, reading it again changes nothing, and what is wrong with it is not ours.
    with contextlib.suppress(ProblemError):
        _finish_sshd(root, deadline, record)


def _finish_sshd(shell: Shell, deadline: Deadline, record: UndoRecord) -> None:
    """Have sshd test the file that stands there, and read it."""
    root = as_root(shell, deadline)
    for command in record.commands:
        _command(root, command, record, deadline)


def _command(root: Shell, command: str, record: UndoRecord, deadline: Deadline) -> None:
    output = root.run(f"{SEARCH}; export PATH; {command}", deadline)
    if output.code == 0:
        return
    tested = " -t " in command
    raise ProblemError(
        Problem(
            "sshd-test" if tested else "sshd-reload",
            record.machine,
            _("sshd does not take the new settings; they were not put in force.")
            if tested
            else _("sshd could not be made to read its settings again."),
            remedy=_("Look at what it says, and change {path} by hand.").format(path=record.path),
            check=command,
            raw=plain(output.stderr or output.stdout),
        )
    )


HOSTS = Fix(
    "hosts-file",
    linux_names.CHECK,
    "Linux",
    "Add the missing addresses to /etc/hosts",
    _preview_hosts,
    _apply_file,
    _undo_file,
    recipe=Recipe("hosts"),
)
PASSWORD = Fix(
    "ssh-password",
    linux_sshd.PASSWORD,
    "Linux",
    "PasswordAuthentication yes",
    _preview_value("ssh-password", "PasswordAuthentication"),
    _applied(lambda sshd: sshd.value("PasswordAuthentication") == "yes"),
    _undo_sshd,
    WEAKENS_PASSWORD,
    RESTARTS,
    Recipe("sshd-keyword", {"keyword": "PasswordAuthentication", "value": "yes", "default": "yes"}),
    finish=_finish_sshd,
)
ROOT_LOGIN = Fix(
    "ssh-root-login",
    linux_sshd.ROOT_LOGIN,
    "Linux",
    "PermitRootLogin yes",
    _preview_value("ssh-root-login", "PermitRootLogin"),
    _applied(lambda sshd: sshd.value("PermitRootLogin") == "yes"),
    _undo_sshd,
    WEAKENS_ROOT,
    RESTARTS,
    Recipe("sshd-keyword", {"keyword": "PermitRootLogin", "value": "yes", "default": ""}),
    finish=_finish_sshd,
)
SFTP = Fix(
    "sftp",
    linux_sshd.SFTP,
    "Linux",
    "Turn the SFTP subsystem on",
    _preview_sftp,
    _applied(lambda sshd: bool(sshd.sftp)),
    _undo_sshd,
    restarts=RESTARTS,
    recipe=Recipe("sshd-sftp"),
    finish=_finish_sshd,
)
