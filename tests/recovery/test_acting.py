"""Right before sending, and after: what has moved is refused, another's job is named, a death sends nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.azure.verb_bodies import verbs_of
from services.journal.journal import Journal
from services.journal.model import Actor, OperationRow
from services.journal.operations import operations
from services.problems.model import Problem, ProblemError, RefusedError
from services.recovery import acting, drill, drill_runs, run, verify
from services.recovery.item import ProtectedItem
from services.recovery.run import Run
from services.recovery.vault import Vault
from services.scenario.existing_vault import open_vault
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.practice_world import ledger, running_world, set_faults

Open = Callable[[], tuple[Vault, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("acting"), items=60, speed=3000.0) as described:
        yield described


@pytest.fixture
def opened(world: dict[str, Any], tmp_path: Path) -> Iterator[Open]:
    """Opens the vault with a journal of its own, and what is emitted; again after a death with the same one."""
    journals: list[Journal] = []

    def again() -> tuple[Vault, list[dict[str, Any]]]:
        for journal in journals:
            journal.close()
        journals.clear()
        here = practice_world(world, tmp_path)
        journals.append(Journal.open(tmp_path, here.id, Actor.here()))
        told: list[dict[str, Any]] = []
        return open_vault(here, journals[0], None, Deadline(60), lambda event: told.append(dict(event))), told

    yield again
    for journal in journals:
        journal.close()


def sent(hand: Run, item: ProtectedItem, before: Callable[[], object], fail: bool = False) -> OperationRow:
    vault = hand.vault
    network = f"{vault.ref.group_id}/providers/Microsoft.Network/virtualNetworks/drill-net"
    body = verbs_of(item.provider).drill(network, "")
    where = (*vault.reads.scope, item.fabric, item.container, item.name)

    def call(sdk: dict[str, Any]) -> Any:
        answer = vault.reads.sdk.replication_protected_items.begin_test_failover(*where, body, **sdk)
        if fail:
            raise KeyboardInterrupt
        return answer

    return acting.send(hand, "drill", item.id, body, call, before, watched=acting.targets_of(item))


def begun(vault: Vault, item: ProtectedItem) -> Run:
    return run.begin(vault, "drill", [item.id], [item.title], {}, Deadline(60))


def test_what_has_moved_since_it_was_shown_is_named(opened: Open) -> None:
    vault, _told = opened()
    item = vault.find("vm-00014")
    assert acting.refuse_if_moved(vault, item, item.moved).moved == item.moved
    as_json = [list(one) if isinstance(one, tuple) else one for one in item.moved]
    assert acting.refuse_if_moved(vault, item, as_json).id == item.id
    shown = ("Protected", "None", "Primary", ("TestFailover", "Commit"), "")
    with pytest.raises(RefusedError, match=r"allowed was TestFailover, Commit, is UnplannedFailover"):
        acting.refuse_if_moved(vault, item, shown)


def test_another_s_job_is_named_and_nothing_is_sent(opened: Open, world: dict[str, Any]) -> None:
    vault, _told = opened()
    item = vault.find("vm-00015")
    before = {"when": "before", "scenario": "UpdateVmProperties", "friendly": "Update", "seconds": 3000}
    set_faults(world, [{"id": "first", "path": "/testFailover$", "do": {"foreign": before}}])
    hand = begun(vault, item)
    with pytest.raises(ProblemError):
        sent(hand, item, lambda: None)
    count = len(ledger(world))
    again = begun(vault, item)
    with pytest.raises(RefusedError, match=r"did not start works on it: Update") as refusal:
        sent(again, item, lambda: acting.refuse_if_moved(vault, item, item.moved))
    assert refusal.value.problems[0].code == "foreign-job"
    assert len(ledger(world)) == count


def test_what_was_sent_is_not_sent_again_and_not_looked_at_before(
    opened: Open, world: dict[str, Any]
) -> None:
    vault, _told = opened()
    item = vault.find("vm-00016")
    row = sent(begun(vault, item), item, lambda: None)
    count = len(ledger(world))

    def never() -> None:
        raise AssertionError("it was sent already")

    vault, told = opened()
    hand = begun(vault, item)
    again = sent(hand, item, never)
    assert (again.job_id, len(ledger(world))) == (row.job_id, count)
    view = acting.follow(hand, again)
    assert view is not None
    kept = acting.job_of(hand, "drill", item.id)
    assert (kept["id"], kept["requestId"]) == (row.job_id, row.client_request_id)
    assert kept["activityId"].startswith(row.client_request_id)
    assert all(task["ended"] for task in kept["tasks"])
    assert hand.facts[f"at.sent.drill.{item.name}"] == row.service_date
    assert [event["event"] for event in told][:1] == ["operation"]


def test_a_request_whose_answer_was_never_read_is_found_by_its_job(
    opened: Open, world: dict[str, Any]
) -> None:
    vault, _told = opened()
    item = vault.find("vm-00018")
    with pytest.raises(KeyboardInterrupt):
        sent(begun(vault, item), item, lambda: None, fail=True)
    count = len(ledger(world))
    vault, _told = opened()

    def never() -> None:
        raise AssertionError("it is there already")

    row = sent(begun(vault, item), item, never)
    assert (row.adopted, bool(row.job_id), len(ledger(world))) == ("job", True, count)


def test_a_job_beside_ours_is_a_collision_once(opened: Open, world: dict[str, Any]) -> None:
    vault, told = opened()
    item = vault.find("vm-00019")
    after = {"when": "after", "scenario": "UpdateVmProperties", "friendly": "Update", "seconds": 60}
    set_faults(world, [{"id": "second", "path": "/testFailover$", "do": {"foreign": after}}])
    hand = begun(vault, item)
    row = sent(hand, item, lambda: None)
    acting.follow(hand, row, watched=acting.targets_of(item))
    collisions = [event for event in told if event["event"] == "collision"]
    assert [(one["scenario"], one["target"]) for one in collisions] == [("UpdateVmProperties", "vm-00019")]
    assert hand.facts["collisions"] == collisions


def left(hand: Run) -> None:
    """Nobody works on the run any more, as after a death."""
    with hand.in_hand():
        pass


def unsent(hand: Run, item: ProtectedItem) -> None:
    """A death between the intent and the sending."""

    def call(_sdk: dict[str, Any]) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acting.send(hand, "drill", item.id, {}, call, lambda: None)
    left(hand)


class Hurried(Deadline):
    """Waits for nothing."""

    def wait(self, seconds: float) -> None:
        self.check()


def test_a_job_that_stood_there_when_the_plan_was_shown_is_still_somebody_else_s(
    opened: Open, world: dict[str, Any]
) -> None:
    vault, _told = opened()
    item = vault.find("vm-00021")
    before = {"when": "before", "scenario": "UpdateVmProperties", "friendly": "Update", "seconds": 3000}
    set_faults(world, [{"id": "stands", "path": "/testFailover$", "do": {"foreign": before}}])
    with pytest.raises(ProblemError):
        sent(begun(vault, item), item, lambda: None)
    job = next(one for one in vault.jobs() if one.target == "vm-00021" and not one.over)
    shown = (*vault.find("vm-00021").moved[:-1], job.name)
    with pytest.raises(RefusedError, match=r"did not start works on it: Update"):
        acting.refuse_if_moved(vault, item, shown)


def test_a_run_that_asked_for_nothing_gives_way_to_one_with_a_new_clock(opened: Open) -> None:
    vault, _told = opened()
    item = vault.find("vm-00022")
    first = begun(vault, item)
    left(first)
    assert [one.engagement_id for one in run.cut_off(vault, Deadline())] == [first.engagement_id]
    again = begun(vault, item)
    assert again.engagement_id != first.engagement_id
    assert again.about.declared > first.about.declared
    assert run.cut_off(vault, Deadline()) == []


def test_a_run_is_let_go_when_nothing_of_it_is_found(opened: Open) -> None:
    vault, told = opened()
    item = vault.find("vm-00023")
    hand = begun(vault, item)
    unsent(hand, item)
    with pytest.raises(RefusedError, match="is not over"):
        run.begin(vault, "commit", [item.id], [item.title], {}, Deadline(60))
    run.let_go(hand, "let go by hand")
    assert [row.state for row in operations(vault.journal, hand.engagement_id)] == ["abandoned"]
    assert told[-1]["event"] == "run-closed"
    assert run.begin(vault, "commit", [item.id], [item.title], {}, Deadline(60)).about.verb == "commit"


def test_a_run_whose_job_runs_is_not_let_go(opened: Open) -> None:
    vault, _told = opened()
    item = vault.find("vm-00024")
    hand = begun(vault, item)
    with pytest.raises(KeyboardInterrupt):
        sent(hand, item, lambda: None, fail=True)
    left(hand)
    with pytest.raises(RefusedError, match="is not over"):
        run.let_go(hand, "let go by hand")
    assert [row.state for row in operations(vault.journal, hand.engagement_id)] == ["accepted"]


def test_an_intent_that_is_not_found_is_followed_no_longer_once_things_have_moved(opened: Open) -> None:
    vault, _told = opened()
    item = vault.find("vm-00025")
    hand = begun(vault, item)
    unsent(hand, item)

    def moved() -> None:
        raise RefusedError(Problem("item-moved", item.title, "It has changed."))

    with pytest.raises(RefusedError, match="has changed"):
        acting.send(hand, "drill", item.id, {}, lambda _sdk: None, moved)
    assert not acting.under_way(hand)


def test_a_job_that_is_gone_and_left_nothing_ends_its_operation(opened: Open) -> None:
    vault, _told = opened()
    item = vault.find("vm-00026")
    hand = begun(vault, item)
    row = replace(sent(hand, item, lambda: None), job_id="00000000-0000-0000-0000-000000000000")
    hand.deadline = Hurried()
    with pytest.raises(ProblemError, match="job no longer, and what was asked has not come true"):
        acting.follow(hand, row, done=lambda: False)
    assert not acting.under_way(hand)
    with pytest.raises(ProblemError, match="job no longer"):
        sent(hand, item, lambda: None)


def test_what_can_not_be_read_after_sending_does_not_end_a_drill_without_its_record(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_given: Any) -> None:
        raise ProblemError(Problem("azure", "vm-00027", "Azure did not answer."))

    monkeypatch.setattr(verify, "machine", unreadable)
    vault, _told = opened()
    shown = drill.plan(vault, [vault.find("vm-00027")], drill.Options(cleanup=True))
    ended = drill_runs.hold(drill_runs.begin(vault, shown, Deadline(60)), shown)
    assert ended.outcome == "failed"
    assert [one.what for one in ended.problems] == ["Azure did not answer."]
    assert (ended.evidence / "record.json").is_file()
    assert vault.find("vm-00027").scenario != "TestFailover"
