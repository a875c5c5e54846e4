"""Step 5, second part: how the machines are replicated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import list_moved, machines_of
from services.scenario.azure_stack.readiness import CHECKED
from services.scenario.azure_stack.registered import wanted_accounts
from services.scenario.azure_stack.server_view import accounts as push_accounts
from services.scenario.azure_stack.server_view import process_servers
from services.scenario.model import Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

MACHINES_A_SERVER = 200
"""Above this many machines, or 2 TB of churn a day, a stand-alone process server is needed."""


def _planned(value: Any, _answers: Answers) -> str | None:
    return None if value is True else _("answer yes once this is planned; the portal asks the same")


def _offer_process_servers(session: Session) -> Sequence[Choice]:
    return [
        Choice(str(one["friendlyName"]), str(one["friendlyName"]), _load(one))
        for one in process_servers(session)
    ]


def _load(server: dict[str, Any]) -> str:
    return f"{server.get('ipAddress', '-')}, {server.get('machineCount', 0)} machines"


def process_server_id(session: Session) -> str:
    """The id of the chosen process server; the configuration server's own unless another was named."""
    wanted = session.answers.text("replication.process-server") or session.answers.text("server.name")
    return next(
        (
            str(one["id"])
            for one in process_servers(session)
            if str(one["friendlyName"]).lower() == wanted.lower()
        ),
        "",
    )


def _look_process_server(session: Session) -> Sequence[Finding]:
    servers = process_servers(session)
    names = ", ".join(f"{one['friendlyName']} ({_load(one)})" for one in servers)
    seen = (Evidence("GET replicationFabrics, processServers", names or "none"),)
    wanted = session.answers.text("replication.process-server") or session.answers.text("server.name")
    if not process_server_id(session):
        return [
            Finding(
                "process-server",
                wanted,
                Status.FAILED,
                "The vault shows no process server of this name.",
                seen,
                cause="The server is not registered yet, or it has another name.",
                fix="Choose one of the list; the step 'registered' hands a stand-alone one over.",
                source="Set up a scale-out process server, 2018-07-06",
            )
        ]
    if len(machines_of(session)) > MACHINES_A_SERVER and len(servers) == 1:
        return [
            Finding(
                "process-server",
                wanted,
                Status.WARNING,
                "There are more machines than one process server can serve.",
                seen,
                cause=f"One process server serves at most {MACHINES_A_SERVER} machines and 2 TB of changed data a day.",
                fix="Set up a stand-alone process server with the step 'registered', and spread the machines.",
                source="Configuration server requirements, 2018-09-03",
            )
        ]
    return [Finding("process-server", wanted, Status.OK, "The process server is registered.", seen)]


def _look_prepared(session: Session) -> Sequence[Finding]:
    done = session.facts.get("step.readiness") is not None and list_moved(session, CHECKED) is None
    seen = (Evidence("journal: step readiness", "complete for this list" if done else "not complete"),)
    if done:
        return [Finding("prepared", "machines", Status.OK, "Every machine was found ready.", seen)]
    return [
        Finding(
            "prepared",
            "machines",
            Status.FAILED,
            "Not every machine was found ready.",
            seen,
            cause="The list of machines has changed since it was checked, or it was never checked.",
            fix="Complete the step 'readiness' for every machine first.",
            source="Azure Stack article, step 5, 2026-09-21",
        )
    ]


def _look_accounts(session: Session) -> Sequence[Finding]:
    there = push_accounts(session)
    seen = (Evidence("GET replicationFabrics, runAsAccounts", ", ".join(sorted(there)) or "none"),)
    return [
        Finding("push-account", name, Status.OK, "The account is known to the configuration server.", seen)
        if name in there
        else Finding(
            "push-account",
            name,
            Status.FAILED,
            "The configuration server does not know this account.",
            seen,
            cause="It was not added in cspsconfigtool, or does not show in the vault yet (15 minutes or longer).",
            fix="Add it, or go back to the step 'account', which refreshes the server.",
            source="Install the Mobility service, 2023-03-31; Azure Stack article, step 5, 2026-09-21",
        )
        for name in wanted_accounts(session)
    ]


REPLICATION = Step(
    id="replication",
    stage="replicate",
    title="Replication settings",
    short="Replication",
    excerpt="Source, process server and network of the machines. Nothing is replicated yet.",
    claims=(),
    after=("target", "policy", "machines"),
    fields=(
        Field(
            "planning-done",
            "Planning done",
            "Whether bandwidth and cache were planned for what the machines write in a day. Yes: I have done it.",
            Kind.YES_NO,
            default=True,
            check=_planned,
            claims=("AS-8.2",),
        ),
        Field(
            "process-server",
            "Process server",
            "Empty: the configuration server's own. A stand-alone one is needed above 200 machines or 2 TB a day.",
            required=False,
            offer=_offer_process_servers,
        ),
        Field(
            "network-when",
            "Network",
            "One network for all machines now, or for each machine later.",
            Kind.CHOICE,
            default="now",
            choices=(
                Choice("now", "Configure now for the selected machines"),
                Choice("later", "Configure later, for each machine"),
            ),
            claims=("AS-8.8",),
        ),
    ),
    checks=(
        StepCheck("prepared", ("AS-8.3",), "Step 1 is complete for every machine", _look_prepared),
        StepCheck("process-server", ("AS-8.7",), "The process server is registered", _look_process_server),
        StepCheck("push-account", ("AS-8.10",), "The accounts are known", _look_accounts),
    ),
)
