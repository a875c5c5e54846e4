"""Step 3, last parts: the server appears in the vault, then the account for the push installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.azure import inmage_azure_v2 as provider
from services.azure.replication import Json, Replication
from services.changes.plan import Change, Plan
from services.operations.asking import wait_until
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack import process_server
from services.scenario.azure_stack.key import require_life
from services.scenario.azure_stack.key_file import delete_keys, plan_key_deletion
from services.scenario.azure_stack.machines import machines_of
from services.scenario.azure_stack.permission_steps import permission_check
from services.scenario.azure_stack.server_restart import SERVER_RESTART
from services.scenario.azure_stack.server_view import (
    REFRESH_EVERY,
    accounts,
    details,
    refresh,
    server_fabric,
)
from services.scenario.azure_stack.setup_run import EXIT
from services.scenario.azure_stack.vault import replication, vault_ref
from services.scenario.model import Action, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

ARTICLE = "Azure Stack article, steps 3 and 5, 2026-09-21"


def _plan_registered(session: Session) -> Plan:
    fabric = server_fabric(session, replication(session))
    servers = provider.server_details(fabric).get("processServers") if fabric else None
    name = session.answers.text("server.name")
    change = Change("wait", "configuration server", name, "until it and its process server show in the vault")
    return Plan("await-server", () if servers else (change,), looked_at={"registered": bool(servers)})


def _await_server(session: Session, _plan: Plan) -> Mapping[str, Any]:
    reads = replication(session)

    def registered() -> Json | None:
        fabric = server_fabric(session, reads)
        if fabric is None and session.facts.get(EXIT) is None:
            # Somebody at the server has not registered it yet, and cannot with a key that has run out.
            require_life(session)
        return fabric if fabric and provider.server_details(fabric).get("processServers") else None

    fabric = wait_until(session, "configuration-server", registered)
    container = wait_until(
        session, "protection-container", lambda: next(iter(reads.containers(fabric["name"])), None)
    )
    servers = provider.server_details(fabric)
    return {
        "server.fabric": fabric["name"],
        "server.container": container["name"],
        "server.heartbeat": servers.get("lastHeartbeat"),
        "server.version": servers.get("agentVersion"),
        "server.process-servers": [
            {"id": one["id"], "name": one.get("friendlyName")} for one in servers["processServers"]
        ],
    }


def _health(session: Session) -> Sequence[Finding]:
    fabric = server_fabric(session, replication(session))
    if fabric is None:
        return []
    about = provider.server_details(fabric)
    health = str(fabric["properties"].get("health", "Normal"))
    seen = Evidence(
        "GET replicationFabrics",
        f"health {health}, last contact {about.get('lastHeartbeat')}, version {about.get('agentVersion')}",
    )
    good = health == "Normal"
    return [
        Finding(
            "server-health",
            session.answers.text("server.name"),
            Status.OK if good else Status.WARNING,
            "The configuration server is in contact with the vault."
            if good
            else f"Azure says of the configuration server: {health}.",
            (seen,),
            source="Troubleshoot the process server, 2019-09-09",
        )
    ]


def _stale(session: Session) -> str | None:
    known = replication(session).fabric(session.facts["server.fabric"])
    return None if known else _("The configuration server is no longer in the vault.")


REGISTERED = Step(
    id="registered",
    stage="source",
    title="The server appears in the vault",
    short="In the vault",
    excerpt="Setup has registered it. The vault shows it, with its process server, after 15 minutes or longer.",
    claims=("AS-6.11",),
    after=("setup",),
    checks=(
        StepCheck("server-health", ("AS-6.10",), "The server is in contact", _health, blocking=False),
        SERVER_RESTART,
        permission_check(("refresh-provider",), lambda session: vault_ref(session).id),
    ),
    fields=(
        process_server.FIELD,
        Field(
            "delete-key",
            "Delete the key",
            "Once the server is registered, its key is not needed any more. The file is a secret: delete it.",
            Kind.YES_NO,
            default=True,
        ),
    ),
    actions=(
        Action("await-server", ("AS-6.11",), "Wait for the server", _plan_registered, _await_server),
        Action(
            "delete-key",
            ("AS-6.5",),
            "Delete the registration key file",
            plan_key_deletion,
            delete_keys,
            applies=lambda answers: answers.flag("registered.delete-key"),
        ),
        process_server.HAND_OVER,
    ),
    stale=_stale,
)


def wanted_accounts(session: Session) -> list[str]:
    """Names of the accounts that machines with push installation need."""
    kinds = {machine.os_type for machine in machines_of(session) if machine.mobility == "push"}
    named = {"Linux": "account.linux", "Windows": "account.windows"}
    return [session.answers.text(named[kind]) for kind in sorted(kinds)]


def _missing(session: Session) -> list[str]:
    there = accounts(session)
    return [name for name in wanted_accounts(session) if name not in there]


def _plan_account(session: Session) -> Plan:
    missing = _missing(session)
    changes = tuple(
        Change("wait", "account", name, "you add it in cspsconfigtool on the configuration server")
        for name in missing
    )
    return Plan("await-account", changes, looked_at={"missing": missing})


def _await_account(session: Session, _plan: Plan) -> Mapping[str, Any]:
    reads = replication(session)
    wait_until(
        session,
        "push-account",
        lambda: not _missing(session) or None,
        nudge=lambda: _refreshed(session, reads),
        nudge_every=REFRESH_EVERY,
    )
    about = details(session)
    return {
        "server.accounts": accounts(session),
        "server.last-contact": about.get("lastHeartbeat"),
    }


def _refreshed(session: Session, reads: Replication) -> None:
    """Refresh the server and say when it was last in contact (AS-8.14)."""
    refresh(session, reads)
    about = details(session)
    session.emit(
        {
            "event": "server",
            "name": session.answers.text("server.name"),
            "lastContact": about.get("lastHeartbeat"),
            "accounts": sorted(accounts(session)),
        }
    )


def _offers(answers: Answers) -> bool:
    return any(machine.mobility == "push" for machine in machines_of(answers))


def _look_accounts(session: Session) -> Sequence[Finding]:
    """Which of the wanted accounts the vault shows now."""
    there = accounts(session)
    seen = (Evidence("GET replicationFabrics, runAsAccounts", ", ".join(sorted(there)) or "none"),)
    return [
        Finding("account-seen", name, Status.OK, "The vault shows this account.", seen, source=ARTICLE)
        if name in there
        else Finding(
            "account-seen",
            name,
            Status.WARNING,
            "The vault does not show this account yet.",
            seen,
            cause="It was not added with this name, or the server has not reported it yet: 15 minutes or longer.",
            fix="Add it in cspsconfigtool as the plan says. The step waits until the vault shows it.",
            source=ARTICLE,
        )
        for name in wanted_accounts(session)
    ]


ACCOUNT = Step(
    id="account",
    stage="source",
    title="Account for the push installation",
    short="Push account",
    excerpt="You add it on the configuration server with cspsconfigtool. Microsoft documents no command for it.",
    claims=(),
    after=("registered", "machines"),
    applies=_offers,
    checks=(
        StepCheck("account-seen", ("AS-6.9",), "The vault shows the account", _look_accounts, blocking=False),
    ),
    fields=(
        Field(
            "linux",
            "Linux name",
            "The friendly name that you give the account in cspsconfigtool. The account is root on the machines.",
            default="linux-root",
        ),
        Field(
            "windows",
            "Windows name",
            "The friendly name that you give the account in cspsconfigtool. The account is an administrator.",
            default="windows-admin",
        ),
    ),
    actions=(
        Action(
            "await-account",
            ("AS-6.9", "AS-8.14"),
            "See the account in the vault",
            _plan_account,
            _await_account,
            manual=(
                "1. Sign in to the configuration server over RDP. 2. Start cspsconfigtool: its icon is on the "
                r"desktop, the program is C:\ProgramData\ASR\home\svsystems\bin\cspsconfigtool.exe. "
                "3. Choose Manage Accounts, then Add Account. 4. Type the friendly name exactly as above, then "
                r"user and password: for Linux root, for Windows DOMAIN\user or the bare name of a local "
                "administrator. Save. This page goes on when the vault shows the names. That takes 15 minutes or "
                "longer; the server is refreshed for you."
            ),
        ),
    ),
)
