"""How to sign in to an Azure Stack Hub: what is asked for which way."""

from __future__ import annotations

from typing import Any

import pytest

from services.scenario.answers import Answers
from services.scenario.azure_stack.hub_steps import HUB
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.validate import mistakes


def answers(**given: Any) -> Answers:
    return Answers(
        AZURE_STACK_TO_AZURE, {"hub.use": True, **{f"hub.{key}": value for key, value in given.items()}}, {}
    )


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("service-principal", {"client-id", "secret"}),
        ("certificate", {"client-id", "certificate", "certificate-password"}),
        ("device-code", set()),
    ],
)
def test_each_way_asks_for_what_it_needs(method: str, asked: set[str]) -> None:
    shown = set(answers(method=method).of_step(HUB))
    assert shown & {"client-id", "secret", "certificate", "certificate-password"} == asked


def test_a_device_code_is_not_offered_for_federation_services() -> None:
    assert "AD FS" in mistakes(HUB, answers(method="device-code", identity="adfs"))["method"]
    assert "method" not in mistakes(HUB, answers(method="device-code", identity="entra"))
    assert "method" not in mistakes(HUB, answers(method="certificate", identity="adfs"))


def test_a_certificate_that_is_not_there_is_named() -> None:
    wrong = mistakes(HUB, answers(method="certificate", certificate="/nowhere/hub.pem"))
    assert "/nowhere/hub.pem" in wrong["certificate"]
