"""A second person's consent on the command line: exactly the plan that was signed, or nothing is sent."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.changes import approval
from services.evidence.signing import KeySigner
from tests.flow.support import Ran, lifeboat, world_file
from tests.practice_world import ledger, running_world
from tui.main import lifeboat as lifeboat_command

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (openssh-client)"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of one practice world for all these tests."""
    folder = tmp_path_factory.mktemp("second")
    # A point is kept for four hours of the world, which have to last for a test.
    with running_world(folder, items=12, speed=300):
        yield folder


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a host where nobody is root: as root every file is the requester's to write."""
    monkeypatch.setitem(approval.check.__kwdefaults__ or {}, "writers", lambda _path: "")


def sent(state: Path) -> list[str]:
    """What Azure has accepted, by the last part of each path."""
    rows = ledger(json.loads(world_file(state).read_text()))
    return [row["target"].lower().split("/")[-1] for row in rows]


def run(state: Path, *words: str) -> Ran:
    return lifeboat("--practice", "--state", str(state), "--world", str(world_file(state)), *words)


def inside(state: Path, *words: str) -> Result:
    """A command in this process, so that a test can stand in for a host where nobody is root."""
    joined = ["--practice", "--state", str(state), "--world", str(world_file(state))]
    return CliRunner().invoke(lifeboat_command, [*joined, *words])


def point(state: Path) -> str:
    """A recovery point that both plans name, so that what was signed is what is done."""
    from services.journal.journal import Journal
    from services.journal.model import Actor
    from services.scenario.existing_vault import open_vault
    from services.world.build import practice_world
    from services.world.deadline import Deadline

    world = practice_world(json.loads(world_file(state).read_text()), state)
    journal = Journal.open(world.state, world.id, Actor.here())
    try:
        vault = open_vault(world, journal, None, Deadline(60), lambda _event: None)
        return vault.points(vault.find("app-01"))[0].name
    finally:
        journal.close()


def test_the_same_plan_reads_the_same_later_and_only_a_signed_one_is_done(
    served: Path, tmp_path: Path
) -> None:
    before = sent(served)
    plan, wanted = tmp_path / "plan.json", ["failover", "app-01", "--point", point(served), "--json"]
    first = run(served, *wanted, "--plan-only", "--save-plan", str(plan))
    again = run(served, *wanted, "--plan-only")
    assert first.status == again.status == 0
    assert first.events[0]["digest"] == again.events[0]["digest"]
    signers = tmp_path / "signers"
    signers.write_text("")
    approved = ["--approval", str(plan), "--allowed-signers", str(signers), "--yes"]
    nobody = run(served, *wanted, *approved)
    assert nobody.status == 4
    codes = [event["code"] for event in nobody.events if event["event"] == "problem"]
    # As root the file of signers is always the requester's to write, and that is said first.
    assert codes == ["approval-signers-writable" if os.geteuid() == 0 else "approval-missing"]
    other = run(served, "failover", "app-02", "--point", "latest", "--json", *approved)
    assert other.status == 4
    assert "approval-other" in {event["code"] for event in other.events if event["event"] == "problem"}
    assert sent(served) == before


def test_an_approval_needs_those_who_may_sign(served: Path, tmp_path: Path) -> None:
    before = sent(served)
    plan = tmp_path / "plan.json"
    assert run(served, "failover", "app-01", "--plan-only", "--save-plan", str(plan)).status == 0
    refused = run(served, "failover", "app-01", "--approval", str(plan), "--yes")
    assert refused.status == 2
    assert "--allowed-signers" in refused.stderr
    assert sent(served) == before


def test_a_plan_that_is_written_for_the_second_person_is_not_done(served: Path, tmp_path: Path) -> None:
    before = sent(served)
    for number, words in enumerate(
        (
            ["failover", "app-02", "--yes"],
            ["disable", "app-02", "--confirm", "app-02"],
            ["drill", "app-02", "--yes"],
            ["plans", "delete", "contoso-web", "--confirm", "contoso-web"],
        )
    ):
        plan = tmp_path / f"plan-{number}.json"
        written = inside(served, *words, "--save-plan", str(plan))
        assert (written.exit_code, plan.is_file()) == (0, True), written.output
        assert "Nothing was done" in written.output
        both = inside(served, *words, "--save-plan", str(tmp_path / "other.json"), "--approval", str(plan))
        assert (both.exit_code, "not both at once" in both.output) == (2, True)
    assert sent(served) == before


def test_the_point_that_was_approved_is_taken_though_a_newer_one_is_there(
    served: Path, tmp_path: Path, not_root: None
) -> None:
    plan = tmp_path / "plan.json"
    assert inside(served, "failover", "app-03", "--save-plan", str(plan)).exit_code == 0
    named = json.loads(plan.read_text())["plan"]["looked_at"]["point"]
    approved = by_bob(plan, tmp_path)
    again = inside(served, "failover", "app-03", *approved, "--plan-only", "--json")
    shown = json.loads(again.stdout.splitlines()[0])
    assert (again.exit_code, shown["digest"]) == (0, json.loads(plan.read_text())["digest"])
    newest = inside(served, "failover", "app-03", "--point", "latest", *approved, "--yes")
    assert (newest.exit_code, f"point was {named.rsplit('/', 1)[-1]}, is -" in newest.output) == (4, True)


def test_an_approval_without_signers_is_refused_before_azure_is_asked(tmp_path: Path) -> None:
    nowhere = ["--practice", "--state", str(tmp_path), "--world", str(tmp_path / "no-world.json")]
    words = ["failover", "app-01", "--approval", str(tmp_path / "plan.json"), "--yes"]
    refused = CliRunner().invoke(lifeboat_command, [*nowhere, *words])
    assert (refused.exit_code, "--allowed-signers" in refused.output) == (2, True)


def by_bob(path: Path, folder: Path) -> list[str]:
    """The options of a plan file that Bob has signed; the file of signers is by itself in `folder`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.generate()
    shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    (folder / "signers").write_text(f"bob@contoso.example {key.public_key().public_bytes(*shape).decode()}\n")
    approval.signature_path(path).write_text(approval.approve(path.read_bytes(), KeySigner(key)))
    return ["--approval", str(path), "--allowed-signers", str(folder / "signers")]


def test_a_drill_and_its_clean_up_are_done_as_they_were_signed(
    served: Path, tmp_path: Path, not_root: None
) -> None:
    before = sent(served)
    for verb, *wanted in (["drill", "app-01", "--change", "CHG-9"], ["cleanup", "app-01"]):
        plan = tmp_path / f"{verb}.json"
        assert inside(served, verb, *wanted, "--plan-only", "--save-plan", str(plan)).exit_code == 0
        approved = by_bob(plan, tmp_path)
        other = inside(served, verb, "app-02" if verb == "drill" else "db-02", *approved, "--yes")
        assert (other.exit_code, "another plan" in other.output) == (4, True), other.output
        done = inside(served, verb, *wanted, *approved, "--yes", "--json")
        assert done.exit_code == 0, done.output
    evidence = Path(json.loads(done.stdout.splitlines()[-1])["evidence"])
    record = json.loads((evidence / "record.json").read_text())
    digests = [json.loads((tmp_path / f"{verb}.json").read_text())["digest"] for verb in ("drill", "cleanup")]
    assert [one["plan_digest"] for one in record["authority"]["approvals"]] == digests
    again = inside(served, "cleanup", "db-02", *approved, "--yes")
    assert again.exit_code == 4
    assert sent(served)[len(before) :] == ["testfailover", "testfailovercleanup"]


def test_a_recovery_plan_is_drilled_and_deleted_as_it_was_signed(
    served: Path, tmp_path: Path, not_root: None
) -> None:
    changed = tmp_path / "changed.json"
    document = json.loads(inside(served, "plans", "export", "contoso-web").stdout)
    document["groups"][-1]["items"] = []
    changed.write_text(json.dumps(document))
    drill = ["drill", "--plan", "contoso-web", "--cleanup"]
    for number, wanted in enumerate(
        (drill, ["plans", "apply", str(changed)], ["plans", "delete", "contoso-web"])
    ):
        plan = tmp_path / f"plan-{number}.json"
        assert inside(served, *wanted, "--plan-only", "--save-plan", str(plan)).exit_code == 0
        consent = ["--confirm", "contoso-web"] if "delete" in wanted else ["--yes"]
        nobody = inside(served, *wanted, "--approval", str(plan), *consent)
        assert (nobody.exit_code, "--allowed-signers" in nobody.output) == (2, True)
        approved = by_bob(plan, tmp_path)
        done = inside(served, *wanted, *approved, *consent)
        assert done.exit_code == 0, done.output
    assert "contoso-web" not in inside(served, "plans").stdout
