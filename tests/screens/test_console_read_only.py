"""A console that was started read-only: every command of every page is driven, and the server sees no change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from screens.commands import BACK, Command
from screens.console.drill_errands import CleanupErrand, DrillErrand
from screens.console.errand import Errand
from screens.console.errand_page import ErrandPage, Phase
from screens.console.history_page import HistoryPage
from screens.console.item_errands import errands_of
from screens.console.item_page import ItemPage
from screens.console.items_page import ItemsPage
from screens.console.job_page import VaultJobPage
from screens.console.jobs_page import VaultJobsPage
from screens.console.plan_errands import WriteErrand
from screens.console.plan_errands import errands_of as errands_of_plan
from screens.console.plans_page import PlansPage
from screens.console.servers_page import ServersPage
from screens.console.vault_desk import VaultDesk
from screens.page import Page
from screens.step.buttons import Buttons
from screens.step.fields import TextRow
from services.recovery.item import ProtectedItem
from services.recovery.plan_draft import new_plan
from services.recovery.plans import recovery_plans
from tests.practice_world import ledger, running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, page, shell, until

QUIET = (BACK.id,)


def test_no_command_of_any_page_changes_anything(tmp_path: Path) -> None:
    driven: set[tuple[str, str]] = set()

    async def walk() -> None:
        with running_world(tmp_path / "world", items=16, jobs=2, speed=60) as world:
            before = ledger(world)
            async with console(world, tmp_path, read_only=True) as pilot:
                desk = _desk(pilot)
                for make in _pages(desk):
                    await _drive(pilot, make, driven)
            assert ledger(world) == before

    asyncio.run(walk())
    # The pages were really there: what matters most was among what was driven.
    verbs = {command for _page, command in driven}
    assert {
        "drill",
        "verb-drill",
        "verb-failover",
        "verb-commit",
        "verb-cleanup",
        "settings",
        "write",
    } <= verbs


def test_no_errand_sends_anything_even_when_it_is_confirmed(tmp_path: Path) -> None:
    reached: set[str] = set()

    async def walk() -> None:
        with running_world(tmp_path / "world", items=12, speed=600) as world:
            before = ledger(world)
            async with console(world, tmp_path, read_only=True) as pilot:
                for errand in _errands(_desk(pilot)):
                    reached.add(await _confirm(pilot, errand))
            assert ledger(world) == before

    asyncio.run(walk())
    assert Phase.REFUSED in reached
    assert Phase.OVER not in reached


def _desk(pilot: Driver) -> VaultDesk:
    found = shell(pilot).desk.console
    assert found is not None
    return found


def _pages(desk: VaultDesk) -> list[Callable[[], Page]]:
    assert desk.seen is not None
    assert desk.vault is not None
    items = _one_of_each(desk)
    plan = recovery_plans(desk.vault)[0]
    running = next(name for name, job in desk.seen.jobs.items() if not job.over)
    from screens.console.plan_edit_page import PlanEditPage

    def item_page(item_id: str) -> Callable[[], Page]:
        return lambda: ItemPage(desk, item_id)

    return [
        lambda: ItemsPage(desk),
        *(item_page(item.id) for item in items),
        lambda: VaultJobsPage(desk),
        lambda: VaultJobPage(desk, running),
        lambda: ServersPage(desk),
        lambda: HistoryPage(desk),
        lambda: PlansPage(desk),
        lambda: PlanEditPage(desk, plan),
    ]


def _one_of_each(desk: VaultDesk) -> list[ProtectedItem]:
    """An item of each provider and set of verbs that Azure lets through."""
    assert desk.seen is not None
    found = {(item.provider, item.allowed): item for item in reversed(list(desk.seen.items.values()))}
    return list(reversed(found.values()))


def _errands(desk: VaultDesk) -> list[Errand]:
    assert desk.seen is not None
    assert desk.vault is not None
    items = _one_of_each(desk)
    found: list[Errand] = [DrillErrand((items[0],)), CleanupErrand((items[0],))]
    for item in items:
        found += [make() for make in errands_of(item).values()]
    for plan in recovery_plans(desk.vault):
        found += [make() for make in errands_of_plan(plan).values()]
    return [*found, WriteErrand(new_plan(desk.vault, "plan-9", (items[0],)))]


async def _open(pilot: Driver, make: Callable[[], Page]) -> Page:
    shell(pilot).post_message(Page.Go(make))
    await settled(pilot)
    return page(pilot)


async def _drive(pilot: Driver, make: Callable[[], Page], driven: set[tuple[str, str]]) -> None:
    """Run every command of a page, each on a fresh one."""
    opened = await _open(pilot, make)
    await asyncio.sleep(0)
    commands: tuple[Command, ...] = opened.commands
    for command in commands:
        if command.id in QUIET:
            continue
        await _open(pilot, make)
        shell(pilot).run_command(command)
        await settled(pilot)
        driven.add((type(opened).__name__, command.id))
        here = page(pilot)
        if isinstance(here, ErrandPage):
            await _through(pilot, here)


async def _confirm(pilot: Driver, errand: Errand) -> str:
    desk = _desk(pilot)
    here = await _open(pilot, lambda: ErrandPage(desk, errand))
    assert isinstance(here, ErrandPage)
    return str(await _through(pilot, here))


async def _through(pilot: Driver, here: ErrandPage) -> Phase:
    """Take an errand as far as it goes: values as they stand, names typed, plan confirmed."""
    await until(pilot, lambda: here.phase is not Phase.PREPARING, 60)
    if here.phase is Phase.ASKING:
        await settled(pilot)
        here._plan()
    await until(pilot, lambda: here.phase not in (Phase.ASKING, Phase.PLANNING), 60)
    if here.phase is Phase.PLANNED and here.shown is not None and not here.shown.nothing:
        await settled(pilot)
        for row in here.query_one("#consent").query(TextRow):
            row.input.value = here.shown.name if row.item.key == "name" else "because"
        await settled(pilot)
        while "do" not in here.query_one(Buttons).names:
            here.turn("pagedown")
            await settled(pilot)
        here._do()
        await until(pilot, lambda: _phase(here) is not Phase.DOING, 60)
    return _phase(here)


def _phase(here: ErrandPage) -> Phase:
    return here.phase
