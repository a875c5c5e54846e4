"""A recovery plan under edit: groups, order, actions, and the service's limits."""

from __future__ import annotations

import pytest

from services.problems.model import RefusedError
from services.recovery import plan_draft as draft
from services.recovery.item import ProtectedItem, parse_item
from services.recovery.plans import BOOT, FAILOVER, SHUTDOWN, Group, RecoveryPlan


def item(name: str) -> ProtectedItem:
    return parse_item({"id": f"/v/{name}", "name": name, "properties": {"friendlyName": name}})


def plan(*boot: tuple[str, ...]) -> RecoveryPlan:
    groups = (
        Group(SHUTDOWN),
        Group(FAILOVER),
        *(Group(BOOT, tuple(f"/v/{one}" for one in items)) for items in boot),
    )
    return RecoveryPlan("/v/p", "p", "/f", "Microsoft Azure", "ResourceManager", groups)


def test_an_item_moves_between_boot_groups_and_nowhere_else() -> None:
    moved, at = draft.move(plan(("a", "b"), ("c",)), draft.Place(2, draft.ITEMS, 0), 1)
    assert [group.items for group in moved.groups[2:]] == [("/v/b",), ("/v/c", "/v/a")]
    assert at == draft.Place(3, draft.ITEMS, 1)
    with pytest.raises(RefusedError, match="boot groups"):
        draft.move(moved, at, 1)
    with pytest.raises(RefusedError, match="boot groups"):
        draft.move(plan(("a",)), draft.Place(2, draft.ITEMS, 0), -1)


def test_actions_keep_their_order_and_can_change_it() -> None:
    one = draft.add_manual(plan(("a",)), 2, draft.BEFORE, "call", "Call the hotline.")
    two = draft.add_manual(one, 2, draft.BEFORE, "dns", "Change DNS.")
    turned, at = draft.move(two, draft.Place(2, draft.BEFORE, 1), -1)
    assert [action.name for action in turned.groups[2].before] == ["dns", "call"]
    assert at.number == 0
    assert draft.move(turned, at, -1) == (turned, at)


def test_a_new_group_comes_behind_and_the_eighth_is_refused() -> None:
    grown = draft.add_group(plan(("a",), ("b",)), 2)
    assert [group.items for group in grown.groups] == [(), (), ("/v/a",), (), ("/v/b",)]
    assert draft.add_group(plan(("a",)), 0).groups[2].items == ()
    with pytest.raises(RefusedError, match="at most 7"):
        draft.add_group(plan(*[(str(number),) for number in range(7)]), 2)


def test_items_once_and_at_most_a_hundred() -> None:
    with pytest.raises(RefusedError, match="already"):
        draft.add_item(plan(("a",)), 2, item("A"))
    full = plan(tuple(f"m{number}" for number in range(100)))
    with pytest.raises(RefusedError, match="at most 100"):
        draft.add_item(full, 2, item("late"))


def test_only_an_empty_boot_group_goes() -> None:
    with pytest.raises(RefusedError, match="empty"):
        draft.remove(plan(("a",)), draft.Place(2))
    with pytest.raises(RefusedError, match="empty"):
        draft.remove(plan(("a",)), draft.Place(0))
    emptied = draft.remove(plan(("a",), ("b",)), draft.Place(3, draft.ITEMS, 0))
    assert len(draft.remove(emptied, draft.Place(3)).groups) == 3


def test_places_follow_the_lines() -> None:
    made = draft.add_manual(plan(("a", "b")), 2, draft.AFTER, "tell", "Tell them.")
    assert [(one.group, one.part, one.number) for one in draft.places(made)][2:] == [
        (2, draft.GROUP, 0),
        (2, draft.ITEMS, 0),
        (2, draft.ITEMS, 1),
        (2, draft.AFTER, 0),
    ]
