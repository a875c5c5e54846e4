"""Site Recovery jobs as the service tells them: a tree of tasks, with errors and times that can be trusted.

Shapes: replicationJobs of api-versions 2017 to 2025-08-01. Anything unknown or missing is passed over, as
the service adds kinds of tasks at will.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TERMINAL = frozenset(("Succeeded", "Failed", "Cancelled"))
AWAITS_CLEANUP = "WaitingForStopTestFailover"
"""The description of a drill's job that is Suspended until the drill is cleaned up: it does nothing any more."""
_DEPTH = 20
_WORDS = {
    "NotStarted": "not started",
    "InProgress": "in progress",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Cancelled": "cancelled",
    "Cancelling": "being cancelled",
    "Suspended": "waiting for you",
}
_DESCRIPTIONS = {
    "Skipped": "skipped",
    "PartiallySucceeded": "partly succeeded",
    "CompletedWithInformation": "succeeded, with a note",
    AWAITS_CLEANUP: "waiting for clean-up",
}


@dataclass(frozen=True)
class JobErrorView:
    """An error of a job or task; the service's words are foreign text."""

    code: str
    message: str
    causes: str = ""
    action: str = ""
    provider_code: str = ""
    provider_message: str = ""
    provider_causes: str = ""
    provider_action: str = ""
    activity_id: str = ""


@dataclass(frozen=True)
class TaskView:
    """A task and those below it; `child_job` is the name of a job that does its work, or empty.

    `manual` is a manual action of a recovery plan: `instructions` says what a person is asked to do, `comments` what
    they said when they had done it.
    """

    id: str
    name: str
    title: str
    state: str
    description: str
    start: datetime | None
    end: datetime | None
    tasks: tuple[TaskView, ...] = ()
    errors: tuple[JobErrorView, ...] = ()
    child_job: str = ""
    instructions: str = ""
    comments: str = ""
    manual: bool = False

    @property
    def word(self) -> str:
        """The state in English words."""
        return state_word(self.state, self.description)


@dataclass(frozen=True)
class JobView:
    """A job. `errors` holds those of the job and of all its tasks, each once. Times are aware UTC.

    `retry_after`: real seconds that the service asked to wait before the next look.
    """

    id: str
    name: str
    scenario: str
    title: str
    state: str
    description: str
    start: datetime | None
    end: datetime | None
    tasks: tuple[TaskView, ...] = ()
    errors: tuple[JobErrorView, ...] = ()
    allowed: tuple[str, ...] = ()
    target: str = ""
    target_id: str = ""
    activity_id: str = ""
    retry_after: float | None = None

    @property
    def word(self) -> str:
        """The state in English words."""
        return state_word(self.state, self.description)

    @property
    def awaits_cleanup(self) -> bool:
        """Whether it is the job of a drill whose work is done, and which waits to be cleaned up."""
        return self.state == "Suspended" and self.description == AWAITS_CLEANUP

    @property
    def over(self) -> bool:
        """Whether the job has ended; one that only waits for its drill's clean-up has, though Azure gives no end."""
        return (
            self.awaits_cleanup or self.state in TERMINAL or (self.state == "Other" and self.end is not None)
        )


def parse_job(job: Mapping[str, Any], retry_after: float | None = None) -> JobView:
    """The view of a job's JSON; never raises for what the service may send."""
    properties = _mapping(job.get("properties"))
    tasks = _tasks(properties.get("tasks"), _DEPTH)
    own = [_error(entry) for entry in _list(properties.get("errors"))]
    below = [error for task in walk(tasks) for error in task.errors]
    return JobView(
        id=_text(job.get("id")),
        name=_text(job.get("name")),
        scenario=_text(properties.get("scenarioName")),
        title=_text(properties.get("friendlyName")) or _text(properties.get("scenarioName")),
        state=_text(properties.get("state")),
        description=_text(properties.get("stateDescription")),
        start=parse_time(properties.get("startTime")),
        end=parse_time(properties.get("endTime")),
        tasks=tasks,
        errors=_once([*own, *below]),
        allowed=tuple(_text(action) for action in _list(properties.get("allowedActions"))),
        target=_text(properties.get("targetObjectName")),
        target_id=_text(properties.get("targetObjectId")),
        activity_id=_text(properties.get("activityId")),
        retry_after=retry_after,
    )


def walk(tasks: Iterable[TaskView]) -> Iterator[TaskView]:
    """All tasks, each before those below it."""
    for task in tasks:
        yield task
        yield from walk(task.tasks)


def state_word(state: str, description: str) -> str:
    """A state in English words: the description's where it says more, else the service's own word."""
    if description in _DESCRIPTIONS:
        return _DESCRIPTIONS[description]
    return _WORDS.get(state) or (description if state in ("", "Other") else state) or "unknown"


def parse_time(value: Any) -> datetime | None:
    """A time of the service as aware UTC. None for "0001-01-01T00:00:00" and its like (not started), for
    1601 and 1753 (the zero of Windows and of SQL Server), and for what is no time.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(_microseconds(value.strip()))
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year > 1753 else None


def asked_by(
    jobs: Iterable[Mapping[str, Any]],
    read: Callable[[str], Mapping[str, Any] | None],
    client_request_id: str,
    since: datetime | None = None,
    remembered: MutableMapping[str, str] | None = None,
) -> JobView | None:
    """The job that a request of ours started, found by the activity id.

    Lists leave the activity id out, so the candidates are read one by one with `read`, the newest first;
    those started before `since` (on the service's clock) are passed over. `remembered` keeps the activity
    ids of jobs by name from one look to the next, so that each job is read only once.
    """
    ids = {} if remembered is None else remembered
    views = [parse_job(job) for job in jobs]
    newest = datetime.max.replace(tzinfo=UTC)
    for view in sorted(views, key=lambda job: job.start or newest, reverse=True):
        if since is not None and view.start is not None and view.start < since:
            continue
        if view.name in ids and not _begins(ids[view.name], client_request_id):
            continue
        whole = view if view.activity_id else parse_job(read(view.name) or {})
        if _begins(whole.activity_id, client_request_id):
            return whole
        if whole.activity_id:
            ids[view.name] = whole.activity_id
    return None


def _begins(activity_id: str, client_request_id: str) -> bool:
    # "<client request id> ActivityId: <correlation id>"; no id of ours is the beginning of another.
    return activity_id.split(" ", 1)[0].casefold() == client_request_id.casefold()


def _tasks(entries: Any, depth: int) -> tuple[TaskView, ...]:
    if depth == 0:
        return ()
    return tuple(_task(entry, depth) for entry in _list(entries) if isinstance(entry, Mapping))


def _task(task: Mapping[str, Any], depth: int) -> TaskView:
    group, custom = _mapping(task.get("groupTaskCustomDetails")), _mapping(task.get("customDetails"))
    return TaskView(
        id=_text(task.get("taskId")),
        name=_text(task.get("name")),
        title=_text(task.get("friendlyName")) or _text(task.get("name")),
        state=_text(task.get("state")),
        description=_text(task.get("stateDescription")),
        start=parse_time(task.get("startTime")),
        end=parse_time(task.get("endTime")),
        tasks=_tasks(group.get("childTasks"), depth - 1),
        errors=_once([_error(entry) for entry in _list(task.get("errors"))]),
        child_job=_text(_mapping(custom.get("jobTask")).get("jobId")),
        instructions=_text(custom.get("instructions")),
        comments=_text(custom.get("observation")),
        manual=_text(custom.get("instanceType")) == "ManualActionTaskDetails",
    )


def _error(entry: Any) -> JobErrorView:
    service = _mapping(_mapping(entry).get("serviceErrorDetails"))
    provider = _mapping(_mapping(entry).get("providerErrorDetails"))
    return JobErrorView(
        code=_text(service.get("code")),
        message=_text(service.get("message")),
        causes=_text(service.get("possibleCauses")),
        action=_text(service.get("recommendedAction")),
        provider_code=_text(provider.get("errorCode")),
        provider_message=_text(provider.get("errorMessage")),
        provider_causes=_text(provider.get("possibleCauses")),
        provider_action=_text(provider.get("recommendedAction")),
        activity_id=_text(service.get("activityId")),
    )


def _once(errors: Iterable[JobErrorView]) -> tuple[JobErrorView, ...]:
    """Each error once: the service repeats one at the job and at its task, with other activity ids."""
    seen = {
        (error.code, error.message, error.provider_code, error.provider_message): error
        for error in reversed(list(errors))
        if error.code or error.message or error.provider_code or error.provider_message
    }
    return tuple(reversed(seen.values()))


def _microseconds(text: str) -> str:
    """A time with at most six digits behind the second: the service sends seven."""
    head, point, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[: min(digits, 6)]}{tail[digits:]}" if point and digits else text


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)
