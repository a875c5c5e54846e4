"""AS-4.4: remote UAC told to leave local accounts alone, as the documents give it, and the old value put back."""

from __future__ import annotations

from dataclasses import dataclass

from services.guests import windows_files
from services.guests.model import Shell
from services.problems.model import Problem, ProblemError, RefusedError
from services.readiness.fixes.model import Context, Fix, Preview, Recipe, UndoRecord
from services.readiness.windows import REGISTRY_ROW
from services.readiness.windows_account import REMOTE_UAC as CHECK
from services.readiness.windows_account import VALUE
from services.text import _
from services.world.deadline import Deadline

ID = "remote-uac-off"
KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
ADD = f"REG ADD {KEY} /v {VALUE} /t REG_DWORD /d 1 /f"
MADE = "REG_DWORD 0x1"


@dataclass(frozen=True)
class Stored:
    """A registry value as `reg query` shows it; empty when it is not there."""

    kind: str = ""
    data: str = ""

    @property
    def text(self) -> str:
        return f"{self.kind} {self.data}".strip()

    @classmethod
    def of(cls, text: str) -> Stored:
        """The value of its text."""
        kind, _blank, data = text.partition(" ")
        return cls(kind, data)


def stored(shell: Shell, deadline: Deadline) -> Stored:
    """The value now. The whole key is read, so that a missing value is told from a key that cannot be read."""
    output = windows_files.run(shell, f"reg query {KEY}", deadline, KEY)
    for line in output.stdout.splitlines():
        row = REGISTRY_ROW.match(line)
        if row and row[1].lower() == VALUE.lower():
            return Stored(row[2], row[3])
    return Stored()


def _preview(shell: Shell, deadline: Deadline, context: Context) -> Preview:
    now = stored(shell, deadline)
    undo = UndoRecord(
        ID,
        "registry",
        context.machine.name,
        f"{VALUE} set to 1; it was {now.text or 'not set'}.",
        path=f"{KEY}\\{VALUE}",
        before=now.text,
        after=MADE,
        commands=(ADD,),
    )
    return Preview(() if now.text == MADE else (ADD,), undo)


def _apply(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    del context
    for command in preview.lines:
        windows_files.run(shell, command, deadline, VALUE)
    if stored(shell, deadline).text != MADE:
        what = _("the value was written, but reads otherwise; a Group Policy may set it.")
        raise ProblemError(Problem("not-kept", VALUE, what))


def _undo(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    now = stored(shell, deadline).text
    if now == record.before:
        return
    if now != record.after:
        what = _("{value} was changed since: it is {now} now.").format(value=VALUE, now=now or _("not set"))
        raise RefusedError(Problem("changed-since", context.machine.name, what))
    windows_files.run(shell, taking_back(record.before), deadline, VALUE)


def taking_back(before: str) -> str:
    """The command that restores what was there: the old value, or none."""
    old = Stored.of(before)
    if not old.kind:
        return f"REG DELETE {KEY} /v {VALUE} /f"
    return f'REG ADD {KEY} /v {VALUE} /t {old.kind} /d "{old.data}" /f'


REMOTE_UAC = Fix(
    ID,
    CHECK,
    "Windows",
    "Let local accounts keep their rights over the network",
    _preview,
    _apply,
    _undo,
    weakens="Every local administrator account can then be used with full rights over the network. Take it back "
    "once the Mobility service is installed.",
    recipe=Recipe("registry", {"key": KEY, "name": VALUE, "kind": "REG_DWORD", "data": "1", "made": MADE}),
)
