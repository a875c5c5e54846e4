"""What the pages say is plain: no two fields of a step look the same, nothing claims what is not so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.guests.model import Machine
from services.readiness.model import Status
from services.scenario.azure_stack import by_hand
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.model import Step

ROOT = Path(__file__).parents[2]
MISLEADING = (
    "newest edition",
    "May: ",
    "May not yet",
    "as a VM in Azure can have",
    "has {given} values",
    "a machine twice",
    "By the number of machines alone",
    "may be skipped",
    "Its password",
    "left to your hand",
)


def sources() -> Iterator[Path]:
    for folder in ("services/scenario", "services/readiness"):
        yield from (ROOT / folder).rglob("*.py")
    yield from (ROOT / "assets" / "guidance" / "en").glob("*.md")


@pytest.mark.parametrize("words", MISLEADING)
def test_words_that_misled_are_gone(words: str) -> None:
    assert [path.name for path in sources() if words in path.read_text(encoding="utf-8")] == []


def test_cannot_is_one_word() -> None:
    found = [path for folder in ("services", "screens", "tui") for path in (ROOT / folder).rglob("*.py")]
    lines = [line.strip() for path in found for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if "can not " in line and not line.startswith('"""')] == []


@pytest.mark.parametrize("step", AZURE_STACK_TO_AZURE.steps, ids=lambda step: step.id)
def test_the_fields_of_a_step_have_captions_of_their_own(step: Step) -> None:
    captions = [item.caption for item in step.fields]
    assert sorted(set(captions)) == sorted(captions)


def test_what_is_looked_at_by_hand_names_a_command_and_says_where_it_runs() -> None:
    machines = [Machine("app-01", "10.1.0.11", "Linux"), Machine("web-01", "10.1.0.31", "Windows")]
    found = [*by_hand.for_machines(machines), *by_hand.for_server("cs-01")]
    assert [one.evidence[0].command.split()[0] for one in found] == ["ls", "netsh"]
    assert [one.status for one in found] == [Status.UNKNOWN, Status.UNKNOWN]
    assert [one.fix.split(" on ")[0] for one in found] == ["Run the command", "Run the command"]
