"""A drill's job as Microsoft's published example has it: it stands, suspended, until the drill is cleaned up."""

from __future__ import annotations

import json

import pytest

from services.azure.jobs import JobView
from services.problems.model import RefusedError
from services.recovery import cleanup, drill, drill_runs, jobs
from services.recovery.vault import Vault
from services.world.deadline import Deadline

WORK = 720.0
"""World seconds that the tasks of a physical server's drill take."""


def test_a_drill_is_verified_cleaned_up_and_measured_although_its_job_has_no_end(vault: Vault) -> None:
    shown = drill.plan(vault, [vault.find("db-01")], drill.Options(cleanup=True))
    ended = drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    assert ended.outcome == "done"
    record = json.loads((ended.evidence / "record.json").read_text(encoding="utf-8"))
    told = [(one["event"], one["detail"]) for one in record["timeline"]]
    assert ("job Test failover waits for the clean-up", "") in told
    assert not [one for one in told if "Suspended" in one[1]]
    rto = record["measures"]["rto"]
    assert rto["platform"] == pytest.approx(WORK, abs=2)
    assert rto["total"] == pytest.approx(rto["decision"] + rto["platform"] + rto["boot"], abs=2)


def test_its_clock_stops_with_its_tasks_and_not_with_its_clean_up(vault: Vault) -> None:
    shown = drill.plan(vault, [vault.find("web-01")], drill.Options())
    hand = drill_runs.begin(vault, shown, Deadline(60))
    drill_runs.hold(hand, shown)
    job = _standing(vault, "web-01")
    (kept,) = [value for key, value in hand.facts.items() if key.startswith("job.drill.")]
    whole = vault.reads.job_view(job.name)
    assert whole is not None
    assert kept["ended"] == whole.tasks[-1].end.isoformat()  # type: ignore[union-attr]
    assert whole.end is None


def test_the_job_of_a_drill_says_that_it_waits_and_takes_no_answer_and_no_second_drill(vault: Vault) -> None:
    job = _standing(vault, "db-02")
    assert (job.word, job.over, job.end) == ("waiting for clean-up", True, None)
    assert set(job.allowed) == {"Cancel", "Resume"}
    for verb in jobs.VERBS.values():
        with pytest.raises(RefusedError, match="waits for the clean-up of its drill"):
            jobs.plan(verb, job, "done")
    assert vault.find("db-02").allowed == (cleanup.OPERATION,)
    with pytest.raises(RefusedError):
        drill.plan(vault, [vault.find("db-02")], drill.Options())


def _standing(vault: Vault, title: str) -> JobView:
    (found,) = [job for job in vault.jobs() if job.target == title and job.awaits_cleanup]
    return found
