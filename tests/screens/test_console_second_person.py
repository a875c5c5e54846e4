"""A second person's approval on the pages, and who signs the evidence: checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from screens.console.errand_page import Phase
from screens.console.item_errands import errands_of
from screens.console.plan_errands import WriteErrand
from screens.step.fields import FieldRow
from services.changes import approval
from services.evidence.signing import KeySigner
from services.evidence.verify import verify
from services.journal.journal import Journal
from services.recovery.plan_draft import new_plan
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, screen_text, shell, until
from tests.screens.errands import asked, errand_page, go, is_over, item, planned, record, text, typed

BOB = "bob@contoso.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("errands"), items=24, speed=1200) as world:
        yield world


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a host where nobody is root: as root every file is the requester's to write."""
    monkeypatch.setitem(approval.check.__kwdefaults__ or {}, "writers", lambda _path: "")


@pytest.mark.usefixtures("not_root")
@driven
async def test_a_second_person_approves_exactly_what_is_shown_and_all_evidence_of_it_is_signed(
    served: dict[str, Any], tmp_path: Path
) -> None:
    plan, signers, key = tmp_path / "plan.json", tmp_path / "signers", key_file(tmp_path / "key", b"word")
    async with console(served, tmp_path) as pilot:
        await planned(pilot, errands_of(item(pilot, "web-01"))["failover"](), rto="90")
        await pilot.press("2")
        await settled(pilot)
        await typed(pilot, "plan", str(plan))
        await go(pilot, "save")
        await until(pilot, lambda: "lifeboat approve" in text(pilot))
        found, document = approval.read(plan)
        assert (found.asked.verb, found.asked.target) == ("failover", item(pilot, "web-01").id)

        await _refusals(pilot, plan, signers, key)
        assert asked(served, item(pilot, "web-01").name) == 0
        await typed(pilot, "approval", str(plan))
        await _sign_with(pilot, tmp_path / "key", "word")
        await go(pilot, "do")
        await until(pilot, lambda: is_over(pilot), 60)
        folder, now = record(tmp_path, "web-01")
        assert [(one.principal, one.number) for one in now.authority.approvals] == [(BOB, found.number)]
        assert verify(folder, signers).signed.state == "refused"  # listed for approvals alone
        assert verify(folder).signed.key == KeySigner(key).fingerprint
        assert now.measures.rto.target == 90 * 60
        assert document == plan.read_bytes()

        await typed(pilot, "notes", "Users can sign in.")
        await go(pilot, "notes")
        await until(pilot, lambda: "The notes stand in a newer record." in text(pilot))
        newer, noted = record(tmp_path, "web-01")
        assert (noted.notes, newer == folder) == (["Users can sign in."], False)
        assert verify(newer).signed.key == KeySigner(key).fingerprint


def _journal(pilot: Driver) -> Journal:
    desk = shell(pilot).desk.console
    assert desk is not None
    assert desk.vault is not None
    return desk.vault.journal


async def refused(pilot: Driver, why: str) -> None:
    """Nothing is begun, and the page says why."""
    await go(pilot, "do")
    await until(pilot, lambda: why in text(pilot))
    assert errand_page(pilot).phase is Phase.PLANNED


async def _refusals(pilot: Driver, plan: Path, signers: Path, key: Ed25519PrivateKey) -> None:
    """No signature, the wrong person, too late, another plan, used; at the end the plan is signed well."""
    found, other = approval.read(plan)[0], plan.with_name("other.json")
    # The plan that was saved stands in the field of the approval already.
    assert "Still needed: Allowed signers" in text(pilot)
    await typed(pilot, "signers", str(signers))
    allow(signers, key, BOB)
    await refused(pilot, "Nobody approved this plan")
    sign(plan, key)
    allow(signers, key, found.requester.account)
    await refused(pilot, "a second person must sign")
    approval.save(other, replace(found, expires=(found.expiry - timedelta(hours=9)).isoformat()))
    sign(other, key)
    allow(signers, key, BOB)
    await typed(pilot, "approval", str(other))
    await refused(pilot, "The approval expired at")
    asked_else = replace(found, asked=replace(found.asked, verb="commit"))
    other.unlink()
    approval.save(other, asked_else)
    await refused(pilot, "The approval is for another plan")
    other.unlink()
    approval.save(other, replace(found, number="spent"))
    sign(other, key)
    _journal(pilot).event(approval.EVENT, {"number": "spent"})
    await refused(pilot, "The approval was used already")


async def _sign_with(pilot: Driver, path: Path, passphrase: str) -> None:
    """Choose a key for the evidence, and type its passphrase."""
    await pilot.press("y")
    await settled(pilot)
    await typed(pilot, "sign", str(path))
    await refused(pilot, "This key has a passphrase.")
    secret = errand_page(pilot).query_one("#field-passphrase", FieldRow)
    secret.entry.focus()
    await settled(pilot)
    await pilot.press(*passphrase, "tab")
    await settled(pilot)
    assert passphrase not in screen_text(pilot)
    await pilot.press("tab", "enter")
    await settled(pilot)


@pytest.mark.usefixtures("not_root")
@driven
async def test_a_recovery_plan_is_written_only_with_the_consent_that_was_given_for_it(
    served: dict[str, Any], tmp_path: Path
) -> None:
    plan, signers, key = tmp_path / "plan.json", tmp_path / "signers", key_file(tmp_path / "key")
    async with console(served, tmp_path) as pilot:
        desk = shell(pilot).desk.console
        assert desk is not None
        assert desk.vault is not None
        wanted = new_plan(desk.vault, "plan-9", (item(pilot, "db-01"),))
        await planned(pilot, WriteErrand(wanted))
        await pilot.press("2")
        await until(pilot, lambda: getattr(pilot.app.focused, "takes_text", False))
        await pilot.press("escape", "2")
        await settled(pilot)
        assert "Allowed signers" not in text(pilot)
        await pilot.press("2")
        await settled(pilot)
        await typed(pilot, "plan", str(plan))
        await go(pilot, "save")
        await until(pilot, lambda: "lifeboat approve" in text(pilot))
        allow(signers, key, BOB)
        await typed(pilot, "signers", str(signers))
        await go(pilot, "do")
        await until(pilot, lambda: "Nobody approved this plan" in text(pilot))
        assert asked(served, "plan-9") == 0
        sign(plan, key)
        await go(pilot, "do")
        await until(pilot, lambda: "read back as it was wanted" in text(pilot), 60)
        used = [event.data for event in _journal(pilot).events() if event.kind == approval.EVENT]
        assert [one["principal"] for one in used] == [BOB]


def key_file(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    shape = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    path.write_bytes(key.private_bytes(*shape, lock))
    return key


def allow(path: Path, key: Ed25519PrivateKey, principals: str) -> None:
    shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    public = key.public_key().public_bytes(*shape).decode()
    path.write_text(f'{principals} namespaces="{approval.NAMESPACE}" {public}\n')


def sign(plan: Path, key: Ed25519PrivateKey) -> None:
    text_ = approval.approve(plan.read_bytes(), KeySigner(key))
    approval.signature_path(plan).write_text(text_)
