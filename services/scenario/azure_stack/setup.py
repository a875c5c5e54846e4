"""Step 3, middle part: Unified Setup on the configuration server, by WinRM or handed over for RDP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.changes.plan import Change, Plan
from services.guests.unified_setup import RUN
from services.operations.asking import wait_until
from services.readiness.model import Evidence, Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack.key import key_path, life_left, require_life, useless
from services.scenario.azure_stack.papers import setup_paper
from services.scenario.azure_stack.server import clock_check
from services.scenario.azure_stack.server_view import server_fabric
from services.scenario.azure_stack.setup_run import (
    LICENCE,
    STARTED,
    ConfigurationServer,
    left_behind,
    server_name,
)
from services.scenario.azure_stack.vault import replication
from services.scenario.model import Action, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

WINRM, RDP = "winrm", "rdp"
SHORT_LIFE = timedelta(days=1)


def _by(method: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.text("setup.method") == method


def _custom(answers: Answers) -> bool:
    return _by(WINRM)(answers) and answers.text("setup.connection") == "custom"


def _licence(value: Any, _answers: Answers) -> str | None:
    if value == LICENCE:
        return None
    return _("'{value}' does not accept it; to accept, write: {licence}").format(value=value, licence=LICENCE)


def _port(value: Any, _answers: Answers) -> str | None:
    if value == 443:
        return _("443 is never used for replication data; 9443 is the default")
    return None if 1 <= value <= 65535 else _("{value} is not a port; give 1 to 65535").format(value=value)


def _look_key(session: Session) -> Sequence[Finding]:
    target = session.answers.text("vault.name")
    why, left = useless(session), life_left(session)
    seen = (Evidence("registration key", f"{left} left" if left else "none"),)
    source = "Azure Stack article, step 3, 2026-09-21"
    if why:
        fix = "Go back to the step 'key': a new one is made there."
        return [Finding("key-alive", target, Status.FAILED, why, seen, fix=fix, source=source)]
    if left is not None and left < SHORT_LIFE:
        what = f"The registration key runs out in {int(left.total_seconds() // 3600)} h."
        return [Finding("key-alive", target, Status.WARNING, what, seen, source=source)]
    return [Finding("key-alive", target, Status.OK, "The registration key is valid.", seen, source=source)]


def _unregistered(check: StepCheck) -> StepCheck:
    """Checks before setup mean nothing any more when the server is registered."""

    def look(session: Session) -> Sequence[Finding]:
        return [] if _registered(session) else check.look(session)

    return StepCheck(check.id, check.claims, check.title, look, check.blocking, check.applies)


def _registered(session: Session) -> bool:
    return server_fabric(session, replication(session)) is not None


def _plan_setup(session: Session) -> Plan:
    registered = _registered(session)
    left = left_behind(session, registered)
    if left and (registered or left == RUN):
        return _plan_rest(session, left)
    if registered:
        return Plan("run-setup")
    answers = session.answers
    name = answers.text("server.name")
    changes = [
        Change(
            "write", "credential files", name, "for SYSTEM and Administrators only; deleted when setup ends"
        ),
        Change(
            "start",
            "Unified Setup",
            name,
            "as a scheduled task under SYSTEM; installs MySQL too; 20 to 60 min",
        ),
    ]
    if answers.flag("setup.fetch"):
        detail = "from aka.ms/unifiedsetup, where the server does not have it"
        changes.insert(0, Change("write", "installer", name, detail))
    return Plan("run-setup", tuple(changes), looked_at={"registered": False})


def _plan_rest(session: Session, left: str) -> Plan:
    """The rest of a run that was started before: its end and its exit code, and what it leaves behind."""
    name = server_name(session)
    detail = "task, folder, console output, credential files and the installer that was fetched"
    changes = [Change("clean", "files of setup", name, detail)]
    if left == RUN:
        detail = "was started before; it is followed to its end, and its exit code read"
        changes.insert(0, Change("wait", "Unified Setup", name, detail))
    return Plan("run-setup", tuple(changes), looked_at={"left": left})


def _run_setup(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    with ConfigurationServer(session) as server:
        if server.left() == RUN:
            server.follow()
        elif _registered(session):
            server.clean_up()
        else:
            server.start()
            server.follow()
    return {"setup.licence": LICENCE, "setup.method": WINRM, STARTED: None}


def _plan_hand_over(session: Session) -> Plan:
    if _registered(session):
        return Plan("hand-over-setup")
    change = Change("wait", "Unified Setup", server_name(session), "run by a person over RDP")
    return Plan("hand-over-setup", (change,), looked_at={"registered": False})


def _hand_over(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    path = setup_paper(session)
    session.emit({"event": "hand-over", "path": str(path), "key": str(key_path(session))})
    wait_until(session, "unified-setup", lambda: _seen(session))
    return {"setup.method": RDP, "setup.hand-over": str(path)}


def _seen(session: Session) -> bool | None:
    if _registered(session):
        return True
    # With a key that has run out the person at the server cannot register it any more.
    require_life(session)
    return None


SETUP = Step(
    id="setup",
    stage="source",
    title="Unified Setup",
    excerpt="Installs the configuration server and its process server, and registers it in the vault.",
    claims=(),
    after=("server", "key"),
    fields=(
        Field(
            "method",
            "How",
            "Over WinRM it is run for you, and a lost link does not end it. Over RDP you run it yourself.",
            Kind.CHOICE,
            default=WINRM,
            choices=(Choice(WINRM, "Run it for me over WinRM"), Choice(RDP, "I run it myself over RDP")),
            claims=("AS-6.8",),
        ),
        Field(
            "third-party-licence",
            "Licence",
            f"Setup installs MySQL under a third-party licence. To accept it, write: {LICENCE}",
            Kind.ACCEPTANCE,
            suggest=lambda answers: answers.known.get("third-party-licence", ""),
            check=_licence,
            applies=_by(WINRM),
        ),
        Field("install-location", "Install on", "5 GB free are needed, 600 GB recommended.", default="D:\\"),
        Field(
            "connection",
            "Internet",
            "How the server reaches Azure. A proxy over HTTPS is not supported.",
            Kind.CHOICE,
            default="machine",
            choices=(
                Choice("machine", "With the proxy set on the server, if any"),
                Choice("direct", "Directly, without a proxy"),
                Choice("custom", "With a proxy given here"),
            ),
            applies=_by(WINRM),
        ),
        Field("proxy-address", "Proxy", "The proxy's address, without http://.", applies=_custom),
        Field(
            "proxy-port",
            "Proxy port",
            "The proxy's port.",
            Kind.NUMBER,
            default=8080,
            check=_port,
            applies=_custom,
        ),
        Field(
            "proxy-user",
            "Proxy user",
            "Empty where the proxy asks for none.",
            required=False,
            applies=_custom,
        ),
        Field(
            "proxy-secret",
            "Proxy password",
            "Where the password comes from. Its value is not kept.",
            Kind.SECRET,
            required=False,
            applies=_custom,
        ),
        Field(
            "data-port",
            "Data port",
            "For replication data; 443 is opened too, and is never used for data.",
            Kind.NUMBER,
            default=9443,
            check=_port,
            applies=_by(WINRM),
        ),
        Field(
            "mysql-root",
            "MySQL root",
            "Where its password comes from. Setup creates it.",
            Kind.SECRET,
            suggest=lambda answers: answers.known.get("mysql-root-secret", ""),
            applies=_by(WINRM),
        ),
        Field(
            "mysql-user",
            "MySQL user",
            "Where its password comes from. Setup creates it.",
            Kind.SECRET,
            suggest=lambda answers: answers.known.get("mysql-user-secret", ""),
            applies=_by(WINRM),
        ),
        Field(
            "installer",
            "Installer",
            "Its path on the server. Empty: the usual folders are searched.",
            required=False,
            applies=_by(WINRM),
        ),
        Field(
            "fetch",
            "Fetch it there",
            "If the server does not have it, it may fetch it from aka.ms/unifiedsetup.",
            Kind.YES_NO,
            default=False,
            suggest=lambda answers: bool(answers.known.get("third-party-licence")),
            applies=_by(WINRM),
        ),
    ),
    checks=(
        _unregistered(StepCheck("key-alive", ("AS-6.5",), "The registration key is valid", _look_key)),
        _unregistered(clock_check()),
    ),
    actions=(
        Action(
            "run-setup",
            ("AS-6.4", "AS-6.7", "AS-6.8"),
            "Run Unified Setup",
            _plan_setup,
            _run_setup,
            applies=_by(WINRM),
        ),
        Action(
            "hand-over-setup",
            ("AS-6.7",),
            "Hand Unified Setup over",
            _plan_hand_over,
            _hand_over,
            manual=(
                "Sign in to the configuration server over RDP, copy the registration key there, and run Unified Setup "
                "with the answers of this page. The page goes on when the server shows in the vault."
            ),
            applies=_by(RDP),
        ),
    ),
)
