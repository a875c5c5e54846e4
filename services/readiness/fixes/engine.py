"""Fixes made and taken back: consent to exactly what was shown, the journal first, the check as the proof."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from services.guests.model import Machine, Shell
from services.journal.journal import Journal
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, RefusedError
from services.readiness.fixes import records
from services.readiness.fixes.model import Consent, Context, Fix, Preview
from services.readiness.fixes.records import Kept
from services.readiness.guest_checks import GUEST_CHECKS, SERVER_CHECKS
from services.readiness.model import Finding
from services.readiness.sweep import looked
from services.readiness.visit import Ground, Visit
from services.text import _
from services.world.deadline import Deadline

AGAIN, PAUSE = 10, 0.3
"""Attempts to log in after a fix, and real seconds between them."""
UNSURE = frozenset(("link-lost", "no-answer", "deadline", "cancelled", "unreachable", "refused"))
"""Problems after which nobody knows how far the machine came."""


def preview_fix(machine: Machine, fix: Fix, ground: Ground, deadline: Deadline) -> Preview:
    """What the fix would do on this machine now. Looks only; ProblemError."""
    with _session(machine, ground, deadline) as shell:
        return fix.preview(shell, deadline, Context(machine, ground.settings))


def apply_fix(
    journal: Journal,
    engagement_id: int,
    machine: Machine,
    fix: Fix,
    ground: Ground,
    deadline: Deadline,
    consent: Consent,
) -> Finding:
    """Make a fix and return what its check says afterwards, over a new session.

    RefusedError: `read-only`, `weakens` (not accepted), `preview-changed`, `advice-only`. ProblemError when it
    could not be made; the machine is then as before, or the record stays `intended` for `undo_fix`. Where
    nothing is to be done nothing is, and the check says so.
    """
    _refuse_read_only(machine, ground)
    if fix.weakens and not consent.weakening:
        raise _refused("weakens", machine, fix.weakens, _("Accept that, or install the agent by hand."))
    context = Context(machine, ground.settings)
    with _session(machine, ground, deadline) as shell:
        preview = fix.preview(shell, deadline, context)
        if preview.empty:
            _settle(journal, engagement_id, machine, fix, shell, deadline)
        else:
            _refuse_advice(machine, preview)
            if preview.digest != consent.digest and not _rests_on_ours(
                journal, engagement_id, preview, consent
            ):
                raise _changed(machine)
            record = records.begin(journal, engagement_id, preview.undo, consent.by)
            _made(journal, engagement_id, record, fix, shell, deadline, context, preview)
    return check_again(machine, fix.check, ground, deadline)


def undo_fix(
    journal: Journal,
    engagement_id: int,
    machine: Machine,
    fix: Fix,
    ground: Ground,
    deadline: Deadline,
) -> Finding:
    """Take back every standing record of this fix, the newest first; return what its check says then.

    RefusedError: `read-only`, `nothing-to-undo`, `later-fix` (another fix changed the same file afterwards and
    must be taken back first), or the fix's own when its work was changed since.
    """
    _refuse_read_only(machine, ground)
    standing = [one for one in records.kept(journal, engagement_id, machine.name, fix.id) if one.standing]
    if not standing:
        raise _refused("nothing-to-undo", machine, _("this fix was not made here by this engagement."))
    with _session(machine, ground, deadline) as shell:
        for record in reversed(standing):
            _refuse_buried(journal, engagement_id, machine, record)
            fix.undo(shell, deadline, Context(machine, ground.settings), record.undo)
            records.move(journal, engagement_id, record, records.UNDONE)
    return check_again(machine, fix.check, ground, deadline)


def check_again(machine: Machine, check_id: str, ground: Ground, deadline: Deadline) -> Finding:
    """What one check says now, over a session of its own."""
    # Some checks of both systems share an id.
    asked = [one for one in (*GUEST_CHECKS, *SERVER_CHECKS) if machine.os_type in one.systems]
    declared = next(one.check for one in asked if one.check.id == check_id)
    visit = Visit(machine, ground, deadline)
    try:
        _enter(visit, deadline)
        return looked(declared, visit)
    finally:
        visit.close()


def _enter(visit: Visit, deadline: Deadline) -> None:
    """Log in; an sshd that reads its settings again does not listen for a moment."""
    for _attempt in range(AGAIN):
        try:
            visit.enter()
            break
        except ProblemError as error:
            if error.problems[0].code not in ("refused", "link-lost"):
                break
            deadline.wait(PAUSE)


def _made(
    journal: Journal,
    engagement_id: int,
    record: Kept,
    fix: Fix,
    shell: Shell,
    deadline: Deadline,
    context: Context,
    preview: Preview,
) -> None:
    try:
        fix.apply(shell, deadline, context, preview)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        if error.problems[0].code not in UNSURE:
            # Taken back at once; when that fails too the record stays, and the first error is told.
            with contextlib.suppress(ProblemError):
                fix.undo(shell, deadline, context, preview.undo)
                records.move(journal, engagement_id, record, records.FAILED)
        raise
    records.move(journal, engagement_id, record, records.APPLIED)


def _settle(
    journal: Journal, engagement_id: int, machine: Machine, fix: Fix, shell: Shell, deadline: Deadline
) -> None:
    """A fix that was under way when this program died, and is found made, is finished and made."""
    for one in records.kept(journal, engagement_id, machine.name, fix.id):
        if one.state == records.INTENDED:
            if fix.finish is not None:
                fix.finish(shell, deadline, one.undo)
            records.move(journal, engagement_id, one, records.APPLIED)


@contextlib.contextmanager
def _session(machine: Machine, ground: Ground, deadline: Deadline) -> Iterator[Shell]:
    shell = ground.open(machine, deadline)
    try:
        yield shell
    finally:
        with contextlib.suppress(Exception):
            shell.close()


def _refuse_read_only(machine: Machine, ground: Ground) -> None:
    if ground.world.read_only:
        raise _refused("read-only", machine, _("nothing is changed in a read-only session."))


def _refuse_advice(machine: Machine, preview: Preview) -> None:
    if preview.advice:
        raise _refused(
            "advice-only",
            machine,
            _("this is only shown: {commands}").format(commands="; ".join(preview.lines)),
            _("Run it on the machine in a maintenance window, then check again."),
        )


def _changed(machine: Machine) -> RefusedError:
    return _refused(
        "preview-changed",
        machine,
        _("the machine has changed since the preview; nothing was done."),
        _("Look at the new preview and agree to that."),
    )


def _rests_on_ours(journal: Journal, engagement_id: int, preview: Preview, consent: Consent) -> bool:
    """Whether the same change is to be made of a file that is exactly as another fix of ours has left it."""
    if preview.undo.kind != "file" or preview.change != consent.change:
        return False
    made = records.kept(journal, engagement_id, preview.undo.machine)
    return any(
        (one.state, one.undo.path, one.undo.after)
        == (records.APPLIED, preview.undo.path, preview.undo.before)
        for one in made
    )


def _refuse_buried(journal: Journal, engagement_id: int, machine: Machine, record: Kept) -> None:
    above = records.later(journal, engagement_id, record)
    if above:
        what = _("{fix} changed {path} after it.").format(fix=above.undo.fix, path=above.undo.path)
        raise _refused("later-fix", machine, what, _("Take that back first."))


def _refused(code: str, machine: Machine, what: str, remedy: str = "") -> RefusedError:
    return RefusedError(Problem(code, machine.name, what, remedy=remedy))
