"""A plan that was shown is the plan that is applied, or nothing is."""

from __future__ import annotations

import pytest

from services.changes.plan import Change, Plan, refuse_if_moved, within
from services.problems.model import RefusedError

A, B = Change("create", "policy", "a"), Change("create", "policy", "b")


def test_the_same_world_is_let_through() -> None:
    refuse_if_moved(Plan("x", (A,), looked_at={"seen": 1}), Plan("x", (A,), looked_at={"seen": 1}))


def test_another_world_is_refused_and_named() -> None:
    with pytest.raises(RefusedError, match="seen"):
        refuse_if_moved(Plan("x", (A,), looked_at={"seen": 1}), Plan("x", (A,), looked_at={"seen": 2}))


def test_more_than_was_shown_is_refused() -> None:
    with pytest.raises(RefusedError):
        refuse_if_moved(Plan("x", (A,)), Plan("x", (A, B)))
    with pytest.raises(RefusedError):
        within(Plan("x", (A,)), Plan("x", (B,), looked_at={"seen": 2}))


def test_less_than_was_shown_is_let_through() -> None:
    refuse_if_moved(Plan("x", (A, B), looked_at={"left": 2}), Plan("x", (B,), looked_at={"left": 1}))
    assert within(Plan("x", (A, B)), Plan("x", (B,))).changes == (B,)
    assert within(Plan("x", (A,)), Plan("x")).empty
