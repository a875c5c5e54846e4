"""`lifeboat check` and `waive` on the practice world: findings, exit codes, exports, what cannot be used."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.scenario.validate import problems_of
from tests.flow.support import Ran, lifeboat, world_file
from tests.practice_world import running_world

STATUSES = {"ok", "warning", "failed", "unknown", "waived"}
HEAD = "name,address,os\n"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("check")
    with running_world(folder):
        yield folder


def asked(state: Path, *arguments: str) -> Ran:
    return lifeboat("--practice", "--state", str(state), "--world", str(world_file(state)), *arguments)


def findings(ran: Ran) -> list[dict[str, Any]]:
    """The findings that were printed as one object."""
    assert len(ran.lines) == 1, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.lines[0])["findings"]
    return found


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported") / "findings"


@pytest.fixture(scope="module")
def swept(state: Path, exported: Path) -> Ran:
    return asked(state, "check", "--json", "--export", str(exported))


def machines_file(folder: Path, *rows: str) -> str:
    path = folder / "machines.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def schema(name: str) -> Draft202012Validator:
    text = (resources.files("assets") / "schemas" / "readiness.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return Draft202012Validator({**document, "$ref": f"#/$defs/{name}"})


def test_a_sweep_of_the_practice_world_plants_ten_faults_and_yields_sixty_findings(swept: Ran) -> None:
    found = findings(swept)
    assert swept.status == 1
    assert len(found) >= 60
    bad = {(one["target"], one["id"]) for one in found if one["status"] in ("failed", "unknown")}
    assert len({one for one in bad if one[1] != "by-hand"}) >= 10
    assert {one["status"] for one in found} <= STATUSES


def test_the_faults_of_the_world_are_found(swept: Ran) -> None:
    bad = {(one["target"], one["id"]) for one in findings(swept) if one["status"] == "failed"}
    assert {("app-03", "ssh-22"), ("web-02", "remote-uac"), ("app-04", "hosts-file")} <= bad
    off = [one for one in findings(swept) if one["target"] == "web-04" and one["status"] != "ok"]
    assert [(one["id"], one["status"]) for one in off] == [("reachable", "unknown")]


def test_the_object_keeps_its_schema(swept: Ran) -> None:
    schema("check").validate(json.loads(swept.lines[0]))


def test_every_finding_that_is_not_ok_says_why_and_what_to_do(swept: Ran) -> None:
    for one in findings(swept):
        if one["status"] in ("failed", "unknown"):
            assert one["cause"], one
            assert one["fix"], one


def test_the_export_holds_the_same_findings_for_the_owner_only(swept: Ran, exported: Path) -> None:
    found = findings(swept)
    names = ("findings.csv", "findings.json", "findings.md")
    assert sorted(path.name for path in exported.iterdir()) == list(names)
    assert {stat.S_IMODE((exported / name).stat().st_mode) for name in names} == {0o600}
    assert json.loads((exported / "findings.json").read_text(encoding="utf-8"))["findings"] == found
    with (exported / "findings.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["target"], row["id"]) for row in csv.DictReader(file)] == [
            (one["target"], one["id"]) for one in found
        ]
    assert (exported / "findings.md").read_text(encoding="utf-8").startswith("# PRACTICE")


def test_machines_of_a_file_that_are_ready_end_zero(state: Path, tmp_path: Path) -> None:
    ran = asked(state, "check", "--json", "--machines", machines_file(tmp_path, "app-01,10.1.0.11,Linux"))
    assert (ran.status, ran.stderr) == (0, "")
    assert {one["target"] for one in findings(ran)} >= {"app-01"}
    assert "web-02" not in {one["target"] for one in findings(ran)}


def test_an_item_left_to_the_hand_does_not_count(state: Path, tmp_path: Path) -> None:
    ran = asked(state, "check", "--json", "--machines", machines_file(tmp_path, "app-01,10.1.0.11,Linux"))
    assert [one["status"] for one in findings(ran) if one["id"] == "by-hand"] == ["unknown"]
    assert ran.status == 0


def test_lines_for_a_person_name_every_machine_and_the_sum(state: Path, tmp_path: Path) -> None:
    ran = asked(state, "check", "--machines", machines_file(tmp_path, "web-02,10.1.0.32,Windows"))
    assert ran.status == 1
    assert next(line.split()[:3] for line in ran.lines if "remote-uac" in line) == [
        "failed",
        "web-02",
        "remote-uac",
    ]
    assert ran.lines[-1].startswith("readiness: ")


def test_a_mistake_in_the_file_is_named_with_its_line(state: Path, tmp_path: Path) -> None:
    path = machines_file(tmp_path, "app-01,10.1.0.11,Linux", "app-02,10.1.0.299,Linux")
    ran = asked(state, "check", "--machines", path)
    assert ran.status == 2
    assert "line 3: address: '10.1.0.299'" in ran.stderr
    assert ran.lines == []


def test_mistakes_name_the_file_and_come_in_the_order_of_its_lines(state: Path, tmp_path: Path) -> None:
    path = machines_file(tmp_path, "app-01,10.1.0.11,BeOS", "app-02", "app-03,10.1.0.299,Linux")
    ran = asked(state, "check", "--machines", path)
    assert ran.status == 2
    named = [line for line in ran.stderr.splitlines() if line.startswith(f"{path}: line ")]
    assert [line.removeprefix(f"{path}: ").split(":")[0] for line in named] == ["line 2", "line 3", "line 4"]


def test_lines_for_a_person_say_what_each_check_is_about(state: Path, tmp_path: Path) -> None:
    ran = asked(state, "check", "--machines", machines_file(tmp_path, "web-04,10.1.0.34,Windows"))
    (line,) = [line for line in ran.lines if line.startswith("unknown") and "reachable  " in line]
    assert line.endswith("Every machine lets us in")
    assert "unknown: web-04, reachable (Every machine lets us in)" in ran.lines


def test_lines_for_a_person_count_what_is_ok_and_end_with_what_blocks(state: Path, tmp_path: Path) -> None:
    path = machines_file(tmp_path, "web-02,10.1.0.32,Windows")
    short = asked(state, "check", "--machines", path)
    assert not [line for line in short.lines if line.startswith("ok ")]
    heads = [line.split(":")[0] for line in short.lines if line.startswith(("failed: ", "unknown: "))]
    assert heads[-1] == "failed"
    assert max(len(line) for line in short.lines if line.startswith("  saw: ")) < 220
    assert short.lines[-2] == "What is ok is only counted; --all shows it."
    whole = asked(state, "check", "--machines", path, "--all")
    assert [line for line in whole.lines if line.startswith("ok ")]
    assert len(whole.lines) > len(short.lines)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    with running_world(tmp_path / "state"):
        yield tmp_path / "state"


def test_sha1_is_off_until_it_is_allowed_for_that_machine_and_written_down(
    fresh: Path, tmp_path: Path
) -> None:
    path = machines_file(tmp_path, "db-03,10.1.0.23,Linux")
    before = {one["id"]: one for one in findings(asked(fresh, "check", "--json", "--machines", path))}
    assert before["reachable"]["status"] == "failed"
    assert "diffie-hellman-group14-sha1" in before["reachable"]["what"]
    assert "--allow-sha1 db-03" in before["reachable"]["fix"]
    given = ("--allow-sha1", "db-03", "--allow-reason", "CentOS 5, leaves in May")
    for options in (given, ()):
        ran = asked(fresh, "check", "--json", "--machines", path, *options)
        after = {one["id"]: one for one in findings(ran)}
        assert after["reachable"]["status"] == "ok", ran.stderr
        assert "with SHA-1" in after["reachable"]["evidence"][0]["output"]
    asked(fresh, "journal", "export", str(tmp_path / "copy"))
    rows = sqlite3.connect(tmp_path / "copy").execute(
        "SELECT data FROM event WHERE kind = 'weak-algorithm-allowed'"
    )
    (said,) = [json.loads(row[0]) for row in rows]
    assert (said["machines"], said["reason"]) == (["db-03"], "CentOS 5, leaves in May")
    assert said["by"]


def test_nothing_is_allowed_for_a_machine_that_is_not_there(state: Path, tmp_path: Path) -> None:
    path = machines_file(tmp_path, "app-01,10.1.0.11,Linux")
    ran = asked(state, "check", "--machines", path, "--allow-tls1", "app-10")
    assert (ran.status, ran.lines) == (2, [])
    assert "app-10" in ran.stderr


def test_a_missing_file_and_an_unknown_engagement_are_usage_errors(state: Path, tmp_path: Path) -> None:
    missing = asked(state, "check", "--machines", str(tmp_path / "none.csv"))
    unknown = asked(state, "check", "--engagement", "payroll")
    assert (missing.status, unknown.status) == (2, 2)
    assert missing.stderr.count("none.csv") == 1
    assert "Give a CSV file with the columns name, address and os." in missing.stderr
    assert "payroll" in unknown.stderr


def test_only_near_names_are_suggested_and_an_unknown_command_names_the_commands() -> None:
    far, near, command = lifeboat("--bogus"), lifeboat("--practise"), lifeboat("chek")
    assert [ran.status for ran in (far, near, command)] == [2, 2, 2]
    assert "Did you mean" not in far.stderr
    assert "--practice" in near.stderr
    assert "check, " in command.stderr


def test_what_would_do_stands_apart_from_what_is_wrong() -> None:
    (one,) = problems_of(
        "machines.machines", "line 3: address: '10.1' is no address; give one such as 10.1.0.11"
    )
    assert (one.what, one.remedy) == ("line 3: address: '10.1' is no address.", "Give one such as 10.1.0.11.")


def test_read_only_looks_and_keeps_nothing(state: Path, tmp_path: Path) -> None:
    before = asked(state, "engagements", "--json").lines
    path = machines_file(tmp_path, "app-01,10.1.0.11,Linux")
    ran = asked(state, "--read-only", "check", "--json", "--machines", path)
    assert ran.status == 0
    assert asked(state, "engagements", "--json").lines == before
