"""What is written is read back, by a later process too, and each change left its event."""

from __future__ import annotations

import os
import pwd
import stat
import threading
from pathlib import Path

import pytest

from services.journal.journal import Actor, Journal
from services.problems.model import ProblemError, RefusedError
from services.readiness.model import Evidence, Finding, Status, Waiver
from tests.journal.conftest import ACTOR, WORLD


def test_all_parts_are_there_after_opening_again(folder: Path, journal: Journal) -> None:
    engagement = journal.engagement("contoso", "azure-stack-to-azure")
    journal.save_answers(engagement.id, {"vault.name": ("v1", True), "policy.rpo": ([1, None], False)})
    journal.save_facts(engagement.id, "vault", {"vault.id": {"a": 1}})
    journal.save_findings(engagement.id, "readiness", [_finding("clock", "app-02", Status.FAILED)])
    journal.save_waiver(engagement.id, Waiver("clock", "app-02", "known", "op", "2027-01-31"))
    journal.close()

    again = Journal.open(folder, WORLD, ACTOR)
    assert again.engagements() == [engagement]
    answers = again.answers(engagement.id)
    assert {key: (row.value, row.valid) for key, row in answers.items()} == {
        "vault.name": ("v1", True),
        "policy.rpo": ([1, None], False),
    }
    assert again.facts(engagement.id) == {"vault.id": {"a": 1}}
    (finding,) = again.findings(engagement.id)
    assert (finding.step, finding.id, finding.target, finding.status) == (
        "readiness",
        "clock",
        "app-02",
        "failed",
    )
    assert finding.body["evidence"] == [{"command": "date", "output": "late"}]
    (waiver,) = again.waivers(engagement.id)
    assert (waiver.check, waiver.reason, waiver.until) == ("clock", "known", "2027-01-31")
    assert [event.kind for event in again.events()] == [
        "engagement",
        "answers",
        "facts",
        "findings",
        "waiver",
    ]
    assert again.verify() is None
    again.close()


def test_events_say_who(journal: Journal) -> None:
    journal.event("signed-in", {"cloud": "AzureCloud"})
    (event,) = journal.events()
    assert event.actor == {
        "object_id": "oid-1",
        "account": "op@contoso.example",
        "ssh_connection": "c",
        "sudo_user": "s",
        "signed_in": "cli",
        "host_user": "op",
    }
    assert (event.seq, event.kind, event.data) == (1, "signed-in", {"cloud": "AzureCloud"})


def test_whoever_signs_in_is_named_from_then_on(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50000 10.0.0.4 22")
    monkeypatch.setenv("SUDO_USER", "anna")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    journal.event("before", {})
    journal.act_as(Actor.here(account="anna@contoso.example", object_id="oid-2"))
    journal.event("after", {})
    before, after = (event.actor for event in journal.events())
    assert (before["object_id"], after["object_id"]) == ("oid-1", "oid-2")
    assert after["ssh_connection"] == "198.51.100.7 50000 10.0.0.4 22"
    assert (after["sudo_user"], after["account"]) == ("anna", "anna@contoso.example")
    assert after["host_user"] == pwd.getpwuid(os.getuid()).pw_name
    assert journal.verify() is None


def test_what_did_not_change_is_not_written_again(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    for _turn in range(2):
        journal.engagement("contoso", "a")
        journal.save_answers(engagement.id, {"k": ("v", True)})
        journal.save_facts(engagement.id, "s", {"f": 1})
        journal.save_findings(engagement.id, "s", [_finding("b", "t"), _finding("a", "t")])
        journal.save_waiver(engagement.id, Waiver("c", "t", "r", "op"))
        journal.drop_facts(engagement.id, ["none"])
    assert [event.kind for event in journal.events()] == [
        "engagement",
        "answers",
        "facts",
        "findings",
        "waiver",
    ]


def test_an_answer_that_turns_valid_is_written(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    journal.save_answers(engagement.id, {"k": ("v", False)})
    journal.save_answers(engagement.id, {"k": ("v", True)})
    assert journal.answers(engagement.id)["k"].valid is True


def test_dropped_facts_are_gone_and_those_of_other_steps_stay(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    journal.save_facts(engagement.id, "one", {"x": 1})
    journal.save_facts(engagement.id, "two", {"y": 2})
    journal.drop_facts(engagement.id, {"one", "three"})
    assert journal.facts(engagement.id) == {"y": 2}
    assert journal.events()[-1].data == {"steps": ["one", "three"], "keys": ["x"]}


def test_new_findings_take_the_place_of_the_steps_earlier_ones(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    journal.save_findings(engagement.id, "one", [_finding("a", "t"), _finding("b", "t")])
    journal.save_findings(engagement.id, "two", [_finding("a", "t")])
    journal.save_findings(engagement.id, "one", [_finding("a", "t", Status.WARNING)])
    rows = {(row.step, row.id): row.status for row in journal.findings(engagement.id)}
    assert rows == {("one", "a"): "warning", ("two", "a"): "ok"}


def test_an_engagement_keeps_its_scenario(journal: Journal) -> None:
    journal.engagement("contoso", "azure-stack-to-azure")
    with pytest.raises(ProblemError, match="azure-stack-to-azure"):
        journal.engagement("contoso", "vmm-to-secondary-site")


def test_files_are_for_the_user_alone(folder: Path, journal: Journal) -> None:
    journal.event("x", {})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {"journal.sqlite", "journal.sqlite-wal", "journal.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_folder_with_other_files_keeps_its_mode(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    (home / "letter").write_text("mine")
    Journal.open(home, WORLD, ACTOR).close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_many_threads_write_and_read(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    seen: list[dict[str, int]] = []

    def work(number: int) -> None:
        for turn in range(10):
            journal.save_facts(engagement.id, "s", {f"{number}.{turn}": turn})
        seen.append(journal.facts(engagement.id))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.facts(engagement.id)) == 80
    assert all(len(facts) >= 10 for facts in seen)
    assert journal.moved == 81
    assert journal.verify() is None


def test_a_secret_is_refused_wherever_it_stands(journal: Journal) -> None:
    engagement = journal.engagement("contoso", "a")
    secret = 'pa"ss\\wörd-1'
    journal.forbid([secret, "", "short"])
    for attempt in (
        lambda: journal.save_answers(engagement.id, {"k": (f"x{secret}y", True)}),
        lambda: journal.save_facts(engagement.id, "s", {"k": [{"deep": secret}]}),
        lambda: journal.event("x", {secret: 1}),
    ):
        with pytest.raises(RefusedError) as caught:
            attempt()
        assert caught.value.problems[0].code == "secret-in-journal"
        assert secret not in str(caught.value)
    journal.save_facts(engagement.id, "s", {"k": "short"})
    assert journal.facts(engagement.id) == {"k": "short"}
    assert journal.answers(engagement.id) == {}


def test_a_closed_journal_says_so(journal: Journal) -> None:
    journal.close()
    with pytest.raises(ProblemError) as caught:
        journal.event("x", {})
    assert caught.value.problems[0].code == "journal-closed"


def test_the_hook_runs_after_each_commit_with_its_number(journal: Journal) -> None:
    numbers: list[tuple[int, str]] = []
    journal.on_commit = lambda number: numbers.append((number, threading.current_thread().name))
    journal.event("x", {})
    journal.event("y", {})
    journal.event("z", {})
    journal.on_commit = None
    journal.event("w", {})
    assert numbers == [(1, "journal"), (2, "journal"), (3, "journal")]


def _finding(check: str, target: str, status: Status = Status.OK) -> Finding:
    return Finding(check, target, status, "what", (Evidence("date", "late"),))
