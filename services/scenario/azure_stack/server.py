"""Step 3: the VM that becomes the configuration server, its size and its clock."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.guests.model import Machine
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness import clock
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack import by_hand, machine_rules
from services.scenario.azure_stack.asking import known
from services.scenario.azure_stack.machines import machines_of
from services.scenario.azure_stack.readiness import doors, true_time
from services.scenario.azure_stack.server_machine import REQUIREMENTS, server_machine, size_for
from services.scenario.azure_stack.server_requirements import requirement_checks
from services.scenario.model import Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _, plain

NETBIOS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?")


def _name_mistake(value: Any, answers: Answers) -> str | None:
    if not NETBIOS.fullmatch(str(value)):
        rule = _("'{value}': the computer's name: 1 to 15 letters, digits and hyphens")
        return rule.format(value=plain(str(value), 60))
    return _is_protected(value, "name", answers)


def _address_mistake(value: Any, answers: Answers) -> str | None:
    if not machine_rules.is_private(str(value)):
        rule = _("'{value}' is no private IPv4 address such as 10.1.0.5")
        return rule.format(value=plain(str(value), 60))
    return _is_protected(value, "address", answers)


def _is_protected(value: Any, key: str, answers: Answers) -> str | None:
    for machine in machines_of(answers):
        if str(getattr(machine, key)).lower() == str(value).lower():
            twice = _("'{value}' is one of the machines to protect; the server must be a VM of its own")
            return twice.format(value=value)
    return None


def _positive(value: Any, _answers: Answers) -> str | None:
    return None if value > 0 else _("'{value}' must be 1 or more").format(value=value)


def _not_negative(value: Any, _answers: Answers) -> str | None:
    return None if value >= 0 else _("'{value}' must be 0 or more").format(value=value)


def _sizing(session: Session) -> Sequence[Finding]:
    answers = session.answers
    machines, churn = answers.number("server.machines"), answers.number("server.churn")
    target, size = answers.text("server.name"), size_for(machines, churn)
    evidence = (seen("sizing table", f"{machines} machines, {churn} GB a day"),)
    if size is None:
        return [
            Finding(
                "sizing",
                target,
                Status.WARNING,
                "One configuration server with its built-in process server is not enough.",
                evidence,
                cause="It serves at most 200 machines and 2 TB of changed data a day.",
                fix="Set up a stand-alone process server beside it, and choose it when replication is set up.",
                source=f"{REQUIREMENTS}; Set up a scale-out process server, 2018-07-06",
            )
        ]
    if churn:
        what = f"Needs {size.cores} cores, {size.memory} GB of memory and a cache disk of {size.cache} GB."
        return [Finding("sizing", target, Status.OK, what, evidence, source=REQUIREMENTS)]
    return [
        Finding(
            "sizing",
            target,
            Status.WARNING,
            f"The size cannot be said without the changed data. For {machines} machines the server needs at least "
            f"{size.cores} cores, {size.memory} GB of memory and a cache disk of {size.cache} GB.",
            evidence,
            cause="'Changed data' is 0. More changed data needs a larger server.",
            fix="Measure for a day or more how much data changes on all machines together, and enter it.",
            source=REQUIREMENTS,
        )
    ]


def clock_check() -> StepCheck:
    """The check that stops the setup: the server's clock, five minutes at most from the true time."""
    return StepCheck("cs-clock", ("AS-6.6",), "Its clock is right within five minutes", _clock)


def _clock(session: Session) -> Sequence[Finding]:
    machine = server_machine(session)
    true = true_time(session)
    try:
        shell = doors(session, [machine])(machine, session.deadline)
        with contextlib.closing(shell):
            zone = seen(clock.ZONE, shell.run(clock.ZONE, session.deadline).stdout)
            reading = clock.read(machine, shell, session.world.clock, session.deadline)
    except CancelledError:
        raise
    except ProblemError as error:
        session.deadline.check()
        return [_not_seen(machine, error.problems[0])]
    found = clock.finding("cs-clock", machine.name, reading, true, blocks=True)
    return [replace(found, evidence=(*found.evidence, zone)), clock.host_finding(true)]


def _not_seen(machine: Machine, problem: Problem) -> Finding:
    what = problem.what[:1].upper() + problem.what[1:]
    return Finding(
        "cs-clock",
        machine.name,
        Status.UNKNOWN,
        f"{plain(what)} So the clock was not read.",
        (seen(f"sign in to {machine.address}:5985", f"{problem.code}: {problem.raw or problem.what}"),),
        cause=problem.cause,
        fix=f"{problem.remedy} Or compare the clock on the server (w32tm /stripchart "
        "/computer:time.windows.com /samples:3) and waive this check with what you saw.",
        source=clock.SOURCE,
    )


def _by_hand(session: Session) -> Sequence[Finding]:
    return by_hand.for_server(session.answers.text("server.name"))


SERVER = Step(
    id="server",
    stage="source",
    title="The configuration server",
    short="Server",
    excerpt="A Windows VM in the Stack, in the same subscription and network as the machines.",
    claims=(),
    after=("machines",),
    fields=(
        Field(
            "name",
            "Server name",
            "The computer's name; Azure will show it by this name. No VM yet? Create it in the Hub portal.",
            suggest=known("server-name"),
            check=_name_mistake,
            claims=("AS-3.3", "AS-6.1", "AS-6.2", "AS-6.3"),
        ),
        Field(
            "address",
            "Address",
            "Its private, static address.",
            suggest=known("server-address"),
            check=_address_mistake,
        ),
        Field("user", "Account", "An administrator of the server.", default="Administrator"),
        Field(
            "secret",
            "Password",
            "Where the password is kept, never the password.",
            Kind.SECRET,
            suggest=known("server-secret"),
        ),
        Field(
            "machines",
            "Machines",
            "How many machines it will serve in the end. Its size follows from that.",
            Kind.NUMBER,
            suggest=lambda answers: max(1, len(machines_of(answers))),
            check=_positive,
            claims=("AS-2.1",),
        ),
        Field(
            "churn",
            "Changed data",
            "How much data changes on all of them together in a day. 0: not known yet.",
            Kind.NUMBER,
            default=0,
            unit="GB a day",
            check=_not_negative,
            claims=("AS-2.1", "AS-8.7"),
        ),
    ),
    checks=(
        StepCheck(
            "sizing", ("AS-2.1", "AS-8.7"), "Its size is enough for the machines", _sizing, blocking=False
        ),
        clock_check(),
        *requirement_checks(),
        StepCheck(
            by_hand.CHECK,
            by_hand.documented(by_hand.SERVER_ITEMS),
            "What you look at yourself",
            _by_hand,
            blocking=False,
        ),
    ),
)
