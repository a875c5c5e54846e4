"""Acting on an item or a recovery plan: looked at again right before, sent once, followed, and its times kept.

Whoever else works on the same vault is noticed twice: before sending, when what was shown has moved or a job
that nobody here started runs; after sending, when such a job began beside ours (a collision).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.azure.ids import last
from services.azure.job_report import job_event, job_problems
from services.azure.jobs import JobView, walk
from services.journal import operations as ledger
from services.journal.model import OperationRow
from services.journal.operations import ACCEPTED, FINISHED, INTENT
from services.operations.asking import Call, ask, find_job
from services.operations.follow import follow as follow_view
from services.operations.perform import abandon, adopt
from services.operations.resolve import finish
from services.problems.model import Problem, ProblemError, RefusedError, SignInError
from services.recovery import host_clock
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.settle import finished, job_gone, looked_for
from services.recovery.vault import Vault
from services.text import _, plain

Json = dict[str, Any]
_CLEANUP = "TestFailoverCleanup"
SKEW = timedelta(seconds=5)
"""A job that began this shortly before our sending counts as one beside it: Date has whole seconds."""


def refuse_if_moved(vault: Vault, item: ProtectedItem, shown_moved: Sequence[Any]) -> ProtectedItem:
    """The item as it is now, read right before sending; nothing has been sent when this raises.

    RefusedError names what has changed since `shown_moved` (ProtectedItem.moved of when the plan was shown),
    and the job that runs on the item, which is not ours.
    """
    now = vault.again(item)
    own = own_jobs(vault, [(now.allowed, now.job)])
    foreign = [job for job in _running(vault, targets_of(now)) if job.name not in own]
    changed = [word for word, was, is_ in _compared(shown_moved, now) if was != is_]
    if foreign:
        raise RefusedError(_foreign(now.title, foreign[0]))
    if changed:
        what = _("It has changed since the plan was shown: {what}.").format(what="; ".join(changed))
        remedy = _("Nothing was sent. Look at the new plan and confirm that one.")
        raise RefusedError(Problem("item-moved", now.title, what, remedy=remedy))
    return now


def targets_of(item: ProtectedItem) -> tuple[str, ...]:
    """The names under which jobs know an item, in lower case."""
    return tuple(last(id_).lower() for id_ in (item.source_id, item.id) if id_)


def own_jobs(vault: Vault, standing: Iterable[tuple[Sequence[str], str]]) -> set[str]:
    """The jobs that are in nobody's way: those this journal has asked for, and the job of a drill that waits
    for its clean-up. `standing`: what Azure allows on each item or plan, and the job that stands there.
    """
    asked_for = {last(row.job_id) for row in ledger.operations(vault.journal) if row.job_id}
    return asked_for | {job for allowed, job in standing if job and _CLEANUP in allowed}


def refuse_foreign(vault: Vault, title: str, targets: Sequence[str], known: Collection[str] = ()) -> None:
    """RefusedError when a job runs on a target (names as of `targets_of`) whose name is not in `known`."""
    for job in _running(vault, targets):
        if job.name not in known:
            raise RefusedError(_foreign(title, job))


def asked(run: Run, verb: str, target: str) -> OperationRow | None:
    """What this run asked of a target and Azure took, or may have taken, however it ended; None where nothing was."""
    rows = [
        row
        for row in ledger.operations(run.journal, run.engagement_id)
        if row.verb == verb
        and row.target.lower() == target.lower()
        and (row.state in (ACCEPTED, INTENT) or (row.state == FINISHED and row.outcome != "refused"))
    ]
    return rows[-1] if rows else None


def under_way(run: Run) -> bool:
    """Whether something that this run asked runs on in Azure, or may."""
    return any(row.state in (ACCEPTED, INTENT) for row in ledger.operations(run.journal, run.engagement_id))


def link_lost(run: Run, error: ProblemError) -> bool:
    """Whether Azure could only not be reached after it took what this run asked: then the run waits for the link."""
    taken = any(row.job_id for row in ledger.operations(run.journal, run.engagement_id))
    return taken and isinstance(error, SignInError)


def send(
    run: Run,
    verb: str,
    target: str,
    body: Mapping[str, Any] | None,
    call: Call,
    before: Callable[[], object],
    *,
    watched: Sequence[str] = (),
    done: Callable[[], bool] | None = None,
    method: str = "POST",
) -> OperationRow:
    """Ask for a verb once in this run. `target` is the id of the item or plan, `call` an SDK `begin_*` call.

    `before` is done right before each sending, and raises where it must not be sent any more; it is left out
    when this run's request was taken already. What has failed in this run is not asked for again: its problem is
    raised once more. `watched`: names of targets (`targets_of`) where another's job is a
    collision. `done` says whether the wish has come true, where no job can be found any more.
    """
    known = asked(run, verb, target)
    if known is not None and known.state == FINISHED and known.outcome != "succeeded":
        raise _kept_problem(run, known)
    if known is not None and known.state == INTENT:
        found = find_job(run, run.vault.reads)(known)
        known = adopt(run.journal, known, found) if found else _unless_moved(run, known, before)
    elif known is None:
        before()
    if known is not None:
        run.emit(_operation_event(known))
    row = known or ask(run, verb, target, method, body, call, done, jobs=run.vault.reads, before=before)
    if known is None and not row.adopted:
        host_clock.compare(run, row.service_date)
    run.mark_at(f"sent.{verb}.{last(target)}", row.service_date)
    if watched:
        collisions(run, verb, row, watched)
    return row


def follow(
    run: Run,
    row: OperationRow,
    *,
    watched: Sequence[str] = (),
    done: Callable[[], bool] | None = None,
    seen: Callable[[JobView], None] | None = None,
) -> JobView | None:
    """Follow what was sent to its end, and keep its job with every task's times, so that a clock read later
    is right. ProblemError when the job failed, or has gone and the wish has not come true; None when the
    service knows the job no longer and `done` says that the wish has. `seen` gets each view that differs from
    the one before.
    """

    def changed(view: JobView) -> None:
        _keep(run, row, view)
        run.emit(job_event(view))
        if seen:
            seen(view)

    if not row.job_id:
        finish(run.journal, row, "succeeded")
        return None
    try:
        view = follow_view(lambda: run.vault.reads.job_view(row.job_id), run.world, run.deadline, changed)
    except ProblemError as error:
        if error.problems[0].code != "job-not-found":
            raise
        if done is None or not done():
            gone = job_gone(row, known=done is not None)
            finish(run.journal, row, "superseded", gone)
            raise gone from error
        finish(run.journal, row, "succeeded")
        return None
    if watched:
        collisions(run, row.verb, row, watched)
    problem = finished(run.journal, row, view)
    if problem:
        raise problem
    return view


def job_of(run: Run, verb: str, target: str) -> Mapping[str, Any]:
    """What is kept of the job of a verb: its event (id, tasks, times) with `requestId`, `activityId`; or {}."""
    found: Mapping[str, Any] = run.facts.get(_job_key(verb, target)) or {}
    return found


def collisions(run: Run, verb: str, row: OperationRow, watched: Sequence[str]) -> None:
    """Report, once each, jobs on the same target that began about when or after ours did, and are not ours."""
    sent = _moment(row.service_date)
    told = list(run.facts.get("collisions") or [])
    ours = {one.job_id for one in ledger.operations(run.journal, run.engagement_id) if one.job_id}
    for job in run.vault.jobs():
        on_it = {last(job.target_id).lower()} & set(watched)
        late = job.start is None or sent is None or job.start >= sent - SKEW
        if on_it and late and job.name not in ours and job.name not in [one["job"] for one in told]:
            event = {
                "event": "collision",
                "verb": verb,
                "target": job.target,
                "job": job.name,
                "scenario": job.scenario,
                "started": job.start and job.start.isoformat(),
            }
            run.emit(event)
            told.append(event)
            run.learn(collisions=told)


def _keep(run: Run, row: OperationRow, view: JobView) -> None:
    event = {key: value for key, value in job_event(view).items() if key not in ("event", "retryAfter")}
    if view.over and view.end is None:  # it waits for the clean-up: its work ended with its last task
        ended = max((task.end for task in walk(view.tasks) if task.end), default=None)
        event["ended"] = ended and ended.isoformat()
    run.learn(
        **{
            _job_key(row.verb, row.target): {
                **event,
                "requestId": row.client_request_id,
                "activityId": view.activity_id,
                "errors": [problem.what for problem in job_problems(view)],
            }
        }
    )


def _kept_problem(run: Run, row: OperationRow) -> ProblemError:
    """The problem with which a request of this run ended in an earlier life."""
    said = row.error
    about = str(job_of(run, row.verb, row.target).get("target") or last(row.target))
    what = str(said.get("what") or _("The job ended as {state}.").format(state=row.outcome))
    more = {key: str(said.get(key) or "") for key in ("cause", "remedy", "request_id")}
    return ProblemError(Problem(str(said.get("code") or "job-failed"), plain(about), what, **more))


def _unless_moved(run: Run, row: OperationRow, before: Callable[[], object]) -> OperationRow | None:
    """Look right before a request without an answer is sent again. None: nothing has moved, it may be.

    Where something has moved that was our own request, if its job is found; else it is followed no longer, so
    that the run can end.
    """
    try:
        before()
    except RefusedError:
        found = looked_for(run, row)
        if found is None:
            abandon(run.journal, row, "not found, and what was shown has moved")
            raise
        return adopt(run.journal, row, found)
    return None


def _running(vault: Vault, targets: Sequence[str]) -> list[JobView]:
    wanted = set(targets)
    return [job for job in vault.jobs() if not job.over and last(job.target_id).lower() in wanted]


def _compared(shown: Sequence[Any], now: ProtectedItem) -> list[tuple[str, object, object]]:
    """What moved: a sentence each, with what was shown and what is."""
    words = (_("state"), _("drill"), _("runs at"), _("allowed"), _("job"))
    pairs = zip(words, shown, now.moved, strict=True)
    return [
        (
            _("{name} was {was}, is {is_}").format(name=name, was=_text(was), is_=_text(is_)),
            tuple(was) if isinstance(was, list) else was,
            is_,
        )
        for name, was, is_ in pairs
    ]


def _text(value: object) -> str:
    many = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return plain(many) or _("none")


def _foreign(title: str, job: JobView) -> Problem:
    began = job.start.isoformat(timespec="seconds") if job.start else _("a moment ago")
    what = _("A job that this run did not start works on it: {title}, {name}, since {began}.").format(
        title=plain(job.title), name=job.name, began=began
    )
    remedy = _("Nothing was sent. Wait until it has ended, or ask who started it: lifeboat jobs --running")
    return Problem("foreign-job", plain(title), what, remedy=remedy)


def _operation_event(row: OperationRow) -> Json:
    return {
        "event": "operation",
        "verb": row.verb,
        "target": row.target,
        "state": row.state,
        "job": row.job_id,
    }


def _job_key(verb: str, target: str) -> str:
    return f"job.{verb}.{last(target)}"


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
