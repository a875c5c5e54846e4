"""Step 1, second part: are the machines ready? A sweep over all of them, and what is left to the hand."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from services.azure.inmage_azure_v2 import PROVIDER
from services.guests.model import Machine
from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.readiness import clock
from services.readiness.clock import Reading, TlsDate, TrueTime, measured
from services.readiness.doors import Accounts, Doors, KeyRules
from services.readiness.evidence import seen
from services.readiness.first_use import noting
from services.readiness.guest_checks import GUEST_CHECKS, REACHABLE
from services.readiness.live_list import supported_by
from services.readiness.model import Finding
from services.readiness.outside import Outside, from_server
from services.readiness.settings import DATA_PORT, Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.scenario.answers import Answers
from services.scenario.azure_stack import by_hand
from services.scenario.azure_stack.machines import list_moved, machines_of, remember_list
from services.scenario.azure_stack.server_machine import server_machine
from services.scenario.model import Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _
from services.world.deadline import Deadline

CHECKED = "readiness.digest"
"""Fact: the digest of the list of machines that was checked."""
ASK = "ask"
ACCEPT_NEW = "accept-new"


def doors(session: Session, machines: Sequence[Machine], accounts: Accounts | None = None) -> Doors:
    """The ways into these machines. Asks for secrets, so not for a thread of a pool.

    `accounts` is shared by the doors of one sweep, so that an account is refused once.
    """
    answers = session.answers
    rules = KeyRules(
        answers["readiness.host-keys"] == ACCEPT_NEW,
        allowed_names(answers.text("readiness.allow-sha1")),
        allowed_names(answers.text("readiness.allow-tls1")),
        noting(session.journal),
    )
    passphrases = _passphrases(session, machines)
    return Doors(session.world, _secrets(session, machines), rules, passphrases, accounts)


def allowed_names(text: str) -> frozenset[str]:
    """The machines named in an answer, in lower case."""
    return frozenset(text.lower().replace(",", " ").split())


def true_time(session: Session) -> TrueTime:
    """The true time as this world can know it: time servers, then the chosen cloud, then this host."""
    return clock.true_time(session.world, session.deadline, tls_date(session))


def tls_date(session: Session) -> TlsDate:
    """Reads the time from an answer of the chosen cloud."""

    def read(deadline: Deadline) -> Reading | None:
        from services.azure.service_date import service_date

        cloud = session.world.clouds[session.answers.text("sign-in.cloud")]
        found = service_date(session.world, cloud, deadline)
        if found is None:
            return None
        evidence = seen(f"HEAD {found.url}", f"Date: {found.date.isoformat()}")
        return measured("the Date of a TLS answer", found.date, found.asked, found.answered, 1.0, evidence)

    return read


def service_list(session: Session) -> Sequence[Mapping[str, Any]] | None:
    """The service's own list of systems, once the vault is there; None when it cannot be had."""
    if not session.facts.get("vault.id"):
        return None
    from services.scenario.azure_stack.vault import replication

    try:
        return supported_by({"supportedOsList": replication(session).supported_systems(PROVIDER)}, PROVIDER)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        return None


def settings(session: Session) -> Settings:
    """What the machines are asked to reach: the configuration server with its built-in process server."""
    answers = session.answers
    port = answers.number("setup.data-port") if answers.field("setup.data-port") else DATA_PORT
    return Settings(process_server=answers.text("server.address"), data_port=port)


def seen_from_server(
    session: Session, machines: Sequence[Machine], accounts: Accounts | None = None
) -> Outside:
    """Ports of the Windows machines as the configuration server sees them, where it lets us in unasked."""
    server = server_machine(session)
    pushed = [one for one in machines if one.os_type == "Windows" and one.mobility == "push"]
    if not pushed:
        return Outside()
    if not server.address or not server.secret or server.secret == "prompt":
        return Outside(why=_("No account of the configuration server is given yet, so it did not look."))
    try:
        with contextlib.closing(doors(session, [server], accounts)(server, session.deadline)) as shell:
            return from_server(shell, server.name, pushed, session.deadline)
    except CancelledError:
        raise
    except ProblemError as error:
        session.deadline.check()
        return Outside(
            why=_("The configuration server did not let us in: {why}").format(why=error.problems[0].what)
        )


def ground(session: Session, machines: Sequence[Machine]) -> Ground:
    """What all visits to these machines share. Asks for secrets and looks from the server: for one worker."""
    accounts = Accounts()
    return Ground(
        session.world,
        doors(session, machines, accounts),
        true_time(session),
        service_list(session),
        settings(session),
        seen_from_server(session, machines, accounts),
    )


def _secrets(session: Session, machines: Sequence[Machine]) -> dict[str, str | ProblemError]:
    found: dict[str, str | ProblemError] = {}
    for machine in machines:
        if machine.key and not machine.secret:
            continue
        try:
            found[machine.name] = session.secret(
                machine.secret, f"{machine.name}, {machine.user}", machine.secret_key
            )
        except CancelledError:
            raise
        except ProblemError as error:
            found[machine.name] = error
    return found


def _passphrases(session: Session, machines: Sequence[Machine]) -> dict[str, str | ProblemError]:
    found: dict[str, str | ProblemError] = {}
    for machine in machines:
        if machine.passphrase:
            caption = _("{machine}, passphrase of {key}").format(machine=machine.name, key=machine.key)
            try:
                found[machine.name] = session.secret(
                    machine.passphrase, caption, f"machines.{machine.name}-passphrase"
                )
            except CancelledError:
                raise
            except ProblemError as error:
                found[machine.name] = error
    return found


def _sweep(session: Session) -> Sequence[Finding]:
    machines = machines_of(session)
    shared = ground(session, machines)
    told: list[str] = []

    def tell(finding: Finding) -> None:
        told.append(finding.target)
        session.emit(
            {
                "event": "looked",
                "check": finding.id,
                "target": finding.target,
                "status": str(finding.status),
                "machines": len(set(told)),
                "of": len(machines),
            }
        )

    found = sweep(machines, shared, session.deadline, tell)
    return [clock.host_finding(shared.true_time), *found]


def _with_the_sweep(_session: Session) -> Sequence[Finding]:
    """Its findings come with those of the sweep, which visits a machine once for all checks."""
    return ()


def _swept() -> tuple[StepCheck, ...]:
    """A check of the step for each check of the sweep; those of both systems that share an id are one."""
    found: dict[str, StepCheck] = {}
    for declared in GUEST_CHECKS:
        check = declared.check
        if check is not REACHABLE:
            known = found.get(check.id)
            claims = tuple(dict.fromkeys((*(known.claims if known else ()), *check.claims)))
            found[check.id] = StepCheck(check.id, claims, check.title, _with_the_sweep, check.blocking)
    return tuple(found.values())


def _by_hand(session: Session) -> Sequence[Finding]:
    return by_hand.for_machines(machines_of(session))


def _host_keys(answers: Answers) -> str:
    return answers.known.get("host-keys", ASK)


READINESS = Step(
    id="readiness",
    stage="prepare",
    title="Readiness of the machines",
    short="Readiness",
    excerpt="Every machine is visited and checked; nothing on it is changed.",
    claims=(),
    after=("machines",),
    fields=(
        Field(
            "host-keys",
            "New SSH host keys",
            "For a machine that was never met: see its fingerprint first and give it in the list of machines, "
            "or let it in and remember it.",
            Kind.CHOICE,
            suggest=_host_keys,
            choices=(
                Choice(ASK, "Show the fingerprint first"),
                Choice(ACCEPT_NEW, "Accept and remember"),
            ),
        ),
        Field(
            "allow-sha1",
            "SHA-1 allowed for",
            "Names of machines so old that their SSH server knows nothing newer, separated by commas.",
            required=False,
        ),
        Field(
            "allow-tls1",
            "TLS 1.0 allowed for",
            "Names of machines whose WinRM over HTTPS knows nothing newer, as 2008 R2, separated by commas.",
            required=False,
        ),
    ),
    checks=(
        StepCheck("reachable", ("AS-4.16",), "Every machine lets us in", _sweep),
        *_swept(),
        StepCheck("host-clock", ("AS-6.6",), "This host's clock is right", _with_the_sweep, blocking=False),
        StepCheck(
            by_hand.CHECK,
            by_hand.documented(by_hand.MACHINE_ITEMS),
            "What you look at yourself",
            _by_hand,
            blocking=False,
        ),
    ),
    actions=(remember_list("remember-checked", CHECKED),),
    stale=lambda session: list_moved(session, CHECKED),
)
