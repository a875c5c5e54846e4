"""A set-up belongs to one cloud, tenant and subscription: another one refuses it, both named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.changes.plan import Plan
from services.journal.journal import Journal
from services.problems.model import RefusedError
from services.scenario.azure_stack import belonging
from services.scenario.run import Exit, exit_of
from services.scenario.session import Session
from tests.screens import small

FIRST = {"sign-in.cloud": "AzureCloud", "sign-in.tenant": "organizations", "subscription.subscription": "S1"}


@dataclass
class Engaged:
    """What the check is given, over a real journal."""

    journal: Journal
    engagement_id: int
    given: dict[str, str]
    practice: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        return self.journal.facts(self.engagement_id)

    @property
    def answers(self) -> Any:
        return SimpleNamespace(text=self.given.__getitem__)

    @property
    def world(self) -> Any:
        return SimpleNamespace(practice=self.practice, id="practice")


@pytest.fixture
def engaged(tmp_path: Path) -> Iterator[Engaged]:
    book = small.book(tmp_path / "state")
    number = book.begin(small.SMALL).id
    book.journal.save_facts(number, "sign-in", {"sign-in.account": {"tenant": "T1"}})
    yield Engaged(book.journal, number, dict(FIRST))
    book.journal.close()


def look(engaged: Engaged) -> None:
    belonging.CHECK.look(cast(Session, engaged))


def remember(engaged: Engaged) -> None:
    belonging.REMEMBER.apply(cast(Session, engaged), Plan("remember-world"))


def test_the_same_subscription_goes_on(engaged: Engaged) -> None:
    look(engaged)
    remember(engaged)
    look(engaged)
    assert engaged.facts["world"] == "azurecloud/t1/s1"


@pytest.mark.parametrize(
    "change", [{"subscription.subscription": "S2"}, {"sign-in.cloud": "AzureChinaCloud"}]
)
def test_another_subscription_is_refused_with_both_named(engaged: Engaged, change: dict[str, str]) -> None:
    remember(engaged)
    engaged.given.update(change)
    # A changed answer drops what its step left behind, but not where the set-up began.
    engaged.journal.drop_facts(engaged.engagement_id, ["subscription"])
    with pytest.raises(RefusedError) as caught:
        look(engaged)
    assert "azurecloud/t1/s1" in str(caught.value)
    assert belonging.world_of(cast(Session, engaged)) in str(caught.value)
    assert exit_of(caught.value) is Exit.REFUSED


def test_another_tenant_of_the_account_is_refused(engaged: Engaged) -> None:
    remember(engaged)
    engaged.journal.save_facts(engaged.engagement_id, "sign-in", {"sign-in.account": {"tenant": "T2"}})
    with pytest.raises(RefusedError, match="azurecloud/t2/s1"):
        look(engaged)
