"""How a run is headed when it is over: what is dangerous is seen first, and what comes next is offered."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from screens.console.ended import cleaned_lines, done_word, failed_over_lines, is_over, path_lines, word_of
from screens.console.verb_errands import following_of
from screens.console.verb_fields import point_field, point_given
from screens.style import as_text
from services.evidence.entries import Rto
from services.evidence.model import Measures, Record
from services.problems.model import Problem
from services.recovery.account import left_on
from services.recovery.drill_runs import Ended
from services.recovery.points import RecoveryPoint

FACTS: dict[str, Any] = {"not-shut-down": [{"machine": "web-04", "job": "j", "at": "", "why": "It is off."}]}
CHECK = Problem("check-failed", "web-04", "The check tcp:80 failed.")


def _read(ended: Ended) -> str:
    return " ".join(as_text(failed_over_lines(ended, 78)).split())


def test_a_source_that_was_not_shut_down_is_what_the_page_of_a_failover_says_first() -> None:
    for outcome, more in (("done", ()), ("failed", (CHECK,))):
        ended = Ended(outcome, Path("/none"), (*more, *left_on(FACTS)))
        assert word_of(ended) == "failed over; SOURCE NOT SHUT DOWN"
        said = _read(ended)
        assert said.startswith(
            "Failed over, and a source was not shut down. Look at that before anything else. web-04: The source"
        )
        assert "Commit when all is well" not in said
        assert "Do not commit before the source is seen to be off." in said


def test_a_failover_whose_check_failed_is_told_from_one_that_failed() -> None:
    checked = Ended("failed", Path("/none"), (CHECK,))
    assert word_of(checked) == "failed over; a check failed"
    assert _read(checked).startswith(
        "The failover itself went through. This was found wrong in Azure: web-04:"
    )
    failed = Ended("failed", Path("/none"), (Problem("job-failed", "web-04", "No capacity."),))
    assert (word_of(failed), is_over(checked), is_over(failed)) == ("failed", True, False)
    assert "ommit" not in _read(failed)
    done = Ended("done", Path("/none"))
    assert word_of(done) == "done"
    assert "Commit when all is well" in _read(done)


def test_what_follows_has_short_words_and_a_recovery_plan_has_no_other_point() -> None:
    def find(_vault: object) -> Any:
        raise AssertionError

    one = following_of("a-machine-with-a-very-long-name-that-nobody-can-read", find, whole=False)
    assert [word for word, _errand in one] == ["Change point", "Commit"]
    assert [word for word, _errand in following_of("shop", find, whole=True)] == ["Commit"]


def test_a_path_is_broken_behind_slashes_only() -> None:
    folder = "/var/lib/lifeboat/practice/evidence/change-point_web-02_2026-11-26T00-44-24_52a9226ebf92"
    shown = as_text(path_lines("Evidence: {path}", Path(folder), 78)).splitlines()
    assert shown[0] == "Evidence:"
    assert "".join(line.strip() for line in shown[1:]) == folder
    assert all(line.endswith("/") for line in shown[1:-1])
    assert as_text(path_lines("Evidence: {path}", Path("/a/b"), 78)) == "Evidence: /a/b"


OLD, NEW = (
    RecoveryPoint(f"/x/{name}", name, "CrashConsistent", datetime(2026, 11, 21, hour, tzinfo=UTC))
    for name, hour in (("p-old", 8), ("p-new", 9))
)


def _vault(in_use: str) -> Any:
    about = {"properties": {"failoverRecoveryPointId": f"/recoveryPoints/{in_use}"}}
    return SimpleNamespace(points=lambda _item: [NEW, OLD], item_json=lambda _item: about)


TARGET: Any = SimpleNamespace(plan=None, items=(SimpleNamespace(),))


def test_the_point_that_a_machine_runs_from_is_marked_among_those_to_change_to() -> None:
    notes = {one.label: one.note for one in point_field(_vault("P-OLD"), TARGET, latest=False).choices}
    assert notes["2026-11-21 08:00 UTC"] == "CrashConsistent. The machine runs from this one now."
    assert notes["2026-11-21 09:00 UTC"] == "CrashConsistent"
    assert list(notes)[-2:] == ["2026-11-21 08:00 UTC", "2026-11-21 09:00 UTC"]


def test_going_on_says_which_point_it_was_begun_with() -> None:
    hand: Any = SimpleNamespace(
        vault=_vault(""), about=SimpleNamespace(options={"point": "/x/recoveryPoints/p-old"})
    )
    assert point_given(hand, TARGET) == "Its recovery point: CrashConsistent of 2026-11-21 08:00 UTC."
    hand.about.options = {"point": "latest"}
    assert point_given(hand, TARGET) == "Its recovery point: the latest: all data that has arrived."
    hand.about.options = {}
    assert point_given(hand, TARGET) == ""


def test_a_clean_up_says_that_nothing_is_left_where_that_is_proven() -> None:
    done, pending = Ended("done", Path("/none")), Ended("cleanup-pending", Path("/none"))
    assert as_text(cleaned_lines(done, 78)).startswith("Nothing is left: Azure was asked anew, and lists no")
    assert "Nothing is left" not in as_text(cleaned_lines(pending, 78))


def test_a_run_that_missed_its_target_is_not_only_done(tmp_path: Path) -> None:
    ended = Ended("done", tmp_path)
    for total, word in ((1200.0, "done"), (2400.0, "done; target missed")):
        made = Record(measures=Measures(Rto(total=total, target=1800.0)))
        (tmp_path / "record.json").write_text(json.dumps(asdict(made)))
        assert (word_of(ended), done_word(ended)) == (word, word)
    assert "RTO target of 30 min missed" in _read(ended)
