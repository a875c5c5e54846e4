"""Secrets: asked once for each answer, never taken for one another, never written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE as SCENARIO
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.world.test_worlds_apart import DESCRIPTION


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    world = replace(practice_world(DESCRIPTION, tmp_path), secrets={"a": "practice-secret"})
    journal = Journal.open(world.state, world.id, Actor.here())
    typed = {
        "sign-in.secret": "entra-secret-1",
        "server.secret": "server-secret-2",
        "setup.mysql-root": "root-3-root",
    }
    engagement = journal.engagement("test", SCENARIO.id)
    yield Walk(SCENARIO, world, journal, engagement, lambda _event: None, lambda key, _caption: typed[key])
    journal.close()


def test_what_was_typed_for_one_answer_is_not_taken_for_another(walk: Walk) -> None:
    session = walk.session(Deadline(5))
    asked = ("sign-in.secret", "server.secret", "setup.mysql-root")
    given = [session.secret("prompt", "Password", key) for key in asked]
    assert given == ["entra-secret-1", "server-secret-2", "root-3-root"]


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("sign-in", {"method": "service-principal", "secret": "hunter2-hunter2"}),
        (
            "machines",
            {"machines": [{"name": "a", "address": "10.0.0.1", "os": "Linux", "secret": "hunter2-hunter2"}]},
        ),
    ],
)
def test_a_secret_typed_where_a_reference_belongs_is_not_written_down(
    walk: Walk, step: str, values: dict[str, object]
) -> None:
    wrong = walk.save(SCENARIO.step(step), values)
    assert wrong
    assert "hunter2" not in str(wrong)
    walk.journal.close()
    for path in walk.world.state.rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path


def test_a_reference_is_kept(walk: Walk) -> None:
    walk.save(SCENARIO.step("sign-in"), {"secret": "practice:a"})
    assert walk.answers["sign-in.secret"] == "practice:a"
    assert (
        walk.session(Deadline(5)).secret("practice:a", "Client secret", "sign-in.secret") == "practice-secret"
    )
