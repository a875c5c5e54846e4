"""The top line says what is known, and a waiver is signed by who is there."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path

from screens.place import place
from screens.waive import signer
from services.journal.journal import Actor, Journal
from tests.screens.driving import Driver, driven, enter_step, lines, press, running, shell

ACCOUNT = {"name": "deploy-app", "objectId": "1", "tenant": "2", "kind": "application"}


def sign_in(pilot: Driver) -> None:
    """Leave behind what the step of the sign-in does."""
    desk = shell(pilot).desk
    assert desk.book is not None
    assert desk.view is not None
    desk.book.journal.save_facts(desk.view.engagement.id, "sign-in", {"sign-in.account": ACCOUNT})


def told(pilot: Driver) -> str:
    return "".join(cell.text for cell in place(shell(pilot).desk, practice=True, read_only=False))


@driven
async def test_what_is_only_configured_is_not_claimed(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        assert lines(pilot)[0] == "Lifeboat  PRACTICE  not signed in"


@driven
async def test_after_a_restart_it_names_who_was_found_to_be_signed_in(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        sign_in(pilot)
    async with running(tmp_path) as pilot:
        await press(pilot, "enter")
        assert lines(pilot)[0] == "Lifeboat  PRACTICE  deploy-app"


@driven
async def test_vault_and_subscription_are_named_once_their_steps_are_done(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        desk = shell(pilot).desk
        assert desk.view is not None
        desk.view = replace(desk.view, states={**desk.view.states, "subscription": "done"})
        assert told(pilot) == "Lifeboat  PRACTICE  sub Contoso-Prod  not signed in"
        desk.view = replace(desk.view, states={**desk.view.states, "vault": "done"})
        assert told(pilot) == "Lifeboat  PRACTICE  contoso-vault  sub Contoso-Prod  not signed in"


@driven
async def test_a_waiver_is_signed_by_who_is_signed_in_else_by_the_user_of_the_host(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        user = getpass.getuser()
        assert signer(shell(pilot).desk) == (
            user,
            f"Signed by {user}, the user of this host: nobody is signed in.",
        )
        sign_in(pilot)
    async with running(tmp_path) as pilot:
        await press(pilot, "enter")
        assert signer(shell(pilot).desk) == ("deploy-app", "Signed by deploy-app, who is signed in.")


@driven
async def test_a_journal_that_somebody_else_holds_is_seen_on_every_page(tmp_path: Path) -> None:
    held = Journal.open(tmp_path / "practice", "practice", Actor())
    try:
        async with running(tmp_path) as pilot:
            assert "READ-ONLY" in lines(pilot)[0]
    finally:
        held.close()
