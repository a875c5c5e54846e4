"""Names that are not there are answered with the nearest that is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.names import meant
from services.problems.model import UsageError
from services.recovery.plans import find_plan
from services.recovery.vault import Vault


@pytest.mark.parametrize(
    ("find", "typed", "near"),
    [
        (lambda vault, name: vault.find(name), "ap-01", "app-01"),
        (lambda vault, name: vault.find(name), "WEB1", "web-01"),
        (find_plan, "contoso-shp", "contoso-shop"),
    ],
)
def test_an_item_and_a_recovery_plan(
    vault: Vault, find: Callable[[Vault, str], object], typed: str, near: str
) -> None:
    with pytest.raises(UsageError) as caught:
        find(vault, typed)
    assert caught.value.problems[0].remedy == f"Did you mean '{near}'?"


def test_all_names_are_listed_where_they_are_few_or_none_is_near() -> None:
    many = [f"vm-{number:05}" for number in range(30)]
    assert meant("app01", ["app-01", "db-01"]) == "Did you mean 'app-01'? Known: app-01, db-01."
    assert meant("vm-00017x", many) == "Did you mean 'vm-00017'?"
    assert meant("mail", many).startswith("Known: vm-00000, vm-00001,")
    assert meant("mail", []) == "Known: none."
