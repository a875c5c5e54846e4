"""The pages of drill and failover: the clock, a second person, who signs, notes; driven by keys at 80x24."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from screens.console import clock_line
from screens.console.consent_rows import ConsentRows
from screens.console.drill_errands import CleanupErrand, DrillErrand
from screens.console.errand import Errand
from screens.console.errand_page import ErrandPage, Phase
from screens.console.item_errands import errands_of
from screens.console.plan_errands import WriteErrand
from screens.page import Page
from screens.step.fields import ChoiceRow, FieldRow, TextEntry, TextRow
from services.changes import approval
from services.evidence.history import entries
from services.evidence.model import Record
from services.evidence.signing import KeySigner
from services.evidence.verify import verify
from services.recovery.item import ProtectedItem
from services.recovery.plan_draft import new_plan
from tests.practice_world import ledger, running_world
from tests.screens.driving import Driver, button, buttons, page, screen_text, shell, until
from tests.screens.test_console import console, driven, settled

BOB = "bob@contoso.example"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("errands"), items=24, speed=1200) as world:
        yield world


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a host where nobody is root: as root every file is the requester's to write."""
    monkeypatch.setitem(approval.check.__kwdefaults__ or {}, "writers", lambda _path: "")


@pytest.fixture
def quick_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is read more often than a person could look, as a drill takes a second here."""
    monkeypatch.setattr(clock_line, "EVERY", 0.05)


def item(pilot: Driver, title: str) -> ProtectedItem:
    desk = shell(pilot).desk.console
    assert desk is not None
    assert desk.seen is not None
    return next(one for one in desk.seen.items.values() if one.title == title)


async def planned(pilot: Driver, errand: Errand, **values: str) -> None:
    """The page of an errand, with its plan; `values` are put into its fields."""
    desk = shell(pilot).desk.console
    assert desk is not None
    shell(pilot).post_message(Page.Go(lambda: ErrandPage(desk, errand)))
    await until(pilot, lambda: getattr(page(pilot), "errand", None) is errand)
    await until(pilot, lambda: errand_page(pilot).phase in (Phase.ASKING, Phase.PLANNED), 60)
    await settled(pilot)
    if errand_page(pilot).phase is Phase.ASKING:
        for key, value in values.items():
            row = errand_page(pilot).query_one(f"#field-{key}", FieldRow)
            if isinstance(row, ChoiceRow):
                row.menu.choose(value)
            else:
                assert isinstance(row, TextRow)
                row.input.value = value
        await settled(pilot)
        await go(pilot, "plan")
    await until(pilot, lambda: errand_page(pilot).phase is Phase.PLANNED, 60)
    await settled(pilot)


def errand_page(pilot: Driver) -> ErrandPage:
    here = page(pilot)
    assert isinstance(here, ErrandPage)
    return here


def is_over(pilot: Driver) -> bool:
    return getattr(page(pilot), "phase", None) is Phase.OVER


async def go(pilot: Driver, name: str) -> None:
    """Push a button with Enter; a plan is read to its end before."""
    for _page in range(12):
        found = buttons(pilot)
        wanted = name if name in found else "more"
        assert wanted in found, screen_text(pilot)
        button(pilot, wanted).focus()
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        if wanted == name:
            return
    raise AssertionError(screen_text(pilot))


async def typed(pilot: Driver, key: str, value: str) -> None:
    """Put a value into a row of the consent, as a paste would."""
    rows = errand_page(pilot).query_one(ConsentRows)
    await until(pilot, lambda: (row := rows.row(key)) is not None and row.query(TextEntry))
    row = rows.row(key)
    assert row is not None
    row.query_one(TextEntry).value = value
    await settled(pilot)


def text(pilot: Driver) -> str:
    return " ".join(screen_text(pilot).split())


def record(state: Path, target: str) -> tuple[Path, Record]:
    """The newest record of a target's run, and its folder, which is found unaltered."""
    found = [
        one
        for one in entries(state / "practice" / "evidence")
        if one.record and one.record.identity.target == target
    ]
    assert found[-1].record is not None
    assert verify(found[-1].path).unaltered
    return found[-1].path, found[-1].record


def key_file(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    shape = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    path.write_bytes(key.private_bytes(*shape, lock))
    return key


def asked(served: dict[str, Any], *parts: str) -> int:
    """How many requests Azure has accepted whose path has all of this in it."""
    paths = [str(row["target"]).lower() for row in ledger(served)]
    return sum(all(part.lower() in path for part in parts) for path in paths)


@pytest.mark.usefixtures("quick_clock")
@driven
async def test_a_drill_has_a_clock_outlives_the_help_and_takes_notes_when_it_is_over(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        one = item(pilot, "app-01")
        await planned(pilot, DrillErrand((one,)), cleanup="no")
        await go(pilot, "do")
        span = r"\d+:\d\d(:\d\d)?"
        clock = re.compile(rf"Clock {span}  decision {span}  platform {span}")
        await until(pilot, lambda: clock.search(screen_text(pilot)))
        await pilot.press("f1")
        await until(pilot, lambda: not isinstance(page(pilot), ErrandPage))
        await pilot.press("escape")
        await until(pilot, lambda: is_over(pilot), 60)
        assert asked(served, one.name, "/testFailover") == 1
        before = record(tmp_path, "app-01")
        assert before[1].notes == []

        await typed(pilot, "notes", "The login page came up.")
        await go(pilot, "notes")
        await until(pilot, lambda: "The notes stand in a newer record." in text(pilot))
        folder, now = record(tmp_path, "app-01")
        assert (now.notes, folder == before[0]) == (["The login page came up."], False)
        assert replace(now, notes=[]) == before[1]
        assert "Keep the notes" not in text(pilot)

        await go(pilot, "next 0")
        await until(pilot, lambda: isinstance(errand_page(pilot).errand, CleanupErrand))
        await until(pilot, lambda: "Notes The login page came up." in text(pilot))
        await until(pilot, lambda: getattr(pilot.app.focused, "takes_text", False))
        await pilot.press("end", *" Fast.", "f1")
        await until(pilot, lambda: not isinstance(page(pilot), ErrandPage))
        await pilot.press("escape")
        await until(pilot, lambda: "Notes The login page came up. Fast." in text(pilot))
        await go(pilot, "plan")
        await until(pilot, lambda: "[ Clean up ]" in text(pilot))
        await go(pilot, "do")
        await until(pilot, lambda: is_over(pilot), 60)
        cleaned = record(tmp_path, "app-01")[1]
        assert (cleaned.notes, cleaned.cleanup.state) == (["The login page came up."], "done")
        assert cleaned.cleanup.comments.startswith("The login page came up. Fast.")


@pytest.mark.usefixtures("not_root")
@driven
async def test_a_second_person_approves_exactly_what_is_shown(served: dict[str, Any], tmp_path: Path) -> None:
    plan, signers, key = tmp_path / "plan.json", tmp_path / "signers", key_file(tmp_path / "key", b"word")
    other = tmp_path / "other.json"
    async with console(served, tmp_path) as pilot:
        await planned(pilot, errands_of(item(pilot, "web-01"))["failover"](), rto="90")
        await pilot.press("2")
        await settled(pilot)
        await typed(pilot, "plan", str(plan))
        await go(pilot, "save")
        await until(pilot, lambda: "lifeboat approve" in text(pilot))
        found, document = approval.read(plan)
        assert (found.asked.verb, found.asked.target) == ("failover", item(pilot, "web-01").id)

        async def refused(why: str) -> None:
            await go(pilot, "do")
            await until(pilot, lambda: why in text(pilot))
            assert errand_page(pilot).phase is Phase.PLANNED

        # The plan that was saved stands in the field of the approval already.
        assert "Still needed: Allowed signers" in text(pilot)
        await typed(pilot, "signers", str(signers))
        allow(signers, key, BOB)
        await refused("Nobody approved this plan")
        sign(plan, key)
        allow(signers, key, found.requester.account)
        await refused("a second person must sign")
        approval.save(other, replace(found, expires=(found.expiry - timedelta(hours=9)).isoformat()))
        sign(other, key)
        allow(signers, key, BOB)
        await typed(pilot, "approval", str(other))
        await refused("The approval expired at")
        asked_else = replace(found, asked=replace(found.asked, verb="commit"))
        other.unlink()
        approval.save(other, asked_else)
        await refused("The approval is for another plan")
        assert asked(served, item(pilot, "web-01").name) == 0

        await typed(pilot, "approval", str(plan))
        await pilot.press("y")
        await settled(pilot)
        await typed(pilot, "sign", str(tmp_path / "key"))
        await refused("This key has a passphrase.")
        secret = errand_page(pilot).query_one("#field-passphrase", FieldRow)
        secret.entry.focus()
        await settled(pilot)
        await pilot.press(*"word", "tab")
        await settled(pilot)
        assert "word" not in screen_text(pilot)
        await pilot.press("tab", "enter")
        await settled(pilot)
        await go(pilot, "do")
        await until(pilot, lambda: is_over(pilot), 60)
        folder, now = record(tmp_path, "web-01")
        assert [(one.principal, one.number) for one in now.authority.approvals] == [(BOB, found.number)]
        assert verify(folder, signers).signed.state == "refused"  # listed for approvals alone
        assert verify(folder).signed.key == KeySigner(key).fingerprint
        assert now.measures.rto.target == 90 * 60
        assert document == plan.read_bytes()


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
        await pilot.press("2", "escape", "2")
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
        kinds = [event.data for event in desk.vault.journal.events() if event.kind == approval.EVENT]
        assert [one["principal"] for one in kinds] == [BOB]


def allow(path: Path, key: Ed25519PrivateKey, principals: str) -> None:
    shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    public = key.public_key().public_bytes(*shape).decode()
    path.write_text(f'{principals} namespaces="{approval.NAMESPACE}" {public}\n')


def sign(plan: Path, key: Ed25519PrivateKey) -> None:
    text_ = approval.approve(plan.read_bytes(), KeySigner(key))
    approval.signature_path(plan).write_text(text_)
