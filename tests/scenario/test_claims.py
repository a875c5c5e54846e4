"""Every documented id up to AS-10, and AS-13, is answered by a step, a check, an action, a flow of the console, or
an explicit manual item."""

from __future__ import annotations

import importlib
import json
import re
from importlib import resources
from typing import Any

import pytest

from services.readiness.guest_checks import GUEST_CHECKS
from services.recovery.claims import CLAIMS
from services.scenario.azure_stack import by_hand
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.mending import KNOWN
from services.scenario.registry import SCENARIOS, TITLES

SUMMARIES = {"AS-14"}
GUIDANCE_IS_ENOUGH = ("overview", "architecture")
CHAPTERS = {*range(11), 13}


def items() -> list[dict[str, Any]]:
    text = (resources.files("assets") / "procedures" / "azure-stack-to-azure.json").read_text(
        encoding="utf-8"
    )
    found: list[dict[str, Any]] = json.loads(text)["items"]
    return [item for item in found if item["id"] not in SUMMARIES and chapter(item["id"]) in CHAPTERS]


def chapter(documented: str) -> int:
    return int(re.fullmatch(r"AS-(\d+)(\.\d+)?", documented)[1])  # type: ignore[index]


def claimed_by_work() -> set[str]:
    """Ids that something does, asks or looks at."""
    claims: set[str] = set()
    for step in AZURE_STACK_TO_AZURE.steps:
        for parts in (step.fields, step.checks, step.actions):
            claims.update(claim for part in parts for claim in part.claims)
    return claims | CLAIMS.keys() | {item.id for item in (*by_hand.MACHINE_ITEMS, *by_hand.SERVER_ITEMS)}


def claimed_by_guidance() -> set[str]:
    return {claim for step in AZURE_STACK_TO_AZURE.steps for claim in step.claims}


def claimed_by_hand() -> set[str]:
    """Ids for which a human is told what to do, where, and how it is seen that it was done."""
    told = {
        claim
        for step in AZURE_STACK_TO_AZURE.steps
        for one in step.actions
        if one.manual
        for claim in one.claims
    }
    told |= {claim.id for claim in CLAIMS.values() if claim.by_hand}
    return told | {item.id for item in (*by_hand.MACHINE_ITEMS, *by_hand.SERVER_ITEMS)}


@pytest.mark.parametrize("item", items(), ids=lambda item: item["id"])
def test_the_id_is_accounted_for(item: dict[str, Any]) -> None:
    if item["kind"] in GUIDANCE_IS_ENOUGH or chapter(item["id"]) == 2:
        assert item["id"] in claimed_by_guidance() | claimed_by_work()
    elif item["kind"] == "manual":
        assert item["id"] in claimed_by_hand()
    else:
        assert item["id"] in claimed_by_work()


@pytest.mark.parametrize("flow", sorted({flow for claim in CLAIMS.values() for flow in claim.flows}))
def test_each_flow_that_answers_an_id_is_there(flow: str) -> None:
    module, _, function = flow.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    "item", [item for item in items() if chapter(item["id"]) in (3, 4)], ids=lambda item: item["id"]
)
def test_what_must_be_ready_is_looked_at_mended_or_left_to_a_hand_by_name(item: dict[str, Any]) -> None:
    """Issue Readiness: a form that merely asks for it does not count for AS-3 and AS-4."""
    looked_at = {
        claim
        for step in AZURE_STACK_TO_AZURE.steps
        for parts in (step.checks, step.actions)
        for part in parts
        for claim in part.claims
    }
    mended = {claim for one in GUEST_CHECKS if has_fix(one.check.id) for claim in one.check.claims}
    assert item["id"] in looked_at | mended | claimed_by_hand()


def has_fix(check: str) -> bool:
    return any(fix.check == check for fix in KNOWN)


def test_nothing_claims_an_id_that_no_document_has() -> None:
    text = (resources.files("assets") / "procedures" / "azure-stack-to-azure.json").read_text(
        encoding="utf-8"
    )
    known = {item["id"] for item in json.loads(text)["items"]}
    assert claimed_by_work() | claimed_by_guidance() <= known


def test_keys_of_fields_and_steps_are_unique() -> None:
    steps = [step.id for step in AZURE_STACK_TO_AZURE.steps]
    assert len(set(steps)) == len(steps)
    for step in AZURE_STACK_TO_AZURE.steps:
        keys = [item.key for item in step.fields]
        assert len(set(keys)) == len(keys), step.id


def test_every_step_depends_on_earlier_steps_only() -> None:
    seen: set[str] = set()
    for step in AZURE_STACK_TO_AZURE.steps:
        assert set(step.after) <= seen, step.id
        seen.add(step.id)


def test_titles_known_beforehand_are_the_scenarios_own() -> None:
    assert {name: one.title for name, one in SCENARIOS.items()} == TITLES


def test_every_stage_is_declared() -> None:
    stages = {stage.id for stage in AZURE_STACK_TO_AZURE.stages}
    assert {step.stage for step in AZURE_STACK_TO_AZURE.steps} == stages
