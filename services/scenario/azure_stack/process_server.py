"""A stand-alone process server: handed over to a person, and seen when the vault lists it (AS-2.1, AS-8.7)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.azure.replication import Json
from services.changes.plan import Change, Plan
from services.operations.asking import wait_until
from services.scenario.answers import Answers
from services.scenario.azure_stack.papers import process_server_paper
from services.scenario.azure_stack.server_machine import size_for
from services.scenario.azure_stack.server_view import REFRESH_EVERY, process_servers, refresh
from services.scenario.azure_stack.vault import replication
from services.scenario.model import Action, Field
from services.scenario.session import Session

PAPER = "process-server.paper"


def _exceeded(answers: Answers) -> bool:
    return size_for(answers.number("server.machines"), answers.number("server.churn")) is None


def _wanted(answers: Answers) -> bool:
    """Whether one is asked for by name, or needed because no single server carries the load."""
    return bool(answers.text("registered.process-server")) or _exceeded(answers)


def listed(session: Session, name: str) -> Json | None:
    """The process server of that name in the vault, or None."""
    known = process_servers(session)
    return next((one for one in known if str(one.get("friendlyName", "")).lower() == name.lower()), None)


def _plan(session: Session) -> Plan:
    name = session.answers.text("registered.process-server")
    done = listed(session, name) if name else _paper(session)
    seen = {"process-server": name, "done": bool(done)}
    if done:
        return Plan("hand-over-process-server", looked_at=seen)
    detail = "command line, sizes and conditions of a stand-alone process server; no secret in it"
    changes = [Change("write", "paper", name or "process server", detail)]
    if name:
        changes.append(Change("wait", "process server", name, "set up by a person over RDP"))
    notes = ("One server cannot serve so many machines or so much changed data.",)
    return Plan(
        "hand-over-process-server",
        tuple(changes),
        looked_at=seen,
        notes=notes if _exceeded(session.answers) else (),
    )


def _paper(session: Session) -> Path | None:
    path = Path(session.facts.get(PAPER) or "")
    return path if path.is_file() else None


def _hand_over(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    name = session.answers.text("registered.process-server")
    path = process_server_paper(session, name)
    session.emit({"event": "hand-over", "path": str(path), "key": "genpassphrase.exe -n"})
    if name:
        reads = replication(session)
        wait_until(
            session,
            "process-server",
            lambda: listed(session, name),
            nudge=lambda: refresh(session, reads),
            nudge_every=REFRESH_EVERY,
        )
    servers = [{"id": one["id"], "name": one.get("friendlyName")} for one in process_servers(session)]
    return {PAPER: str(path), "server.process-servers": servers}


FIELD = Field(
    "process-server",
    "Stand-alone server",
    "The name of a Windows server that becomes a stand-alone process server. Empty: none. One is needed above "
    "200 machines or 2 TB of changed data a day.",
    required=False,
    claims=("AS-2.1", "AS-8.7"),
)
HAND_OVER = Action(
    "hand-over-process-server",
    ("AS-2.1", "AS-8.7"),
    "Set up a stand-alone process server",
    _plan,
    _hand_over,
    manual=(
        "Sign in to the new server over RDP and run Unified Setup there in process server mode, with the command "
        "line of the paper. This page goes on when the vault lists the server under Process servers; then it "
        "can be chosen in the replication settings."
    ),
    applies=_wanted,
)
