"""What a step has left behind is told from its facts, also after a restart; lists come from Azure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.problems.model import ProblemError
from services.scenario.azure_stack.enable import ENABLE
from services.scenario.azure_stack.key import KEY
from services.scenario.azure_stack.registered import ACCOUNT
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.azure_stack.subscription_step import SUBSCRIPTION
from services.scenario.model import Field, Step
from services.scenario.session import Session

MADE = {"key.path": "/s/keys/1/v.VaultCredentials", "key.expires": "2026-11-26T12:00:00+00:00"}


def told(step: Step, facts: dict[str, Any]) -> str:
    assert step.left is not None
    return " ".join(step.left(facts))


def field(step: Step, key: str) -> Field:
    return next(item for item in step.fields if item.key == key)


def session(method: str, facts: dict[str, Any], answers: Callable[[str], list[dict[str, str]]]) -> Session:
    arm = SimpleNamespace(list=lambda path, _api: answers(path))
    stand_in = SimpleNamespace(
        answers=SimpleNamespace(text=lambda _key: method), facts=facts, azure=SimpleNamespace(arm=arm)
    )
    return cast(Session, stand_in)


def test_the_key_step_says_where_the_key_is_and_what_to_do_with_it() -> None:
    said = told(KEY, MADE)
    assert "/s/keys/1/v.VaultCredentials, valid until 2026-11-26 12:00 UTC" in said
    assert "copy the file to the server" in said
    assert told(KEY, {}) == ""


def test_a_deleted_key_is_not_said_to_be_there() -> None:
    said = told(KEY, {**MADE, "key.deleted": {"/s/keys/1/v.VaultCredentials": "00"}})
    assert said == "The key file /s/keys/1/v.VaultCredentials has served and was deleted."


def test_the_last_step_names_the_protected_machines() -> None:
    items = [{"name": "app-01", "state": "Protected", "health": "Normal", "recoveryPoints": 3}]
    assert told(ENABLE, {"items": items}) == "app-01: Protected, health Normal, recovery points: 3."
    assert told(ENABLE, {}) == ""


def test_the_account_step_says_where_the_tool_is_and_what_to_type() -> None:
    said = next(action.manual for action in ACCOUNT.actions)
    for part in (
        r"C:\ProgramData\ASR\home\svsystems\bin\cspsconfigtool.exe",
        "Manage Accounts, then Add Account",
        "friendly name",
        "user and password",
    ):
        assert part in said


def test_subscriptions_and_tenants_are_offered_from_azure() -> None:
    given = {
        "/tenants": [{"tenantId": "t1", "displayName": "Contoso", "defaultDomain": "contoso.example"}],
        "/subscriptions": [{"subscriptionId": "s1", "displayName": "Prod", "state": "Enabled"}],
    }
    who = session("azure-cli", {}, given.__getitem__)
    assert offered(SIGN_IN, "tenant", who) == [("t1", "Contoso", "contoso.example")]
    assert offered(SUBSCRIPTION, "subscription", who) == [("s1", "Prod", "Enabled")]


def offered(step: Step, key: str, who: Session) -> Sequence[tuple[str, str, str]]:
    offer = field(step, key).offer
    assert offer is not None
    return [(one.value, one.label, one.note) for one in offer(who)]


def test_nobody_is_made_to_sign_in_for_a_list_by_a_code_that_nobody_sees() -> None:
    who = session("device-code", {}, lambda _path: pytest.fail("asked"))
    with pytest.raises(ProblemError, match="nobody is signed in yet"):
        offered(SIGN_IN, "tenant", who)
