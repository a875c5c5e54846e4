"""Every field that may lack its value has an example that the answers file takes."""

from __future__ import annotations

import tomllib

import pytest

from services.scenario.answers import Answers
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.examples import example
from services.scenario.model import Field, Kind, Step
from services.scenario.validate import mistake

ASKED = [(step, item) for step in AZURE_STACK_TO_AZURE.steps for item in step.fields if item.required]


@pytest.mark.parametrize(("step", "item"), ASKED, ids=lambda one: getattr(one, "id", "") or one.key)
def test_an_example_is_of_the_fields_own_kind_and_passes_its_check(step: Step, item: Field) -> None:
    (value,) = tomllib.loads(example(step.id, item)).values()
    if item.kind not in (Kind.ACCEPTANCE, Kind.PATH, Kind.YES_NO):
        assert mistake(item, value, Answers(AZURE_STACK_TO_AZURE, {}, {})) is None
