"""`lifeboat jobs`: what runs in the vault, and cancel, restart, resume, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from services.azure.job_report import job_event
from services.azure.jobs import JobView
from services.problems.model import CancelledError, Problem, RefusedError
from services.recovery import jobs, run
from services.recovery.job_export import write_jobs
from services.recovery.watch import Watch
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.fit import fitted, terminal_width
from tui.cli.globals import Globals, can_ask, json_line
from tui.cli.vaults import opened_vault


def list_jobs(options: Globals, *, watch: bool, running: bool, as_json: bool) -> int:
    """The vault's jobs, the newest first; with `watch` whenever one has moved, until interrupted."""
    deadline = Deadline()
    with opened_vault(options, deadline, lambda _event: None) as vault:
        if not watch:
            _tell([job for job in vault.jobs() if not (running and job.over)], as_json)
            return 0
        eyes = Watch(vault)
        try:
            while True:
                seen = eyes.look()
                moved = [job for name, job in seen.jobs.items() if name in seen.moved_jobs]
                _tell([job for job in moved if not (running and job.over)], as_json)
                deadline.wait(seen.pause)
        except CancelledError:
            return 130


def act(
    options: Globals, verb_id: str, name: str, *, comments: str, yes: bool, confirm: str, as_json: bool
) -> int:
    """Cancel, restart or resume a job, when Azure allows it. What ends replication needs the target's name."""
    verb, deadline = jobs.VERBS[verb_id], Deadline()
    with opened_vault(options, deadline, json_line if as_json else lambda _event: None) as vault:
        job = jobs.job_named(vault, name)
        shown = jobs.plan(verb, job, comments)
        if not as_json:
            click.echo(plain(f"{_(verb.title)}: {job.title}, {job.target}, {job.word}"), err=True)
            for note in shown.notes:
                click.echo(note, err=True)
        _consent(verb, job, yes=yes, confirm=confirm)
        hand = run.begin(vault, f"job-{verb.id}", [job.name], [job.title], {"comments": comments}, deadline)
        with hand.closing():
            jobs.apply(hand, vault, verb, job, comments)
        after = jobs.job_named(vault, name)
        if as_json:
            json_line(job_event(after))
        else:
            click.echo(plain(f"{after.title}: {after.word}"))
    return 0


def export(options: Globals, path: Path) -> int:
    """Write every job with its tasks and errors into a new file, as JSON lines."""
    deadline = Deadline()
    with opened_vault(options, deadline, lambda _event: None) as vault:
        count = write_jobs(vault, path, deadline)
    click.echo(_("{count} jobs are written into {path}").format(count=count, path=plain(str(path))), err=True)
    return 0


def _consent(verb: jobs.JobVerb, job: JobView, *, yes: bool, confirm: str) -> None:
    if jobs.ends_replication(verb, job):
        if confirm == job.target:
            return
        what = _("Cancelling this failover leaves {target} without replication, for good.").format(
            target=job.target
        )
        remedy = _("If that is wanted, add: --confirm {target}").format(target=job.target)
        raise RefusedError(Problem("needs-confirm", job.title, what, remedy=remedy))
    if yes or (can_ask() and click.confirm(_("Go on?"), default=False, err=True)):
        return
    what = _("It was not confirmed; nothing was changed.")
    raise RefusedError(Problem("not-confirmed", job.title, what, remedy=_("Add --yes.")))


def job_line(job: JobView) -> str:
    """A job: id, start, state, what it is and of what; one line where it fits."""
    start = f"{job.start:%Y-%m-%d %H:%M}" if job.start else ""
    middle = plain(f"  {start:<16}  {job.word:<20}  ")
    return fitted(plain(job.name), middle, plain(f"{job.title}  {job.target}"), terminal_width())


def _tell(found: Sequence[JobView], as_json: bool) -> None:
    for job in found:
        if as_json:
            json_line(job_event(job))
        else:
            click.echo(job_line(job).rstrip())
    if not found and not as_json:
        click.echo(_("There are no jobs."), err=True)
