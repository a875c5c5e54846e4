"""The errands of jobs and of settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from screens.console.errand import Consent, Outcome, Shown
from screens.style import Line, text, wrapped
from services.scenario.model import Field
from services.text import _, plain

if TYPE_CHECKING:
    from services.azure.jobs import JobView
    from services.changes.plan import Plan
    from services.recovery.item import ProtectedItem
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

COMMENTS = Field("comments", "Comments", "Kept by Azure with the job.", required=False)


def _answer(job: JobView) -> Field:
    """The comments that answer what the job waits for; their help says what that is."""
    from screens.console.job_page import waits_for

    asked = " ".join(plain(one) for one in waits_for(job))
    said = _("It waits for this: {asked} Azure keeps the comments with it.").format(asked=asked)
    return replace(COMMENTS, help=said) if asked else COMMENTS


def answer_lines(job: JobView, comments: str) -> list[str]:
    """What resuming a job says is done, and what Azure keeps with it."""
    from screens.console.job_page import waits_for

    said = [_("It says that this is done: {asked}").format(asked=plain(one)) for one in waits_for(job)]
    kept = (
        _("Azure keeps: {comments}").format(comments=plain(comments)) if comments else _("It has no comment.")
    )
    return [*said, kept]


def plan_lines(plan: Plan, width: int) -> list[Line]:
    """A plan: each change, then what must be known before, then what it needs."""
    lines: list[Line] = []
    for change in plan.changes:
        said = f"{_(change.kind)} {_(change.thing)} {plain(change.name)}"
        lines += wrapped(said + (f": {plain(change.detail)}" if change.detail else ""), width, indent="    ")
    lines += [line for note in plan.notes for line in wrapped(plain(_(note)), width, "warn")]
    if plan.needs:
        lines += [text(""), text(_("Permissions it takes:"), "dim")]
        lines += [line for need in plan.needs for line in wrapped(need, width, "dim", indent="    ")]
    return lines or [text(_("Everything is as wanted already."))]


@dataclass(frozen=True)
class JobErrand:
    """Cancel, restart or resume a job."""

    verb: str
    job: JobView

    @property
    def title(self) -> str:
        words = {"cancel": _("Cancel {job}"), "restart": _("Restart {job}"), "resume": _("Resume {job}")}
        return words[self.verb].format(job=plain(f"{self.job.title} {self.job.target}", 50))

    def prepare(self, vault: Vault, _deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery import jobs

        now = jobs.job_named(vault, self.job.name)
        jobs.refuse_unless_allowed(jobs.VERBS[self.verb], now)
        return ((_answer(now), ""),) if self.verb == "resume" else ()

    def plan(self, vault: Vault, values: Mapping[str, Any], _deadline: Deadline) -> Shown:
        from services.recovery import jobs

        verb = jobs.VERBS[self.verb]
        comments, now = str(values.get("comments", "")), jobs.job_named(vault, self.job.name)
        shown = jobs.plan(verb, now, comments)
        name = self.job.target if jobs.ends_replication(verb, self.job) else ""
        said = answer_lines(now, comments) if self.verb == "resume" else ()

        def lines(width: int) -> list[Line]:
            told = [line for one in said for line in wrapped(one, width, "warn")]
            return [*plan_lines(shown, width), *told]

        return Shown(lines, _(verb.title), shown, name)

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.changes.plan import refuse_if_moved
        from services.recovery import jobs, run

        comments = str(consent.values.get("comments", ""))
        now = jobs.plan(jobs.VERBS[self.verb], jobs.job_named(vault, self.job.name), comments)
        refuse_if_moved(given.basis, now)
        hand = run.begin(
            vault, f"job-{self.verb}", [self.job.name], [self.job.title], {"comments": comments}, deadline
        )
        with hand.closing():
            jobs.apply(hand, vault, jobs.VERBS[self.verb], self.job, comments)
        after = jobs.job_named(vault, self.job.name)
        return Outcome("done", lambda _width: [text(_("The job is now: {state}.").format(state=after.word))])


@dataclass(frozen=True)
class SettingsErrand:
    """Change what an item will be in Azure."""

    item: ProtectedItem

    @property
    def title(self) -> str:
        return _("Settings of {name}").format(name=plain(self.item.title, 40))

    def prepare(self, vault: Vault, _deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        from services.recovery import item_settings

        now = item_settings.current(item_settings.details(vault, self.item))
        return [
            (
                Field(key, setting.caption[:1].upper() + setting.caption[1:], setting.help, required=False),
                now[key],
            )
            for key, setting in item_settings.settings().items()
        ]

    def plan(self, vault: Vault, values: Mapping[str, Any], _deadline: Deadline) -> Shown:
        from services.recovery import item_settings

        shown = item_settings.plan(vault, self.item, self._wanted(vault, values))
        return Shown(lambda width: plan_lines(shown, width), _("Change"), shown, nothing=shown.empty)

    def apply(self, vault: Vault, given: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        from services.recovery import item_settings, run

        wanted = self._wanted(vault, consent.values)
        hand = run.begin(vault, "settings", [self.item.id], [self.item.title], wanted, deadline)
        with hand.closing():
            item_settings.apply(hand, vault, self.item, wanted, given.basis)
        return Outcome("done", lambda _width: [text(_("The settings are changed."))])

    def _wanted(self, vault: Vault, values: Mapping[str, Any]) -> dict[str, str]:
        """What differs from the settings as they are; UsageError for what will not do."""
        from services.recovery import item_settings

        now = item_settings.current(item_settings.details(vault, self.item))
        return item_settings.parsed(
            [f"{key}={value}" for key, value in values.items() if str(value) != now[key]]
        )
