"""The clock of a run that is on its way: what is over stands, what runs is counted up to now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.recovery.running import of_facts

BEGUN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGUN + timedelta(seconds=seconds)).isoformat()


def facts(
    known: dict[str, Any], machines: tuple[str, ...] = ("app-01",), verb: str = "failover"
) -> dict[str, Any]:
    about: dict[str, Any] = {"verb": verb, "targets": ["id"], "names": ["app-01"], "declared": at(0)}
    about["options"] = {"checks": [{"machine": "", "kind": "tcp", "what": "22"}], "rto": 30}
    return {"run.about": about, "before": [{"machine": one} for one in machines], **known}


def seen(known: dict[str, Any], seconds: float) -> tuple[dict[str, float], str, float]:
    found = of_facts(known, BEGUN + timedelta(seconds=seconds))
    assert found is not None
    return dict(found.phases), found.runs, found.whole


def job(ended: str) -> dict[str, str]:
    return {"ended": ended}


TWO = ("app-01", "app-02")
SENT = {"at.sent.failover.one": at(5)}
MADE = {**SENT, "job.failover.one": job(at(605)), "at.platform": at(605)}
UP = {**MADE, "at.running.app-01": at(665)}


def test_what_runs_is_counted_up_to_now_and_what_is_over_stands() -> None:
    assert seen(facts({}), 3) == ({"decision": 3}, "decision", 3)
    assert seen(facts(SENT), 65) == ({"decision": 5, "platform": 60}, "platform", 65)
    over = {"decision": 5, "platform": 600}
    assert seen(facts(MADE), 635) == ({**over, "boot": 30}, "boot", 635)
    assert seen(facts(UP), 700) == ({**over, "boot": 60, "application": 35}, "application", 700)


def test_the_clock_on_the_screen_runs_from_when_the_plan_was_asked_for() -> None:
    assert seen(facts({**SENT, "decided": at(-60)}), 65) == (
        {"decision": 65, "platform": 60},
        "platform",
        125,
    )


def test_it_stands_once_the_last_check_came_out_well() -> None:
    known = facts({**UP, "at.checked.app-01": at(685)})
    whole = {"decision": 5, "platform": 600, "boot": 60, "application": 20}
    assert seen(known, 700) == seen(known, 9000) == (whole, "", 685)
    found = of_facts(known, BEGUN)
    assert found is not None
    assert found.target == 1800


def test_the_platform_is_not_over_before_the_job_of_every_machine() -> None:
    both = {"at.sent.failover.one": at(5), "at.sent.failover.two": at(6)}
    first = {"job.failover.one": job(at(300))}
    assert seen(facts({**both, **first}, TWO), 400)[1] == "platform"
    second = {"job.failover.two": job("")}
    assert seen(facts({**both, **first, **second}, TWO), 400)[1] == "platform"
    ended = {"job.failover.two": job(at(400))}
    assert seen(facts({**both, **first, **ended}, TWO), 450)[1] == "boot"


def test_a_verb_that_is_not_measured_has_no_clock() -> None:
    assert of_facts(facts({}, verb="commit"), BEGUN) is None
