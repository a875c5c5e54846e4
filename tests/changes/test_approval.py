"""A second person's approval: good for one plan, one person, one time; every refusal has its reason."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from services.changes import approval
from services.changes.approval import Asked, Requester
from services.changes.plan import Change, Plan
from services.changes.plan_words import looked_lines
from services.changes.signers_file import who_may_write
from services.evidence.signing import KeySigner
from services.journal.journal import Actor, Journal
from services.problems.model import ProblemError, RefusedError, UsageError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ASKED = Asked("practice", "failover", "contoso-vault/app-01")
PLAN = Plan(
    "failover of app-01",
    (Change("start", "failover", "app-01"), Change("create", "machine", "app-01", "Standard_D2s_v3")),
    needs=("Microsoft.RecoveryServices/vaults/*",),
    looked_at={"state": "Protected", "operations": ["UnplannedFailover"], "rpo": 120},
)
ANN = Requester("oid-ann", "ann@contoso.example", "ann")
BOB = "bob@contoso.example"


class Case:
    """A plan file that Ann wrote and Bob signed, with the file that says so."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "plan.json"
        self.signers = folder / "allowed_signers"
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.writers = ""
        self.used = False
        self.fresh = PLAN
        self.asked = ASKED
        self.requester = ANN
        self.now = NOW
        self.write()
        self.sign()
        self.allow(BOB)

    def write(self, **changed: Any) -> None:
        made = approval.request(ASKED, PLAN, ANN, now=NOW, change_reference="CHG-7")
        self.request = replace(made, **changed)
        self.path.unlink(missing_ok=True)
        approval.save(self.path, self.request)

    def sign(self, key: ed25519.Ed25519PrivateKey | None = None) -> None:
        text = approval.approve(self.path.read_bytes(), KeySigner(key or self.key))
        approval.signature_path(self.path).write_text(text)

    def allow(self, principals: str, options: str = "") -> None:
        shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        public = self.key.public_key().public_bytes(*shape).decode()
        self.signers.write_text(f"{principals} {options} {public}\n")

    def check(self) -> Any:
        return approval.check(
            self.path,
            self.asked,
            self.fresh,
            self.requester,
            self.signers,
            lambda number: self.used and number == self.request.number,
            now=self.now,
            writers=lambda _path: self.writers,
        )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def refused(case: Case) -> str:
    with pytest.raises(RefusedError) as told:
        case.check()
    return told.value.problems[0].code


def test_good_approval_names_who_and_what(case: Case) -> None:
    found = case.check()
    assert (found.principal, found.plan_digest, found.number) == (BOB, PLAN.digest, case.request.number)
    assert found.key == KeySigner(case.key).fingerprint


def test_numbers_are_never_the_same() -> None:
    made = {approval.request(ASKED, PLAN, ANN).number for _count in range(50)}
    assert len(made) == 50


def test_expired_is_refused(case: Case) -> None:
    case.now = NOW + approval.LIFETIME - timedelta(seconds=1)
    case.check()
    case.now = NOW + approval.LIFETIME
    assert refused(case) == "approval-expired"


@pytest.mark.parametrize("part", ["world", "verb", "target"])
def test_another_world_verb_or_target_is_refused_naming_both(case: Case, part: str) -> None:
    case.asked = replace(ASKED, **{part: "something-else"})
    with pytest.raises(RefusedError, match="something-else") as told:
        case.check()
    assert told.value.problems[0].code == "approval-other"
    assert getattr(ASKED, part) in str(told.value)


def test_plan_that_looked_at_something_else_is_refused(case: Case) -> None:
    case.fresh = replace(PLAN, looked_at={**PLAN.looked_at, "state": "CommitPending"})
    with pytest.raises(RefusedError, match="state was Protected, is CommitPending") as told:
        case.check()
    assert (told.value.problems[0].code, told.value.problems[0].subject) == ("approval-moved", str(case.path))


def test_another_point_than_was_approved_is_named(case: Case) -> None:
    case.fresh = replace(PLAN, looked_at={**PLAN.looked_at, "point": "/vault/recoveryPoints/p-7"})
    with pytest.raises(RefusedError, match="point was -, is p-7"):
        case.check()


def test_what_a_plan_looked_at_is_told_in_words() -> None:
    item = "/subscriptions/s/replicationProtectedItems/app-01"
    looked = {
        "moved": {item: ["Protected", None, ("Commit", "Cancel")]},
        "shutdown": True,
        "settings": {item: {"size": "D2", "address": ""}},
    }
    assert list(looked_lines(replace(PLAN, looked_at=looked))) == [
        "moved, app-01: Protected, -, Commit, Cancel",
        "shutdown: yes",
        "settings, app-01: size D2; address -",
    ]


def test_nobody_signed(case: Case) -> None:
    approval.signature_path(case.path).unlink()
    assert refused(case) == "approval-missing"


def test_signature_of_something_else_is_refused(case: Case) -> None:
    case.write()  # a new number
    assert refused(case) == "signature-bad"


def test_signature_for_another_purpose_is_refused(case: Case) -> None:
    text = KeySigner(case.key).sign(case.path.read_bytes(), "lifeboat-evidence")
    approval.signature_path(case.path).write_text(text)
    assert refused(case) == "signature-namespace"


def test_signer_who_is_not_listed_is_refused(case: Case) -> None:
    case.sign(ed25519.Ed25519PrivateKey.generate())
    assert refused(case) == "signer-unlisted"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ('namespaces="file"', "signer-namespace"),
        ('valid-before="20261121Z"', "signer-expired"),
        ('valid-after="20261122Z"', "signer-early"),
        ("cert-authority", "signer-unlisted"),
    ],
)
def test_signer_who_may_not_is_refused(case: Case, options: str, code: str) -> None:
    case.allow(BOB, options)
    assert refused(case) == code


def test_no_file_of_signers_is_refused(case: Case) -> None:
    case.signers.unlink()
    assert refused(case) == "allowed-signers"


def test_file_that_the_requester_can_write_is_refused(case: Case) -> None:
    case.writers = "You can write it."
    assert refused(case) == "approval-signers-writable"


@pytest.mark.parametrize(
    "principals",
    ["ann@contoso.example", "Ann@Contoso.Example", "oid-ann", "ann", "*@contoso.example", "x,ann"],
)
def test_same_person_is_refused(case: Case, principals: str) -> None:
    case.allow(principals)
    assert refused(case) == "approval-same-person"


def test_whoever_runs_it_is_no_second_person_either(case: Case) -> None:
    case.requester = Requester("oid-bob", BOB, "bob")
    assert refused(case) == "approval-same-person"


def test_whoever_asked_is_no_second_person_for_somebody_else(case: Case) -> None:
    case.requester = Requester("oid-eve", "eve@contoso.example", "eve")
    case.allow("ann@contoso.example")
    assert refused(case) == "approval-same-person"


def test_used_already_is_refused(case: Case) -> None:
    case.used = True
    assert refused(case) == "approval-used"


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["plan"]["changes"][0].update(name="db-01"),
        lambda body: body["plan"]["looked_at"].update(state="x"),
        lambda body: body.update(digest="0" * 64),
    ],
)
def test_plan_that_says_other_than_its_digest_is_refused(case: Case, change: Any) -> None:
    body = json.loads(case.path.read_bytes())
    change(body)
    case.path.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n")
    case.sign()
    assert refused(case) == "plan-edited"


def test_plan_that_was_formatted_anew_is_refused(case: Case) -> None:
    case.path.write_text(json.dumps(json.loads(case.path.read_bytes())))
    assert refused(case) == "plan-edited"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "lifeboat-plan", "format": 1}', "\xff"])
def test_no_plan_file_is_said(case: Case, text: str) -> None:
    case.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match="no plan file"):
        case.check()


def test_plan_file_is_never_written_over(case: Case) -> None:
    before = case.path.read_bytes()
    with pytest.raises(ProblemError, match="File exists"):
        approval.save(case.path, approval.request(ASKED, PLAN, ANN))
    assert case.path.read_bytes() == before


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "state", "practice", Actor())
    yield opened
    opened.close()


def test_number_serves_one_run_only_and_that_run_again(case: Case, journal: Journal) -> None:
    first, second = (journal.engagement(name, "recovery").id for name in ("first", "second"))
    approval.note_used(journal, first, case.check(), now=NOW)
    assert approval.used_elsewhere(journal, second)(case.request.number)
    assert not approval.used_elsewhere(journal, first)(case.request.number)
    assert not approval.used_elsewhere(journal, second)("another")


NOBODY = 65534


def as_nobody(path: Path) -> str:
    """What who_may_write says to a user without rights, asked in a process of theirs."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.write(writer, who_may_write(path).encode() or b"-")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def fixed() -> Iterator[Path]:
    """A file of root's that everybody can reach and only root can write."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to ask as somebody else")
    home = Path("/var/tmp") / f"lifeboat-{os.getpid()}"
    home.mkdir(mode=0o755)
    path = home / "allowed_signers"
    path.write_text("")
    path.chmod(0o644)
    yield path
    for one in sorted(home.rglob("*"), reverse=True):
        one.unlink()
    home.rmdir()


def test_file_out_of_reach_is_let_through(fixed: Path) -> None:
    assert as_nobody(fixed) == "-"


def test_writable_file_is_told(fixed: Path) -> None:
    fixed.chmod(0o666)
    assert "You can write" in as_nobody(fixed)


def test_own_file_is_told_even_when_it_is_read_only(fixed: Path) -> None:
    os.chown(fixed, NOBODY, NOBODY)
    fixed.chmod(0o444)
    assert "You can write" in as_nobody(fixed)


def test_writable_folder_is_told(fixed: Path) -> None:
    fixed.parent.chmod(0o777)
    assert "can replace" in as_nobody(fixed)
    fixed.parent.chmod(0o777 | stat.S_ISVTX)
    assert as_nobody(fixed) == "-"


def test_sticky_folder_does_not_hold_its_owner(fixed: Path) -> None:
    os.chown(fixed.parent, NOBODY, NOBODY)
    fixed.parent.chmod(0o755 | stat.S_ISVTX)
    assert "can replace" in as_nobody(fixed)


def test_link_that_the_requester_can_turn_is_told(fixed: Path) -> None:
    link = fixed.parent / "link"
    link.symlink_to(fixed)
    assert as_nobody(link) == "-"
    fixed.parent.chmod(0o777)
    assert "can replace" in as_nobody(link)


def test_absent_file_is_told(fixed: Path) -> None:
    fixed.unlink()
    assert "cannot be looked at" in as_nobody(fixed)


def test_root_is_told_that_it_proves_nothing(fixed: Path) -> None:
    assert "root" in who_may_write(fixed)
