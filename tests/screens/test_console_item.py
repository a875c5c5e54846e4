"""The lines of an item's page: whole at every width, plain about ages, with the answers to known errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from screens.console import words
from screens.console.item_lines import About, read_lines, standing, verb_lines
from screens.style import Line, as_text, wrapped
from services.recovery.item import parse_item
from services.recovery.points import RecoveryPoint

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GROUP = "/subscriptions/5a01a606-fc08-43b5-9742-ce28b000d426/resourceGroups/contoso-recovery-of-the-shop-rg"
LONG = "The Mobility service on the machine has lost its process server and writes to its own disk meanwhile."


def _json(**more: Any) -> dict[str, Any]:
    about = {
        "friendlyName": "app-01",
        "protectionState": "Protected",
        "protectionStateDescription": "Protected",
        "replicationHealth": "Critical",
        "policyFriendlyName": "contoso-policy-72h",
        "allowedOperations": ["TestFailover"],
        **more,
    }
    return {"id": "/x/replicationProtectedItems/a", "name": "a", "properties": about}


def _about() -> About:
    details = {
        "recoveryAzureVMName": "app-01",
        "recoveryAzureResourceGroupId": GROUP,
        "selectedRecoveryAzureNetworkId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/shop-vnet",
        "ipAddress": "10.1.0.11",
        "resyncProgressPercentage": 45,
        "protectedDisks": [{"diskName": "{0a1b}" * 20, "diskCapacityInBytes": 128 * 1024**3}],
    }
    points = [
        RecoveryPoint(str(n), str(n), "CrashConsistent", NOW - timedelta(minutes=5 * n)) for n in range(9)
    ]
    return About(details, points, [{"at": "2026-11-21T11:00:00Z", "what": LONG, "severity": "Error"}])


def _page(width: int, **more: Any) -> list[Line]:
    item = parse_item(_json(**more))
    return [
        *standing(item, 900, width, NOW),
        *verb_lines(item, (), width),
        *read_lines(item, _about(), width, NOW),
    ]


@pytest.mark.parametrize("width", [40, 58, 78, 118])
def test_every_line_fits_and_nothing_is_lost(width: int) -> None:
    shown = _page(width, healthErrors=[{"errorCode": "99999", "errorMessage": LONG, "possibleCauses": LONG}])
    assert [as_text([line]) for line in shown if cell_len(as_text([line])) > width] == []
    words_of = " ".join(as_text(shown).split())
    assert "".join("{0a1b}" * 20) in words_of.replace(" ", "")
    for piece in (
        "shop-vnet in contoso-recovery-of-the-shop-rg",
        "own disk meanwhile.",
        "upgrade no system.",
    ):
        assert piece.replace(" ", "") in words_of.replace(" ", "")


def test_a_known_error_stands_with_its_answer() -> None:
    wrong = {
        "errorCode": "78174",
        "errorMessage": "No heartbeat.",
        "possibleCauses": "A",
        "recommendedAction": "B",
    }
    shown = as_text(_page(78, healthErrors=[wrong]))
    assert "78174: No heartbeat." in shown
    assert "why     It is off, or its services are stopped." in shown
    assert "check   sc query svagents" in shown


def test_a_state_is_said_once() -> None:
    assert "state               protected\n" in as_text(_page(78))


@pytest.mark.parametrize(
    ("age", "said", "lost"),
    [(20, "just now", "under 1 min lost"), (7200, "2 h ago", "2 h lost"), (345600, "4 d ago", "4 d lost")],
)
def test_ages_read_as_sentences(age: int, said: str, lost: str) -> None:
    at = NOW - timedelta(seconds=age)
    assert words.ago(at, NOW) == said
    assert words.lost(at, NOW) == lost


def test_what_is_not_shown_is_counted() -> None:
    assert "the newest 8 of 9" in as_text(_page(78))


def test_what_runs_in_azure_has_no_rpo() -> None:
    assert "RPO                 not measured now\n" in as_text(_page(78, activeLocation="Recovery"))
    assert "In Azure it is\n" in as_text(_page(78, activeLocation="Recovery"))


def test_a_name_with_hyphens_is_never_broken_at_one() -> None:
    path = "/state/evidence/drill_contoso-shop_2026-11-22T14-05-18_13c7fc53b43c"
    assert as_text(wrapped(f"Evidence: {path}", 70)).splitlines() == ["Evidence:", path]
