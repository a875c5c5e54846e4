"""A manual action that was answered: the run ends, however its job ends, and no other action is answered with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from azure.core.exceptions import ServiceResponseError

from services.azure.jobs import JobView, parse_job
from services.azure.replication import Replication
from services.problems.model import Problem, RefusedError
from services.recovery import failover, failover_runs, jobs, run, verb_run
from services.recovery.points import PROCESSED
from services.recovery.target import plan_target
from services.recovery.vault import Vault
from services.recovery.verb_run import Manual
from services.recovery.verbs import FAILOVER
from services.world.deadline import Deadline


def test_a_job_that_fails_after_an_answer_leaves_a_record_and_lets_its_machines_go(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Replication.job_view

    def failing(self: Replication, name: str) -> JobView | None:
        view = seen(self, name)
        fails = view is not None and view.state == "Succeeded" and view.target == "contoso-shop"
        return replace(view, state="Failed", description="Failed") if view and fails else view

    monkeypatch.setattr(Replication, "job_view", failing)
    target = plan_target(vault, "contoso-shop")
    shown, wish = failover.plan(vault, target, PROCESSED, shutdown=False)
    hand = verb_run.begin(vault, FAILOVER, target, wish, {}, Deadline(60))
    hand.learn(**failover.begin_facts(target, shown))
    ended = failover_runs.hold(hand, target, manual=Manual("well"))
    assert (ended.outcome, ended.problems[0].code) == ("failed", "job-failed")
    assert (ended.evidence / "record.json").is_file()
    assert run.open_runs(vault, Deadline()) == []


def test_an_answer_that_was_lost_does_not_answer_the_next_action_too(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, asked = vault.reads.sdk.replication_jobs, list[str]()

    def view(_self: Replication, name: str) -> JobView:
        task = {"taskId": f"action-{len(asked)}", "state": "Suspended", "friendlyName": "Check"}
        about = {"state": "Suspended", "allowedActions": ["Cancel", "Resume"], "tasks": [task]}
        return parse_job({"name": name, "properties": about})

    def lost(*_given: object, **_sdk: object) -> None:
        asked.append("resume")
        raise ServiceResponseError("the connection broke off")

    monkeypatch.setattr(Replication, "job_view", view)
    monkeypatch.setattr(group, "begin_resume", lost)
    hand = run.begin(vault, "job-resume", ["job-1"], ["job-1"], {}, Deadline(30))
    with hand.closing():
        jobs.apply(hand, vault, jobs.VERBS["resume"], jobs.job_named(vault, "job-1"), "seen")
    assert asked == ["resume"]


def suspended(*allowed: str) -> JobView:
    task = {"taskId": "action-1", "state": "Suspended", "friendlyName": "Check the database"}
    about = {"state": "Suspended", "allowedActions": list(allowed), "tasks": [task]}
    return parse_job({"name": "job-1", "properties": about})


def test_an_action_is_answered_as_soon_as_azure_lets_it_and_only_then_recorded_so(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    monkeypatch.setattr(jobs, "apply", lambda *given: asked.append(given[-1].split(" ")[0]))
    hand = run.begin(vault, FAILOVER, ["/plan-1"], ["plan-1"], {}, Deadline(30))
    seen = verb_run._Actions(hand, Manual("well"))
    seen(suspended("Cancel"))
    assert (asked, hand.facts.get(verb_run.MANUAL)) == ([], None)
    seen(suspended("Cancel", "Resume"))
    seen(suspended("Cancel", "Resume"))
    assert asked == ["well"]
    assert [one["answer"] for one in hand.facts[verb_run.MANUAL]] == ["well"]


def test_an_action_that_somebody_else_answers_meanwhile_does_not_end_the_run(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_given: object) -> None:
        raise RefusedError(Problem("job-action", "job-1", "The job is in progress."))

    monkeypatch.setattr(jobs, "apply", late)
    hand = run.begin(vault, FAILOVER, ["/plan-2"], ["plan-2"], {}, Deadline(30))
    verb_run._Actions(hand, Manual("well"))(suspended("Cancel", "Resume"))
    assert [one["answer"] for one in hand.facts[verb_run.MANUAL]] == [""]
