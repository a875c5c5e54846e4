"""The journal keeps drills and failovers beside the set-ups; nothing takes them for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import UsageError
from services.recovery.vault import Vault
from services.scenario.inspection import Wanted, engagement_for
from services.scenario.registry import OWN
from services.world.build import live_world
from services.world.deadline import Deadline
from services.world.model import World
from services.world.settings import load
from tui.cli.globals import Globals
from tui.cli.vaults import opened_vault
from tui.cli.walk import list_engagements

SET_UP = "azure-stack-to-azure"
VAULT = {
    "vault.name": ("contoso-vault", True),
    "vault.resource-group": ("contosoRG", True),
    "subscription.subscription": ("2e0adbe9-3ffd-4606-8655-059b5e5357d5", True),
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return live_world(tmp_path, load({}, None))


@pytest.fixture
def journal(world: World) -> Iterator[Journal]:
    opened = Journal.open(world.state, world.id, Actor())
    opened.engagement("drill/app-01/20261121T100000000000Z", "recovery")
    yield opened
    opened.close()


def test_the_list_leaves_them_out(
    tmp_path: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.engagement("contoso", SET_UP)
    journal.engagement(OWN, SET_UP)
    assert list_engagements(Globals(state=tmp_path), False) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("contoso ")


def test_a_look_at_machines_takes_the_one_set_up(world: World, journal: Journal) -> None:
    with pytest.raises(UsageError):
        engagement_for(world, journal, Wanted())
    with pytest.raises(UsageError):
        engagement_for(world, journal, Wanted("drill/app-01/20261121T100000000000Z"))
    contoso = journal.engagement("contoso", SET_UP)
    assert engagement_for(world, journal, Wanted()) == contoso


def test_the_console_opens_the_set_ups_vault_after_a_look_at_machines(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "sign_in", lambda _vault: None)  # there is no Azure here
    journal.save_answers(journal.engagement("contoso", SET_UP).id, VAULT)
    journal.engagement(OWN, SET_UP)
    journal.close()
    with opened_vault(Globals(state=tmp_path), Deadline(), lambda _event: None) as vault:
        assert vault.ref.name == "contoso-vault"
