"""The commands: what is printed, which exit code, and that no server is needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from services.changes import approval
from services.changes.plan import Change, Plan
from services.evidence import collection, folder, history, model
from services.evidence.verify import Wrong, verify
from services.journal.journal import Actor, Journal
from tests.evidence import samples
from tui.main import lifeboat

SCHEMA = json.loads((resources.files("assets") / "schemas" / "evidence.json").read_text(encoding="utf-8"))


class State:
    """A state folder of practice with two drills of app-01 and a failover of db-01."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.journal = Journal.open(root / "practice", "practice", Actor())
        self.first = self.drill("20260101T120000Z", "2026-01-01T12:00:00+00:00", 900.0)
        self.second = self.drill("20260401T120000Z", "2026-04-01T12:00:00+00:00", 600.0)

    def drill(self, run: str, at: str, rto: float, **identity: str) -> Path:
        record = samples.record(run=f"drill/app-01/{run}", started=at, ended=at, **identity)
        record.measures.rto.total = rto
        begun = self.journal.engagement(record.identity.run, "recovery")
        return folder.write(self.journal, begun.id, record, self.root / "practice" / "evidence")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state")
    yield made
    made.journal.close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key without a passphrase, with its line of allowed signers beside it."""
    private = ed25519.Ed25519PrivateKey.generate()
    shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    public = private.public_key().public_bytes(*shape).decode()
    (tmp_path / "allowed_signers").write_text(f"bob@contoso.example {public}\n")
    path = tmp_path / "key"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    )
    return path


def ran(root: Path, *arguments: str | Path, typed: str = "", practice: bool = True) -> Result:
    world = ["--practice"] if practice else []
    command = [*world, "--state", str(root), *map(str, arguments)]
    return CliRunner().invoke(lifeboat, command, input=typed)


def documents(result: Result) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in result.stdout.splitlines()]
    for document in found:
        jsonschema.validate(document, SCHEMA)
    return found


def test_verify_says_three_things_apart(state: State) -> None:
    result = ran(state.root, "evidence", "verify", state.second)
    assert result.exit_code == 0
    first, *rest = result.stdout.splitlines()
    assert first == "PRACTICE: Drill of app-01"
    assert [line.split(":")[0] for line in rest] == ["unaltered", "not signed", "not anchored"]
    assert not (state.root / "practice" / "world.json").exists()


def test_verify_takes_a_name_of_the_list_and_all_that_the_program_keeps(state: State) -> None:
    named = ran(state.root, "evidence", "verify", state.second.name)
    assert (named.exit_code, "PRACTICE: Drill of app-01" in named.stdout) == (0, True)
    kept = ran(state.root, "evidence", "verify", state.second.parent)
    assert (kept.exit_code, kept.stdout.splitlines()[0].split(";")[0]) == (
        0,
        "unaltered: all 2 folders that are here",
    )
    elsewhere = ran(state.root, "evidence", "verify", state.second.parent, practice=False)
    assert (elsewhere.exit_code, "has an index" in elsewhere.stdout) == (1, True)


def test_verify_names_what_is_wrong_and_exits_1(state: State) -> None:
    (state.first / "report.md").write_text("all is well")
    result = ran(state.root, "evidence", "verify", state.first)
    assert result.exit_code == 1
    assert "altered: report.md" in result.stdout
    [shown] = documents(ran(state.root, "evidence", "verify", state.first, "--json"))
    assert (shown["unaltered"], shown["good"], shown["wrong"]["file"]) == (False, False, "report.md")


def test_whoever_asks_for_a_signature_wants_one(state: State, key: Path, tmp_path: Path) -> None:
    signers = tmp_path / "allowed_signers"
    unsigned = ran(state.root, "evidence", "verify", state.second, "--allowed-signers", signers)
    assert (unsigned.exit_code, "not signed" in unsigned.stdout) == (1, True)
    out = tmp_path / "out"
    assert ran(state.root, "evidence", "export", "--output", out, "--key", key).exit_code == 0
    copy = out / state.second.name
    signed = ran(state.root, "evidence", "verify", copy, "--allowed-signers", signers)
    assert signed.exit_code == 0
    assert "signed by bob@contoso.example with the key SHA256:" in signed.stdout


def test_export_copies_all_or_one_run(state: State, tmp_path: Path) -> None:
    everything = ran(state.root, "evidence", "export", "--output", tmp_path / "all")
    assert everything.exit_code == 0
    copies = [Path(line) for line in everything.stdout.splitlines()]
    assert {copy.name for copy in copies} == {state.first.name, state.second.name}
    assert all(verify(copy).unaltered for copy in copies)
    run = "drill/app-01/20260401T120000Z"
    assert ran(state.root, "evidence", "export", "--output", tmp_path / "one", "--run", run).exit_code == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == {state.second.name, "index.json"}
    assert not (state.root / "practice" / "world.json").exists()


def test_export_twice_is_the_same_export(state: State, tmp_path: Path) -> None:
    codes = [ran(state.root, "evidence", "export", "--output", tmp_path / "all").exit_code for _ in range(2)]
    assert codes == [0, 0]
    (tmp_path / "all" / state.first.name / "report.md").write_text("another")
    again = ran(state.root, "evidence", "export", "--output", tmp_path / "all")
    assert (again.exit_code, "another folder of this name" in again.stderr) == (2, True)


@pytest.fixture
def exported(state: State, tmp_path: Path) -> Path:
    run = "drill/app-01/20260101T120000Z"
    for more in (("--run", run), ()):
        assert ran(state.root, "evidence", "export", "--output", tmp_path / "all", *more).exit_code == 0
    return tmp_path / "all"


def test_an_export_is_verified_whole(state: State, exported: Path) -> None:
    [shown] = documents(ran(state.root, "evidence", "verify", exported, "--json"))
    assert (shown["good"], len(shown["folders"])) == (True, 2)
    said = ran(state.root, "evidence", "verify", exported)
    assert (said.exit_code, said.stdout.splitlines()[0]) == (0, "unaltered: all 2 folders of the index")


@pytest.mark.parametrize("name", ["record.json", "events.jsonl", "report.html", "report.md", "manifest.json"])
def test_wrong_file_in_an_export_is_named(state: State, exported: Path, name: str) -> None:
    path = exported / state.second.name / name
    path.write_bytes(path.read_bytes()[:-2] + b"?\n")
    result = ran(state.root, "evidence", "verify", exported)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"altered: {state.second.name}/{name}")


def test_a_signature_taken_from_one_folder_of_an_export_is_missed_there_too(
    state: State, tmp_path: Path, key: Path
) -> None:
    output = tmp_path / "signed"
    assert ran(state.root, "evidence", "export", "--output", output, "--key", key).exit_code == 0
    one = output / state.first.name
    assert ran(state.root, "evidence", "verify", one).exit_code == 0
    (one / "manifest.json.sig").unlink()
    result = ran(state.root, "evidence", "verify", one)
    assert (result.exit_code, "missing: manifest.json.sig" in result.stdout) == (1, True)


def test_missing_added_and_exchanged_folders_are_named(state: State, exported: Path, tmp_path: Path) -> None:
    def wrong() -> tuple[int, str]:
        result = ran(state.root, "evidence", "verify", exported)
        return result.exit_code, result.stdout.splitlines()[0]

    (exported / "notes.txt").write_text("x")
    assert wrong() == (1, "added: notes.txt")
    (exported / "notes.txt").unlink()
    (exported / "more").mkdir()
    assert wrong() == (1, "added: more")
    (exported / "more").rmdir()
    first, second = exported / state.first.name, exported / state.second.name
    shutil.move(first, tmp_path / "kept")
    assert wrong() == (1, f"missing: {first.name}")
    first.mkdir()
    assert wrong() == (1, f"missing: {first.name}/manifest.json")
    first.rmdir()
    shutil.copytree(second, first)
    assert wrong() == (
        1, f"altered: {first.name}/manifest.json: it is not the folder that was exported"
    )  # fmt: skip


def test_every_change_of_the_index_is_found(state: State, exported: Path) -> None:
    path = exported / "index.json"
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert collection.verify_all(exported).wrong == Wrong("index.json", "altered")
    path.unlink()
    assert collection.verify_all(exported).wrong == Wrong("index.json", "missing")


def test_an_altered_index_takes_no_more_folders(state: State, exported: Path) -> None:
    (exported / "index.json").write_text("{}")
    result = ran(state.root, "evidence", "export", "--output", exported)
    assert (result.exit_code, (exported / "index.json").read_text()) == (4, "{}")


def test_altered_folder_is_exported_as_it_is_but_never_signed(
    state: State, key: Path, tmp_path: Path
) -> None:
    (state.first / "record.json").write_text("{}")
    plain = ran(state.root, "evidence", "export", "--output", tmp_path / "plain")
    assert (plain.exit_code, "altered: record.json" in plain.stderr) == (1, True)
    signed = ran(state.root, "evidence", "export", "--output", tmp_path / "signed", "--key", key)
    assert (signed.exit_code, "is not signed" in signed.stderr) == (4, True)


def test_nothing_to_export_is_said(state: State, tmp_path: Path) -> None:
    other = ran(state.root, "evidence", "export", "--output", tmp_path / "x", "--run", "nothing")
    live = ran(state.root, "evidence", "export", "--output", tmp_path / "x", practice=False)
    assert (other.exit_code, live.exit_code) == (2, 2)


def test_list_compares_each_drill_with_the_one_before(state: State) -> None:
    found = documents(ran(state.root, "evidence", "list", "--offline", "--json"))
    drills = [one["evidence"] for one in found if "evidence" in one]
    assert [(one["rto"], one["rtoChange"]) for one in drills] == [(900.0, None), (600.0, -300.0)]
    shown = ran(state.root, "evidence", "list", "--offline").stdout
    assert "RTO 10 min 00 s (5 min 00 s shorter than before)" in shown
    assert "RPO 4 min 00 s (as before)" in shown


def test_list_says_that_azure_could_not_be_asked(state: State) -> None:
    result = ran(state.root, "evidence", "list", practice=False)  # no vault is named there
    assert (result.exit_code, "There is no evidence yet." in result.stdout) == (0, True)
    assert result.stderr.startswith("Azure could not be asked, so only drills with evidence here count: ")


def test_unreadable_record_is_listed_as_such(state: State) -> None:
    (state.first / "record.json").write_text('{"identity": 7}')
    found = documents(ran(state.root, "evidence", "list", "--offline", "--json"))
    assert [one["evidence"]["name"] for one in found if "unreadable" in one.get("evidence", {})] == [
        state.first.name
    ]


def rows(*made: tuple[str, str, str, str]) -> list[history.Trend]:
    """Drills as (target, ended, outcome, cleanup)."""
    found = []
    for target, ended, outcome, cleanup in made:
        record = samples.record(target=target, ended=ended, outcome=outcome)
        record.cleanup = model.Cleanup(cleanup)
        record.scope.machines = [model.Machine(target)]
        found.append(history.Entry(Path(target), record))
    return history.trend(found)


def test_only_a_drill_that_ended_well_and_was_cleaned_up_counts() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    fresh, old = "2026-11-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"
    drills = rows(
        ("fresh", fresh, "done", "done"),
        ("old", old, "done", "done"),
        ("pending", fresh, "done", "pending"),
        ("failed", fresh, "failed", "done"),
        ("again", old, "done", "done"),
        ("again", fresh, "done", "not-needed"),
    )
    due = {one.target: one.overdue for one in history.due(drills, ["never"], now)}
    assert due == {
        "fresh": False, "old": True, "pending": True, "failed": True, "again": False, "never": True
    }  # fmt: skip


def test_cadence_is_a_limit_and_not_a_day_more() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    ended = (now - history.CADENCE).isoformat()
    assert not history.due(rows(("x", ended, "done", "done")), (), now)[0].overdue
    assert history.due(rows(("x", ended, "done", "done")), (), now + timedelta(seconds=1))[0].overdue


def test_a_drill_of_several_items_counts_for_each_of_them() -> None:
    now, fresh = datetime(2026, 11, 21, tzinfo=UTC), "2026-11-01T00:00:00+00:00"
    many, whole = rows(("app-01, db-01", fresh, "done", "done"), ("shop", fresh, "done", "done"))
    many.record.scope.machines = [model.Machine("app-01"), model.Machine("db-01")]
    whole.record.identity.target_kind = "recovery plan"
    whole.record.scope.machines = [model.Machine("web-01"), model.Machine("web-02", included=False)]
    due = {one.target: one.overdue for one in history.due([many, whole], ["web-02"], now)}
    assert due == {"app-01": False, "db-01": False, "shop": False, "web-01": False, "web-02": True}


def test_a_drill_that_only_azure_knows_is_shown_as_such() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    here, there = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
    drills = rows(*((name, here.isoformat(), "done", "done") for name in ("older", "newer")))
    told = {"older": there, "newer": here - timedelta(days=3), "elsewhere": there, "never": None}
    due = {one.target: one for one in history.due(drills, told, now, last_drills=told)}
    assert {name: (one.last, one.by_azure) for name, one in due.items()} == {
        "older": (there, True),
        "newer": (here, False),
        "elsewhere": (there, True),
        "never": (None, False),
    }
    assert [name for name, one in due.items() if one.overdue] == ["never"]


def test_newest_record_of_a_run_stands_for_it(state: State) -> None:
    record = samples.record(run="drill/app-01/20260401T120000Z", outcome="cleanup-pending")
    begun = state.journal.engagement(record.identity.run, "recovery")
    newest = folder.write(state.journal, begun.id, record, state.second.parent)
    names = [entry.name for entry in history.entries(state.second.parent)]
    assert sorted(names) == sorted([state.first.name, newest.name])


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    asked = approval.Asked("practice", "failover", "contoso-vault/app-01")
    plan = Plan(
        "failover of app-01",
        (Change("start", "failover", "app-01\x1b[31m", "to the latest point"),),
        ("Microsoft.RecoveryServices/vaults/write",),
        {"state": "Protected"},
        ("The source is shut down first.",),
    )
    made = approval.request(asked, plan, approval.Requester("oid-ann", "ann@contoso.example", "ann"))
    path = tmp_path / "plan.json"
    path.write_bytes(made.content())
    return path


def test_approve_shows_the_plan_and_signs_it(tmp_path: Path, plan_file: Path, key: Path) -> None:
    result = ran(tmp_path, "approve", plan_file, "--key", key, "--yes")
    assert result.exit_code == 0, result.stderr
    assert "target: contoso-vault/app-01" in result.stdout
    for text in ("to the latest point", "vaults/write", "state: Protected", "The source is shut down first."):
        assert text in result.stdout
    assert "asked by: oid-ann, ann@contoso.example, ann" in result.stdout
    assert "\x1b" not in result.stdout
    found = approval.check(
        plan_file,
        approval.Asked("practice", "failover", "contoso-vault/app-01"),
        approval.read(plan_file)[0].plan,
        approval.Requester("oid-ann", "ann@contoso.example", "ann"),
        tmp_path / "allowed_signers",
        lambda _number: False,
        writers=lambda _path: "",
    )
    assert found.principal == "bob@contoso.example"


def test_approve_with_json_prints_one_object(tmp_path: Path, plan_file: Path, key: Path) -> None:
    output = tmp_path / "elsewhere.sig"
    result = ran(tmp_path, "approve", plan_file, "--key", key, "--yes", "--json", "--output", output)
    [shown] = documents(result)
    assert shown["approved"]["signature"] == str(output)
    assert output.exists()


def test_approve_wants_a_decision(tmp_path: Path, plan_file: Path, key: Path) -> None:
    for more in ((), ("--json",)):
        result = ran(tmp_path, "approve", plan_file, "--key", key, *more)
        assert (result.exit_code, "--yes" in result.stderr) == (4, True)
    assert not approval.signature_path(plan_file).exists()


def test_approve_refuses_another_world(tmp_path: Path, plan_file: Path, key: Path) -> None:
    result = ran(tmp_path, "approve", plan_file, "--key", key, "--yes", practice=False)
    assert result.exit_code == 4
    assert "practice" in result.stderr
    assert "live" in result.stderr


def test_approve_refuses_what_expired(tmp_path: Path, plan_file: Path, key: Path) -> None:
    asked = approval.Asked("practice", "failover", "x")
    past = datetime.now(UTC) - approval.LIFETIME
    made = approval.request(asked, Plan("x"), approval.Requester(), now=past)
    plan_file.write_bytes(made.content())
    result = ran(tmp_path, "approve", plan_file, "--key", key, "--yes")
    assert (result.exit_code, "expired" in result.stderr) == (4, True)


def test_approve_never_writes_over_a_signature(tmp_path: Path, plan_file: Path, key: Path) -> None:
    assert ran(tmp_path, "approve", plan_file, "--key", key, "--yes").exit_code == 0
    before = approval.signature_path(plan_file).read_bytes()
    assert ran(tmp_path, "approve", plan_file, "--key", key, "--yes").exit_code == 4
    assert approval.signature_path(plan_file).read_bytes() == before


def test_approve_is_refused_read_only(tmp_path: Path, plan_file: Path, key: Path) -> None:
    result = ran(tmp_path, "--read-only", "approve", plan_file, "--key", key, "--yes")
    assert (result.exit_code, approval.signature_path(plan_file).exists()) == (4, False)
