"""One verb on its way: sent once, followed to its end, and every manual action on the way said and answered.

The same for an item and for a recovery plan. A run that was cut off is found again by its verb and target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.azure.ids import last
from services.azure.jobs import JobView, TaskView, walk
from services.evidence.anchor import anchor_text
from services.problems.model import Problem, ProblemError, RefusedError
from services.recovery import account, acting, jobs, requests
from services.recovery.jobs import waiting as waiting
from services.recovery.requests import Wish
from services.recovery.run import Run, open_runs
from services.recovery.run import begin as begin_run
from services.recovery.settle import ENDED_WELL
from services.recovery.target import Moved, Target, refuse_if_moved
from services.recovery.vault import Vault
from services.recovery.verbs import CANCEL, FAILOVER, PLANNED
from services.text import _, plain
from services.world.deadline import Deadline

SHOWN = "shown"
"""The fact under which a run keeps what its plan had looked at, for the look right before sending."""
MANUAL = "manual"
"""The fact under which a run keeps the manual actions it met: name, instructions, answer, at (ISO UTC)."""
PARTIAL = "PartiallySucceeded"


@dataclass(frozen=True)
class Manual:
    """How manual actions are met: `answer` is the comment that resumes each; empty: somebody else resumes."""

    answer: str = ""


def going_on(vault: Vault, verb: str, target_id: str, deadline: Deadline) -> Run | None:
    """The open run of a verb on a target that has asked Azure for it already; None where there is none."""
    for run in open_runs(vault, deadline):
        if run.about.verb == verb and run.about.targets[0] == target_id.lower():
            return run if acting.asked(run, verb, target_id) else None
    return None


def sent(run: Run, verb: str, target: Target) -> bool:
    """Whether this run has asked for a verb already."""
    return acting.asked(run, verb, target.id) is not None


def perform(
    run: Run,
    target: Target,
    wish: Wish,
    shown: Moved,
    *,
    manual: Manual | None = None,
    done: Callable[[], bool] | None = None,
    before: Callable[[], object] | None = None,
    verb: str = "",
) -> JobView | None:
    """Send the run's verb (or `verb`, as the clean-up of a drill) and follow its job.

    `shown`: Target.moved of when the plan was shown. `before` is looked at too, right before sending.
    RefusedError when anything has moved; ProblemError when the job failed; DeadlineError with the job running
    on. None: the job has gone, and `done` says it is done.
    """
    verb = verb or run.about.verb
    asked = requests.body(verb, target, wish)

    def look() -> None:
        refuse_if_moved(run.vault, target, shown)
        if before:
            before()

    row = acting.send(
        run,
        verb,
        target.id,
        asked,
        requests.call(run.vault, verb, target, asked),
        look,
        watched=() if target.plan else target.watched,
        done=done,
    )
    seen = _Actions(run, manual or Manual()) if target.plan or verb == PLANNED else None
    try:
        view = acting.follow(run, row, watched=() if target.plan else target.watched, done=done, seen=seen)
    finally:
        if acting.job_of(run, verb, target.id).get("ended"):
            account.keep(run, row.job_id)
    if target.plan and view:
        _foreign_beside(run, target, view)
    return view


def left_behind(target: Target, verb: str, wanted: str) -> list[Problem]:
    """The machines of a plan that are not in the wanted phase although its job has ended; `target` read anew."""
    what = _("{verb} of the recovery plan has ended, and this machine is not {wanted}: {word}.")
    return [
        Problem("left-behind", plain(item.title), what.format(verb=verb, wanted=wanted, word=item.word))
        for item in target.items
        if item.phase != wanted
    ]


class _Actions:
    """Says each manual action at which a job waits, once, and resumes it where an answer was given."""

    def __init__(self, run: Run, manual: Manual) -> None:
        self._run = run
        self._manual = manual
        self._told: set[str] = set()

    def __call__(self, view: JobView) -> None:
        for task in waiting(view):
            if task.id in self._told or (self._manual.answer and "Resume" not in view.allowed):
                continue  # an answer is given as soon as Azure takes one
            self._told.add(task.id)
            self._run.emit(manual_event(view, task, answered=bool(self._manual.answer)))
            if self._manual.answer:
                self._answered(view, task)
            else:
                self._keep(task, "")

    def _answered(self, view: JobView, task: TaskView) -> None:
        """Resume the job. The answer is kept before, in its own words, so that a death does not give another."""
        known = next((one for one in self._met() if one["task"] == task.id), {})
        comments = str(known.get("comments") or "")
        if not comments:
            comments = f"{self._manual.answer} {anchor_text(self._run.journal)}".strip()
            self._keep(task, self._manual.answer, comments)
        try:
            jobs.apply(self._run, self._run.vault, jobs.VERBS["resume"], view, comments)
        except RefusedError:  # somebody else has answered it meanwhile
            self._keep(task, "")

    def _met(self) -> list[dict[str, Any]]:
        return list(self._run.facts.get(MANUAL) or [])

    def _keep(self, task: TaskView, answer: str, comments: str = "") -> None:
        met = [one for one in self._met() if one["task"] != task.id]
        at = self._run.world.clock.now().isoformat(timespec="seconds")
        told = {"task": task.id, "name": task.title, "instructions": task.instructions, "at": at}
        self._run.learn(**{MANUAL: [*met, {**told, "answer": answer, "comments": comments}]})


def manual_event(view: JobView, task: TaskView, *, answered: bool) -> dict[str, Any]:
    """A manual action as an event: what to do, and how it is answered."""
    return {
        "event": "manual-action",
        "job": view.name,
        "target": view.target,
        "name": task.title,
        "instructions": task.instructions,
        "answered": answered,
        "resume": "" if answered else f"lifeboat jobs resume {view.name} --comments TEXT --yes",
    }


def follow_foreign(vault: Vault, job: str, deadline: Deadline) -> JobView:
    """Follow a job that this journal knows nothing of, to its end. ProblemError when it failed."""
    from services.azure.job_report import job_event, job_problems
    from services.operations.follow import follow

    def changed(view: JobView) -> None:
        vault.emit(job_event(view))
        for task in waiting(view):
            vault.emit(manual_event(view, task, answered=False))

    view = follow(lambda: vault.reads.job_view(job), vault.world, deadline, changed)
    if view.state in ENDED_WELL or view.description in ENDED_WELL:
        return view
    ended = Problem("job-failed", plain(view.target), _("The job ended as {state}.").format(state=view.word))
    raise ProblemError(*(job_problems(view) or [ended]))


def begin(
    vault: Vault, verb: str, target: Target, wish: Wish, more: Mapping[str, Any], deadline: Deadline
) -> Run:
    """A run of a verb on a target; a recovery plan holds its items too. `more`: options beside the wish.

    A failover of ours that is on its way is not in the way of its cancelling.
    """
    beside = going_on(vault, FAILOVER, target.id, deadline) if verb == CANCEL else None
    held = [target.id, *(item.id for item in target.items if target.plan)]
    names = [target.name, *(item.title for item in target.items if target.plan)]
    return begin_run(vault, verb, held, names, {**wish_json(wish), **more}, deadline, beside)


def wish_json(wish: Wish) -> dict[str, Any]:
    """A wish as a run's options."""
    return {**vars(wish), "details": dict(wish.details)}


def wish_of(options: Mapping[str, Any]) -> Wish:
    """The wish that a run was begun with."""
    known = {key: value for key, value in options.items() if key in Wish.__dataclass_fields__}
    return replace(Wish(), **known)


def _foreign_beside(run: Run, target: Target, view: JobView) -> None:
    """Report jobs on the plan's machines that began while ours ran, and are not those that it started itself."""
    own = {last(task.child_job) for task in walk(view.tasks) if task.child_job} | {view.name}
    told = list(run.facts.get("collisions") or [])
    for job in run.vault.jobs():
        late = job.start is None or view.start is None or job.start >= view.start - acting.SKEW
        on_it = last(job.target_id).lower() in target.watched
        if on_it and late and job.name not in own and job.name not in [one["job"] for one in told]:
            event = {
                "event": "collision",
                "verb": run.about.verb,
                "target": job.target,
                "job": job.name,
                "scenario": job.scenario,
                "started": job.start and job.start.isoformat(),
            }
            run.emit(event)
            told.append(event)
            run.learn(collisions=told)
