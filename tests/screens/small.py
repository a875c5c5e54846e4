"""A small scenario with every kind of field, and a book on a real journal: no Azure, no network."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from screens.book import Book
from services.changes.plan import Change, Plan
from services.journal.journal import Actor, Journal
from services.problems.model import Problem, ProblemError
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.model import Action, Choice, Field, Kind, Scenario, Stage, Step, StepCheck
from services.scenario.session import Session
from services.world.clock import Clock
from services.world.dialer import DirectDialer
from services.world.model import World

KNOWN = {"vault": "contoso-vault", "subscription-name": "Contoso-Prod", "account": "op@contoso.example"}


class Hand:
    """How the test holds or bends the work of the scenario."""

    def __init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.refuse = ""
        self.notes: tuple[str, ...] = ("Nothing is replicated yet.",)
        self.applied: list[str] = []

    def wait(self, session: Session) -> None:
        """Wait until the test lets go; ends with the deadline, as a service call does."""
        while not self.hold.wait(0.02):
            session.deadline.check()


hand = Hand()


def _between(value: Any, _answers: Answers) -> str | None:
    return None if 15 <= value <= 1440 else f"{value} will not do: 15 to 1440 minutes"


def _look_name(session: Session) -> Sequence[Finding]:
    hand.wait(session)
    name = session.answers.text("policy.name")
    seen = (Evidence(f"GET policies/{name}", "404"),)
    if name == "taken":
        return [
            Finding(
                "name-free",
                name,
                Status.FAILED,
                "The vault has a policy of this name.",
                (Evidence("GET policies/taken", "200 \x1b[31mred\x1b[0m"),),
                cause="Somebody made it before.",
                fix="Choose another name.",
                source="Article, 2026-09-21",
            )
        ]
    return [Finding("name-free", name, Status.OK, "The name is free in the vault.", seen)]


def _plan_policy(session: Session) -> Plan:
    name = session.answers.text("policy.name")
    if session.facts.get("policy.id"):
        return Plan("create-policy")
    change = Change("create", "replication policy", name, "alert over 60 min")
    return Plan("create-policy", (change,), ("policies/write",), {"name": name}, hand.notes)


def job(state: str, second: str) -> dict[str, Any]:
    """A job event with two tasks."""
    return {
        "event": "job",
        "id": "8ef92677-0b1c-0000-0000-000000000000",
        "title": "Create policy",
        "scenario": "CreatePolicy",
        "state": state,
        "target": "contoso-policy",
        "started": "2026-11-20T10:02:00+00:00",
        "ended": None if state == "InProgress" else "2026-11-20T10:16:00+00:00",
        "retryAfter": 30,
        "tasks": [
            {
                "name": "Check",
                "title": "Prerequisites check",
                "state": "Succeeded",
                "started": "2026-11-20T10:02:00+00:00",
                "ended": "2026-11-20T10:02:02+00:00",
                "children": [],
            },
            {
                "name": "Install",
                "title": "Installing the policy",
                "state": second,
                "started": "2026-11-20T10:02:02+00:00",
                "ended": None,
                "children": [],
            },
        ],
    }


def _create(session: Session, plan: Plan) -> Mapping[str, Any]:
    if not plan.empty:
        session.emit(job("InProgress", "InProgress"))
        hand.wait(session)
        if hand.refuse:
            raise ProblemError(
                Problem(
                    "AuthorizationFailed",
                    "contoso-policy",
                    "Azure refused.",
                    cause="The account may not write policies.",
                    remedy="Ask for the role Site Recovery Contributor.",
                    check="az role assignment list",
                    source="Roles, 2024-01-01",
                    request_id="11111111-2222",
                    raw='{"error": {"code": "AuthorizationFailed"}}\x1b]0;evil\x07',
                )
            )
        session.emit(job("Succeeded", "Succeeded"))
        hand.applied.append(session.answers.text("policy.name"))
    return {"policy.id": "/policies/" + session.answers.text("policy.name")}


def _sign_in(session: Session) -> Sequence[Finding]:
    if session.answers.text("sign-in.method") == "secret":
        session.secret(session.answers.text("sign-in.secret"), "Client secret", "sign-in.secret")
    else:
        session.emit(
            {"event": "device-code", "code": "ABCD12345", "url": "https://example/device", "until": ""}
        )
        hand.wait(session)
    return [Finding("sign-in", "op", Status.OK, "Signed in.")]


def _machines_private(session: Session) -> Sequence[Finding]:
    rows = session.answers["machines.machines"]
    return [
        Finding(
            "private-address",
            row["name"],
            Status.OK if row["address"].startswith("10.") else Status.FAILED,
            "The address is private." if row["address"].startswith("10.") else "The address is public.",
            (Evidence("RFC 1918", row["address"]),),
            cause="" if row["address"].startswith("10.") else "Replication may not work as expected.",
            fix="Give the private address.",
            source="Article, 2026-09-21",
        )
        for row in rows
    ]


def _networks(_session: Session) -> Sequence[Choice]:
    return [Choice("recovery-net", "recovery-net", "westeurope"), Choice("other-net", "other-net")]


SMALL = Scenario(
    id="small",
    title="A small set-up",
    provider="InMageAzureV2",
    source="tests",
    stages=(Stage("before", "Before"), Stage("replicate", "1 Replicate")),
    steps=(
        Step("read", "before", "How it is built", "One server, one vault.", ()),
        Step(
            "sign-in",
            "before",
            "Sign in",
            "Every later step asks in your name.",
            (),
            fields=(
                Field(
                    "method",
                    "How to sign in",
                    "Choose one.",
                    Kind.CHOICE,
                    default="secret",
                    choices=(
                        Choice("secret", "Service principal with a secret"),
                        Choice("device-code", "Device code", "shows a code"),
                    ),
                ),
                Field(
                    "secret",
                    "Client secret",
                    "Where the secret comes from. Its value is not kept.",
                    Kind.SECRET,
                    default="practice:principal",
                    applies=lambda answers: answers.text("sign-in.method") == "secret",
                ),
            ),
            checks=(StepCheck("sign-in", (), "The sign-in works", _sign_in),),
        ),
        Step(
            "machines",
            "before",
            "The machines",
            "Name, address and system of each.",
            (),
            fields=(
                Field(
                    "machines",
                    "Machines",
                    "One line a machine.",
                    Kind.MACHINES,
                    default=[],
                    offer=lambda _session: [Choice("app-02,10.1.0.12,Linux", "app-02", "10.1.0.12")],
                ),
            ),
            checks=(StepCheck("private-address", (), "The address is private", _machines_private),),
        ),
        Step(
            "policy",
            "replicate",
            "Replication policy",
            "Says how far back you can go after a failover, and when you are warned that replication falls behind.",
            (),
            fields=(
                Field("name", "Name", "A name for the policy in the vault."),
                Field(
                    "rpo",
                    "RPO threshold",
                    "A warning only.",
                    Kind.NUMBER,
                    default=60,
                    unit="minutes",
                    check=_between,
                ),
                Field(
                    "network",
                    "Network",
                    "The network that VMs join.",
                    default="recovery-net",
                    offer=lambda _session: [
                        Choice("recovery-net", "recovery-net", "westeurope"),
                        Choice("other-net", "other-net"),
                    ],
                ),
                Field("fast", "Multi-VM", "Consistent over machines.", Kind.YES_NO, default=False),
            ),
            checks=(StepCheck("name-free", (), "The name is free", _look_name),),
            actions=(Action("create-policy", (), "Create the policy", _plan_policy, _create),),
            short="Policy",
        ),
        Step(
            "last",
            "replicate",
            "The end",
            "Nothing is left to do.",
            (),
            after=("policy",),
            left=lambda facts: ["app-01 is protected."] if facts.get("step.last") else [],
        ),
    ),
)


def world(state: Path) -> World:
    """A world without anybody to talk to."""
    moment = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    return World(
        kind="practice",
        id="practice",
        clouds={},
        clock=Clock(moment, moment),
        dialer=DirectDialer(),
        state=state,
        secrets={"principal": "s3cret-principal"},
        known=KNOWN,
    )


def book(state: Path) -> Book:
    """A book on a journal in `state`."""
    here = world(state)
    return Book(here, Journal.open(state, here.id, Actor.here("op@contoso.example")), {SMALL.id: SMALL})
