"""`fix`, `undo` and `waive` on the practice world: what is shown, refused, made, checked again and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.fixes import records
from tests.flow.support import Ran
from tests.flow.test_check import asked, findings, schema
from tests.practice_world import running_world


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    with running_world(tmp_path):
        yield tmp_path


def answer(ran: Ran, kind: str) -> dict[str, Any]:
    """The one object that was printed, held against its schema."""
    assert len(ran.lines) == 1, ran.stderr
    told: dict[str, Any] = json.loads(ran.lines[0])
    schema(kind).validate(told)
    return told


def status_of(state: Path, check: str, target: str) -> str:
    for one in findings(asked(state, "check", "--json")):
        if (one["id"], one["target"]) == (check, target):
            return str(one["status"])
    raise AssertionError(f"no finding {check} on {target}")


def test_a_plan_shows_the_exact_change_and_changes_nothing(state: Path) -> None:
    ran = asked(state, "fix", "sftp", "--machine", "app-02", "--plan-only", "--json")
    assert ran.status == 0
    (row,) = answer(ran, "fix")["fixes"]
    assert (row["state"], row["target"]) == ("planned", "app-02")
    assert "-#Subsystem sftp /usr/lib/openssh/sftp-server" in row["lines"]
    assert "+Subsystem sftp /usr/lib/openssh/sftp-server" in row["lines"]
    assert row["restarts"]
    assert status_of(state, "sftp", "app-02") == "failed"


def test_a_fix_is_made_checked_again_listed_and_taken_back(state: Path) -> None:
    made = asked(state, "fix", "sftp", "--machine", "app-02", "--yes", "--json")
    assert made.status == 0, made.stderr
    assert [(row["state"], row["status"]) for row in answer(made, "fix")["fixes"]] == [("applied", "ok")]
    assert status_of(state, "sftp", "app-02") == "ok"
    again = asked(state, "fix", "sftp", "--machine", "app-02", "--yes", "--json")
    assert (again.status, answer(again, "fix")["fixes"]) == (0, [])
    listed = answer(asked(state, "fix", "--list", "--json"), "fix-list")
    assert [(row["fix"], row["target"]) for row in listed["fixes"]] == [("sftp", "app-02")]
    assert listed["weakening"] == []
    back = asked(state, "undo", "--yes", "--json")
    assert back.status == 0
    assert [(row["state"], row["status"]) for row in answer(back, "undo")["undo"]] == [("undone", "failed")]
    assert answer(asked(state, "undo", "--list", "--json"), "undo")["undo"] == []


def test_what_weakens_a_machine_is_made_only_when_it_is_named(state: Path) -> None:
    general = asked(state, "fix", "--machine", "web-02", "--yes", "--json")
    assert general.status == 4
    states = {row["fix"]: row["state"] for row in answer(general, "fix")["fixes"]}
    assert states["remote-uac-off"] == "refused"
    assert status_of(state, "remote-uac", "web-02") == "failed"
    named = asked(state, "fix", "remote-uac", "--machine", "web-02", "--yes")
    assert named.status == 0, named.stderr
    offered = [line for line in named.lines if " undo --machine web-02 --fix remote-uac-off" in line]
    assert len(offered) == 1
    assert f" --state {state} undo " in offered[0]
    listed = answer(asked(state, "fix", "--list", "--json"), "fix-list")
    assert [row["fix"] for row in listed["weakening"]] == ["remote-uac-off"]


def test_nothing_is_changed_unasked_or_read_only(state: Path) -> None:
    unasked = asked(state, "fix", "sftp", "--machine", "app-02", "--json")
    assert unasked.status == 4
    assert [row["problem"]["code"] for row in answer(unasked, "fix")["fixes"]] == ["not-confirmed"]
    for arguments in (
        ["fix", "sftp", "--yes"],
        ["undo", "--yes"],
        ["waive", "sftp", "app-02", "--reason", "x"],
    ):
        refused = asked(state, "--read-only", *arguments)
        assert (refused.status, refused.lines) == (4, []), arguments
        assert "read-only" in refused.stderr
    assert status_of(state, "sftp", "app-02") == "failed"
    assert asked(state, "--read-only", "fix", "sftp", "--machine", "app-02", "--plan-only").status == 0


def test_names_that_nobody_knows_are_usage_errors_with_those_there_are(state: Path) -> None:
    check = asked(state, "fix", "nonsense", "--yes")
    machine = asked(state, "fix", "--machine", "app-99", "--yes")
    waiver = asked(state, "waive", "nonsense", "app-02", "--reason", "none")
    assert [ran.status for ran in (check, machine, waiver)] == [2, 2, 2]
    assert "sftp" in check.stderr
    assert "app-02" in machine.stderr
    assert "remote-uac" in waiver.stderr


def test_a_waiver_is_about_a_machine_that_is_there_or_about_all(state: Path) -> None:
    strange = asked(state, "waive", "sftp", "app-99", "--reason", "x")
    assert (strange.status, strange.lines) == (2, [])
    assert "app-99" in strange.stderr
    assert "app-02" in strange.stderr
    for name, target in (("APP-02", "app-02"), ("*", "*")):
        kept = asked(state, "waive", "sftp", name, "--reason", "x", "--json")
        assert (kept.status, answer(kept, "waive")["waiver"]["target"]) == (0, target)


def test_the_fixes_are_exported_for_other_hands_by_what_was_found(state: Path, tmp_path: Path) -> None:
    assert asked(state, "check", "--json").status == 1
    folder = tmp_path / "scripts"
    ran = asked(state, "fix", "--export", str(folder))
    assert (ran.status, ran.stderr) == (0, "")
    assert sorted(ran.lines) == sorted(str(path) for path in folder.iterdir())
    inventory = folder / "lifeboat-inventory.ini"
    rows = [line for line in inventory.read_text(encoding="utf-8").splitlines() if "ansible_host" in line]
    fixes = {row.split()[0]: row.rpartition("lifeboat_fixes=")[2] for row in rows}
    assert (fixes["app-01"], fixes["app-04"]) == ('""', '"hosts-file,sshd-service"')
    assert fixes["db-02"] == '""', "what weakens a machine is not made unnamed"
    shell = (folder / "lifeboat-linux.sh").read_text(encoding="utf-8")
    assert "PEER=${LIFEBOAT_PEER:-10.1.0.5}" in shell, "sshd is asked about the configuration server"
    assert asked(state, "fix", "ssh-password", "--export", str(folder)).status == 0
    assert 'lifeboat_fixes="ssh-password"' in inventory.read_text(encoding="utf-8")


def test_undoing_what_was_never_made_is_refused(state: Path) -> None:
    ran = asked(state, "undo", "--machine", "app-02", "--yes")
    assert ran.status == 4
    assert "app-02" in ran.stderr


def test_a_waiver_is_shown_with_the_finding_and_blocks_nothing(state: Path, tmp_path: Path) -> None:
    machines = tmp_path / "one.csv"
    machines.write_text("name,address,os\napp-02,10.1.0.12,Linux\n", encoding="utf-8")
    before = asked(state, "check", "--json", "--machines", str(machines))
    kept = asked(
        state, "waive", "sftp", "app-02", "--reason", "Agent comes by package", "--by", "Ada", "--json"
    )
    assert (before.status, kept.status) == (1, 0)
    assert answer(kept, "waive")["waiver"]["by"] == "Ada"
    after = asked(state, "check", "--json", "--machines", str(machines))
    answer(after, "check")
    (waived,) = [one for one in findings(after) if one["status"] == "waived"]
    shown = [waived[key] for key in ("id", "target", "by", "reason", "until")]
    assert shown == ["sftp", "app-02", "Ada", "Agent comes by package", ""]
    assert after.status == 0


def test_what_was_waived_is_left_alone_unless_check_and_machine_are_named(state: Path) -> None:
    assert asked(state, "waive", "sftp", "app-02", "--reason", "Agent comes by package").status == 0
    for general in (["--machine", "app-02"], ["sftp"], ["--all-of-kind", "sftp"]):
        ran = asked(state, "fix", *general, "--yes", "--json")
        states = {(row["target"], row["fix"]): row["state"] for row in answer(ran, "fix")["fixes"]}
        assert states["app-02", "sftp"] == "waived", general
    said = asked(state, "fix", "sftp", "--yes")
    (line,) = [line for line in said.lines if "left alone" in line]
    assert "Agent comes by package" in line
    named = asked(state, "fix", "sftp", "--machine", "app-02", "--yes", "--json")
    assert [row["state"] for row in answer(named, "fix")["fixes"]] == ["applied"]


def test_one_person_signs_waivers_and_fixes_and_the_engagement_of_these_is_no_set_up(state: Path) -> None:
    journal = Journal.open(state / "practice", "practice", Actor.here())
    try:
        number = journal.engagement("readiness", "azure-stack-to-azure").id
        journal.save_facts(
            number, "sign-in", {"sign-in.account": {"name": "ada@contoso.example", "objectId": "1"}}
        )
    finally:
        journal.close()
    kept = asked(state, "waive", "sftp", "app-01", "--reason", "x", "--json")
    assert answer(kept, "waive")["waiver"]["by"] == "ada@contoso.example"
    assert asked(state, "fix", "sftp", "--machine", "app-02", "--yes").status == 0
    listed = answer(asked(state, "fix", "--list", "--json"), "fix-list")
    assert [row["by"] for row in listed["fixes"]] == ["ada@contoso.example"]
    assert asked(state, "engagements", "--json").lines == []
    assert asked(state, "engagements").lines[0].startswith("Nothing is being set up yet.")


def test_a_waiver_without_a_reason_or_with_a_day_that_is_over_is_refused(state: Path) -> None:
    nothing = asked(state, "waive", "sftp", "app-02", "--reason", " ")
    past = asked(state, "waive", "sftp", "app-02", "--reason", "late", "--until", "2020-01-31")
    wrong = asked(state, "waive", "sftp", "app-02", "--reason", "late", "--until", "soon")
    assert [ran.status for ran in (nothing, past, wrong)] == [2, 2, 2]
    assert "--reason" in nothing.stderr
    assert "2020-01-31" in past.stderr
    assert "soon" in wrong.stderr


def test_a_fix_that_was_cut_off_is_told_and_finished(state: Path) -> None:
    made = asked(state, "fix", "sftp", "--machine", "app-02", "--yes", "--json")
    assert made.status == 0, made.stderr
    cut_short(state)
    told = asked(state, "check")
    assert "app-02, sftp: cut off while it was made." in told.stderr
    assert f" --state {state} fix sftp --machine app-02" in told.stderr
    finished = asked(state, "fix", "sftp", "--machine", "app-02", "--yes", "--json")
    assert [(row["state"], row["status"]) for row in answer(finished, "fix")["fixes"]] == [("applied", "ok")]
    listed = answer(asked(state, "fix", "--list", "--json"), "fix-list")
    assert [row["state"] for row in listed["fixes"]] == ["applied"]
    assert "cut off" not in asked(state, "check").stderr


def cut_short(state: Path) -> None:
    """Leave the journal as it is when the program dies between the change and the word of it."""
    journal = Journal.open(state / "practice", "practice", Actor.here())
    try:
        number = next(one.id for one in journal.engagements())
        (kept,) = records.kept(journal, number)
        records.move(journal, number, kept, records.INTENDED)
    finally:
        journal.close()
