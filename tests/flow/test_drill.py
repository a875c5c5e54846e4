"""Drills through the commands: from the plan to evidence, each refusal, what is left behind, deaths, lost journals."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from services.evidence.reading import record_from
from services.recovery import acting, drill
from services.world.deadline import Deadline
from tests.flow.console_support import Bench, bench, problems
from tests.flow.support import Ran, Zygote, doubled, zygote
from tests.practice.clients import Arm
from tests.practice.drills import Vault
from tests.practice_world import set_faults
from tui.main import lifeboat

YES = ("--yes", "--json")
SPEED = 3000.0
INTENT, PLAN = "operation-intent", '"drill":{'
"""In the journal's events: what a run is about to send, and before it the plan that it keeps."""


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture(scope="module")
def vault(forked: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One vault for the module; each test uses items of its own."""
    with bench(tmp_path_factory.mktemp("drill"), forked, items=60, speed=SPEED) as one:
        yield one


def record(ran: Ran) -> Any:
    path = Path(ran.end["evidence"]) / "record.json"
    return record_from(json.loads(path.read_text(encoding="utf-8")))


def azure(vault: Bench) -> Vault:
    return Vault(Arm(vault.world))


def machines(vault: Bench) -> set[str]:
    return set(azure(vault).machines())


def refused(ran: Ran, status: int, said: str) -> None:
    assert (ran.status, said in problems(ran)) == (status, True), (ran.status, problems(ran))


def keeps_its_schema(ran: Ran) -> None:
    schema = json.loads((resources.files("assets") / "schemas" / "events.json").read_text(encoding="utf-8"))
    for event in ran.events:
        wanted = {**schema, "oneOf": [{"$ref": f"#/$defs/{event['event']}"}]}
        Draft202012Validator(wanted).validate(event)


def test_a_drill_with_its_clean_up_ends_with_evidence_that_verify_accepts(vault: Bench) -> None:
    checks = ("--check", "app-01=http:80/", "--check", "tcp:22")
    targets = ("--rto", "60", "--rpo", "30", "--change", "CHG-7", "--note", "orders page was there")
    ran = vault("drill", "app-01", "--network", "drill-net", "--cleanup", *checks, *targets, *YES)
    assert (ran.status, ran.end["outcome"]) == (0, "done"), problems(ran)
    keeps_its_schema(ran)
    verified = vault("evidence", "verify", ran.end["evidence"])
    assert (verified.status, "unaltered" in verified.lines[1]) == (0, True), verified.lines
    assert "anchored" in "".join(verified.lines)

    seen = record(ran)
    assert (seen.isolation.network, seen.isolation.verdict) == ("drill-net", "isolated")
    [address] = seen.isolation.addresses
    assert address.predicted == address.actual == "10.42.1.11"
    assert {one.name: one.state for one in seen.verification} == {
        "vm:power": "ok",
        "vm:size": "ok",
        "vm:network": "ok",
        "vm:address": "ok",
        "http:80/": "ok",
        "tcp:22": "ok",
    }
    rto = seen.measures.rto
    parts = (rto.decision, rto.platform, rto.boot, rto.application)
    assert rto.platform >= 700  # the practice job: 30 + 120 + 480 + 90 seconds
    assert sum(parts) == pytest.approx(rto.total, abs=3)
    assert (rto.target, seen.scope.rpo_target, seen.authority.change_reference) == (3600, 1800, "CHG-7")
    assert (seen.cleanup.state, seen.cleanup.leftovers) == ("done", [])
    assert len(seen.cleanup.created) == 4  # a machine, its interface, two disks
    assert seen.cleanup.comments.startswith("orders page was there lifeboat-chain:")
    assert "app-01-test" not in machines(vault)


def test_the_comments_are_kept_by_azure(vault: Bench) -> None:
    drilled = vault("drill", "web-02", *YES)
    assert drilled.status == 0
    word = ("--verdict", "pass", "--statement", "The page answered.")
    assert vault("evidence", "attest", Path(drilled.end["evidence"]).name, *word).status == 0
    done = vault("cleanup", "web-02", "--notes", "all well", *YES)
    assert (done.status, done.end["outcome"]) == (0, "done"), problems(done)
    job = azure(vault).arm("GET", f"{azure(vault).arm.vault}/replicationJobs/{record(done).cleanup.job_id}")
    assert job.body["properties"]["customDetails"]["comments"] == record(done).cleanup.comments
    assert (record(done).identity.verb, record(done).cleanup.state) == ("drill", "done")
    assert record(done).attestation.verdict == "pass"
    [operator] = record(done).authority.operators
    # Whoever the token names acts, not whom the world suggests.
    assert operator.account == vault.world["clientId"]
    assert operator.object_id
    assert operator.signed_in == "service-principal"
    assert (record(done).identity.cloud, record(done).identity.tenant) == ("practice", vault.world["tenant"])


def test_the_plan_names_an_isolated_network_and_changes_nothing(vault: Bench) -> None:
    before = len(vault.asked(""))
    ran = vault("drill", "app-02", "web-03", "--plan-only", "--json")
    [plan] = ran.events
    keeps_its_schema(ran)
    assert (plan["network"], plan["verdict"], plan["createsNetwork"]) == ("drill-net", "isolated", False)
    assert [(one["machine"], one["address"]) for one in plan["machines"]] == [
        ("app-02-test", "10.42.1.12"),
        ("web-03-test", "10.42.1.33"),
    ]
    assert plan["quota"] == ["4 cores wanted; 14 of 100 are used in westeurope"]
    assert len(plan["cost"]) == 2
    assert len(vault.asked("")) == before


def test_each_refusal_comes_before_anything_is_sent(vault: Bench) -> None:
    before = len(vault.asked(""))
    refused(vault("drill", "app-03", "--network", "contoso-eastus-net", *YES), 4, "It is in eastus")
    refused(vault("drill", "app-03", "--network", "nowhere", *YES), 2, "no such network")
    refused(vault("drill", "app-03", "--point", "11111111-2222", *YES), 4, "There is no recovery point")
    refused(vault("drill", "app-03", "--point", "latest-app-consistent", "--json"), 4, "--yes")
    refused(vault("drill", "db-02", *YES), 4, "Clean up the drill first")
    refused(vault("drill", "web-05", *YES), 4, "commit or change the point")
    refused(vault("drill", "app-03", "--check", "db-01=tcp:22", *YES), 2, "not in this run")
    refused(vault("drill", "app-03", "--check", "gopher:70", *YES), 2, "is no check")
    refused(vault("cleanup", "app-03", *YES), 4, "No drill is waiting")
    refused(vault("drill", "nobody", *YES), 2, "no such protected item")
    assert len(vault.asked("")) == before


def test_a_network_that_reaches_production_takes_its_name_and_a_reason(vault: Bench) -> None:
    named = ("drill", "web-01", "--network", "contoso-recovery-net")
    ran = vault(*named, *YES)
    refused(ran, 4, "to-hub" if "to-hub" in problems(ran) else "Connected to contoso-hub-net")
    assert "the network of the real failover" in problems(ran)
    refused(vault(*named, "--confirm", "contoso-recovery-net", *YES), 4, "not proven")
    refused(vault(*named, "--confirm", "drill-net", "--reason", "x", *YES), 4, "not proven")
    accepted = vault(
        *named, "--confirm", "contoso-recovery-net", "--reason", "asked by audit", "--plan-only", "--json"
    )
    assert (accepted.status, accepted.events[0]["verdict"]) == (0, "reaches-production")


def test_a_network_of_our_own_is_made_and_removed_again(vault: Bench) -> None:
    ran = vault("drill", "web-03", "--network", "new", "--cleanup", *YES)
    assert (ran.status, ran.end["outcome"]) == (0, "done"), problems(ran)
    seen = record(ran)
    assert (seen.isolation.network, seen.isolation.created) == ("web-03-drill", True)
    assert seen.isolation.addresses[0].actual == "10.42.1.33"
    listed = azure(vault).arm("GET", azure(vault).network("web-03-drill"))
    assert listed.status == 404
    assert doubled(vault.world) == []


def test_what_azure_leaves_behind_keeps_the_clean_up_pending(vault: Bench) -> None:
    set_faults(vault.world, [{"job": "TestFailoverCleanup", "item": "app-04", "leaves": "vm"}])
    ran = vault("drill", "app-04", "--cleanup", *YES)
    assert (ran.status, ran.end["outcome"]) == (1, "cleanup-pending")
    assert "there is still: app-04-test" in problems(ran)
    assert record(ran).cleanup.leftovers[0].endswith("/app-04-test")
    again = vault("cleanup", "app-04", *YES)
    assert (again.status, again.end["outcome"]) == (1, "cleanup-pending")
    arm = azure(vault).arm
    arm.done(arm("DELETE", azure(vault).machine("app-04-test")))
    for kind, name in (
        ("Network/networkInterfaces", "app-04-test-nic"),
        ("Compute/disks", "app-04-test-OSdisk-00"),
    ):
        arm("DELETE", f"{arm.group}/providers/Microsoft.{kind}/{name}")
    last = vault("cleanup", "app-04", *YES)
    assert (last.status, last.end["outcome"]) == (0, "done"), problems(last)
    seen = record(last)
    assert (seen.identity.verb, seen.identity.outcome, seen.cleanup.state) == ("drill", "done", "done")
    refused(vault("cleanup", "app-04", *YES), 4, "There is nothing to clean up")


def test_another_s_job_is_named_before_and_reported_after(vault: Bench) -> None:
    after = {"when": "after", "scenario": "UpdateVmProperties", "friendly": "Update", "seconds": 60}
    set_faults(vault.world, [{"id": "beside", "path": "/testFailover$", "do": {"foreign": after}}])
    ran = vault("drill", "db-01", *YES)
    [told] = [one for one in ran.events if one["event"] == "collision"]
    assert (told["scenario"], told["target"]) == ("UpdateVmProperties", "db-01")
    assert "collision" in [one.kind for one in record(ran).deviations]
    assert vault("cleanup", "db-01", *YES).status == 0


def test_an_item_that_another_run_holds_is_refused(vault: Bench) -> None:
    cut = vault("drill", "vm-00014", *YES, said=INTENT)
    assert cut.status == -signal.SIGKILL
    before = len(vault.asked(""))
    refused(vault("failover", "vm-00014", *YES), 4, "drill of vm-00014, begun")
    refused(vault("drill", "vm-00014", "vm-00015", *YES), 4, "drill of vm-00014, begun")
    assert len(vault.asked("")) == before
    assert vault("drill", "vm-00014", *YES).end["outcome"] == "done"


def test_a_drill_that_died_before_it_asked_for_anything_is_not_in_the_way_of_a_failover(vault: Bench) -> None:
    cut = vault("drill", "vm-00040", *YES, said=PLAN)
    assert (cut.status, len(vault.asked("vm-00040"))) == (-signal.SIGKILL, 0)
    assert vault("failover", "vm-00040", *YES).end["outcome"] == "done"


def test_killed_after_each_line_it_is_taken_up_and_nothing_is_doubled(forked: Zygote, tmp_path: Path) -> None:
    command = ("drill", "app-01", "--cleanup", "--check", "http:80/", *YES)
    with bench(tmp_path, forked, speed=SPEED) as vault:
        line = 0
        while True:
            line += 1
            ran = vault(*command, line=line)
            if ran.events[-1]["event"] == "end":
                break
            assert (ran.status, line < 60) == (-signal.SIGKILL, True)
        assert ran.end["outcome"] == "done", problems(ran)
        assert line > 5
        assert len(vault.asked("testFailover")) == 2  # one drill, one clean-up
        assert doubled(vault.world) == []
        rto = record(ran).measures.rto
        assert rto.platform >= 700
        assert sum((rto.decision, rto.platform, rto.boot, rto.application)) == pytest.approx(rto.total, abs=3)


def test_without_its_journal_a_drill_is_cleaned_up_from_azure_alone(vault: Bench, tmp_path: Path) -> None:
    cut = vault("drill", "vm-00016", *YES, line=3)
    assert cut.status == -signal.SIGKILL
    again = vault("drill", "vm-00016", "--plan-only", "--json")
    assert (again.status, [one["event"] for one in again.events]) == (0, ["plan"])
    assert again.events[0]["digest"] == cut.events[0]["digest"]
    elsewhere = vault.another_host(tmp_path / "other")
    done = elsewhere("cleanup", "vm-00016", "--notes", "the journal is gone", *YES)
    assert (done.status, done.end["outcome"]) == (0, "done"), problems(done)
    assert record(done).identity.verb == "cleanup"
    assert "vm-00016-test" not in machines(vault)
    shutil.rmtree(tmp_path / "other")


def test_a_failed_drill_says_why_and_is_cleaned_up(vault: Bench) -> None:
    error = {
        "code": "28093",
        "message": "The test machine did not start.",
        "taskId": "BootTestProtectedEntitiesTask",
    }
    set_faults(vault.world, [{"job": "TestFailover", "item": "vm-00017", "jobFails": error}])
    ran = vault("drill", "vm-00017", "--cleanup", *YES)
    assert (ran.status, ran.end["outcome"]) == (1, "failed")
    assert "did not start" in problems(ran)
    assert "error" in [one.kind for one in record(ran).deviations]
    assert record(ran).cleanup.state == "done"
    assert "vm-00017-test" not in machines(vault)


def test_several_machines_in_one_drill_and_a_signed_record(vault: Bench, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    key = tmp_path / "key"
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(encoding, form, serialization.NoEncryption()))
    key.chmod(0o600)
    ran = vault("drill", "vm-00020", "vm-00022", "--cleanup", "--sign", str(key), *YES)
    assert (ran.status, ran.end["outcome"]) == (0, "done"), problems(ran)
    seen = record(ran)
    assert [one.name for one in seen.scope.machines] == ["vm-00020", "vm-00022"]
    assert [one.predicted == one.actual for one in seen.isolation.addresses] == [True, True]
    assert {one.machine for one in seen.deviations if one.kind == "not-executed"} == {"vm-00020", "vm-00022"}
    told = vault("evidence", "verify", ran.end["evidence"]).lines[2]
    assert told.startswith("signed with the key SHA256:"), told


def test_a_command_that_was_cut_off_says_what_runs_on_and_only_that(
    vault: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(where: ModuleType, name: str) -> tuple[int, str]:
        """The time that was given has run out when it comes to this function."""
        with monkeypatch.context() as patched:
            patched.setattr(where, name, lambda *_given, **_named: Deadline(0).check())
            ran = CliRunner().invoke(lifeboat, [*vault.options, "drill", "vm-00030", "--yes"])
        return ran.exit_code, ran.stderr

    status, said = cut(drill, "taken_up")
    assert (status, "asked Azure for nothing" in said, "runs on" in said) == (5, True, False), said
    assert vault.asked("vm-00030") == []
    status, said = cut(acting, "follow")
    assert (status, "The job runs on in Azure." in said) == (5, True), said
    status, said = cut(drill, "taken_up")
    assert (status, "The job runs on in Azure." in said) == (5, True), said


def test_the_list_of_evidence_knows_what_azure_knows_of_drills(vault: Bench, tmp_path: Path) -> None:
    assert vault("drill", "vm-00044", "--cleanup", *YES).status == 0
    elsewhere = vault.another_host(tmp_path / "other")

    def due(*options: str) -> dict[str, Any]:
        rows = [json.loads(line)["due"] for line in elsewhere("evidence", "list", "--json", *options).lines]
        return {row["target"]: (row["overdue"], row["byAzure"], bool(row["last"])) for row in rows}

    never = next(name for name, row in due().items() if not row[2])
    assert (due()["vm-00044"], due()[never]) == ((False, True, True), (True, False, False))
    assert due("--offline") == {}


def test_a_point_that_is_listed_is_one_that_a_drill_takes(vault: Bench) -> None:
    listed = [json.loads(line) for line in vault("items", "points", "vm-00045", "--json").lines]
    assert [one["at"] for one in listed] == sorted((one["at"] for one in listed), reverse=True)
    assert all(one["lossSeconds"] >= 0 for one in listed)
    chosen = listed[2]
    [plan] = vault("drill", "vm-00045", "--point", chosen["point"], "--plan-only", "--json").events
    [machine] = plan["machines"]
    assert (machine["pointKind"], machine["pointTime"]) == (chosen["kind"], chosen["at"])
    [told] = [line for line in vault("items", "points", "vm-00045").lines if chosen["point"] in line]
    assert (told[:16], len(told) <= 81) == (chosen["at"][:16].replace("T", " "), True)


def test_a_read_only_console_sends_nothing(vault: Bench) -> None:
    before = len(vault.asked(""))
    ran = vault.forked.run(["--read-only", *vault.options, "drill", "vm-00018", *YES])
    refused(ran, 4, "read-only")
    ran = vault.forked.run(["--read-only", *vault.options, "cleanup", "db-02", *YES])
    refused(ran, 4, "read-only")
    assert len(vault.asked("")) == before


def test_a_drill_whose_job_fails_is_sent_once_wherever_it_dies(forked: Zygote, tmp_path: Path) -> None:
    failure = {"taskId": "BootTestProtectedEntitiesTask", "code": "28093", "message": "It did not start."}
    command = ("drill", "app-01", "--cleanup", *YES)
    with bench(tmp_path, forked, speed=SPEED) as vault:
        fault = {"job": "TestFailover", "item": "app-01", "times": 99, "jobFails": failure}
        set_faults(vault.world, [fault])
        for commit in range(1, 12):
            before = len(vault.asked(""))
            assert vault(*command, said=INTENT, commit=commit).status == -signal.SIGKILL
            ran = vault(*command)
            assert (ran.status, ran.end["outcome"]) == (1, "failed"), (commit, problems(ran))
            assert "did not start" in problems(ran), commit
            assert "error" in [one.kind for one in record(ran).deviations], commit
            asked = [str(row["target"]).split("/")[-1].lower() for row in vault.asked("")[before:]]
            assert asked == ["testfailover", "testfailovercleanup"], commit
