"""Before anything else: what Microsoft says of this scenario, how it is built, and its goal."""

from __future__ import annotations

from typing import Any

from services.scenario.answers import Answers
from services.scenario.model import Choice, Field, Kind, Step
from services.text import _

NEWEST_EDITION = "2026-09-21"
"""ms.date of the Azure Stack article that prescribes the classic configuration server (read 2026-11-20)."""


def _edition(value: Any, _answers: Answers) -> str | None:
    if value == NEWEST_EDITION:
        return None
    return _("'{value}' is not the date of the notice shown, {date}").format(value=value, date=NEWEST_EDITION)


def _rehearsed_edition(answers: Answers) -> str:
    return answers.known.get("support-notice", "")


SUPPORT = Step(
    id="welcome-support",
    stage="before",
    title="What Microsoft says of this scenario",
    short="Microsoft says",
    excerpt="Microsoft contradicts itself about the classic configuration server. Read both sides, then choose.",
    claims=(
        "AS-0.2",
        "AS-0.3",
        "AS-0.4",
        *(f"AS-1.{number}" for number in range(1, 9)),
    ),
    fields=(
        Field(
            "route",
            "How to go on",
            "An existing classic vault can go on; a vault made since 15 March 2023 is modernized only.",
            Kind.CHOICE,
            default="existing-classic-vault",
            suggest=lambda answers: answers.known.get("route", "existing-classic-vault"),
            choices=(
                Choice(
                    "existing-classic-vault",
                    "I have a classic vault and know that its support may have ended",
                ),
                Choice("rehearse", "I want to learn or rehearse"),
            ),
        ),
        Field(
            "notice",
            "Date of the notice",
            "The date of the notice that you have read: type that of the newest page shown here.",
            Kind.ACCEPTANCE,
            suggest=_rehearsed_edition,
            check=_edition,
        ),
    ),
)

ARCHITECTURE = Step(
    id="architecture",
    stage="before",
    title="How it is built",
    short="Architecture",
    excerpt="One configuration server on the Stack, the Mobility service on each VM, a vault in Azure.",
    claims=tuple(f"AS-2.{number}" for number in range(1, 10)),
)


def _fixed(wanted: str, why: str) -> Any:
    def check(value: Any, _answers: Answers) -> str | None:
        if value == wanted:
            return None
        return _("'{value}' does not lead here; this scenario needs '{wanted}': {why}").format(
            value=value, wanted=wanted, why=_(why)
        )

    return check


GOAL = Step(
    id="goal",
    stage="vault",
    title="Protection goal",
    short="Goal",
    excerpt="Three answers that the portal asks for. For this scenario only one set of them is right.",
    claims=(),
    fields=(
        Field(
            "location",
            "Machines are",
            "To Azure, a machine on Azure Stack Hub is on-premises.",
            Kind.CHOICE,
            default="on-premises",
            choices=(Choice("on-premises", "On-premises"), Choice("azure", "In Azure")),
            check=_fixed("on-premises", "Azure Stack Hub counts as on-premises."),
            claims=("AS-5.2",),
        ),
        Field(
            "target",
            "Replicate to",
            "Where the replicas live.",
            Kind.CHOICE,
            default="azure",
            choices=(Choice("azure", "To Azure"), Choice("site", "To a second site")),
            check=_fixed("azure", "a second site is another scenario."),
        ),
        Field(
            "virtualized",
            "Virtualized",
            "Azure Stack Hub gives no hypervisor access, so its VMs are treated like physical computers.",
            Kind.CHOICE,
            default="not-virtualized",
            choices=(
                Choice("not-virtualized", "Not virtualized / Other"),
                Choice("hyper-v", "Yes, with Hyper-V"),
                Choice("vmware", "Yes, with VMware vSphere"),
            ),
            check=_fixed("not-virtualized", "Azure Stack Hub gives no hypervisor access."),
        ),
    ),
)
