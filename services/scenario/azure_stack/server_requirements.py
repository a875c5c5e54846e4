"""The requirements of the configuration server as checks of its step: one visit, one finding each."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from services.guests.model import Shell
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness import server_checks, server_facts, server_network, server_urls
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.readiness.server_checks import Wanted
from services.readiness.server_urls import Way
from services.scenario.azure_stack.readiness import doors
from services.scenario.azure_stack.server_machine import REQUIREMENTS, server_machine, size_for
from services.scenario.model import StepCheck
from services.scenario.session import Session
from services.text import plain

WHOLE = "cs-requirements"
TITLES = {
    "cs-hardware": "Its size, disks and free space",
    "cs-system": "Its Windows",
    "cs-roles": "No roles that are in the way",
    "cs-policies": "No group policies that are in the way",
    "cs-port": "Port 443 is free",
    "cs-address": "Its address is fixed",
    "cs-tls": "TLS and .NET",
    "cs-urls": "The documented names answer",
    "cs-storage-route": "The way to the storage account",
}
CLAIMS = {"cs-tls": ("AS-3.5",)}
WARN_ONLY = ("cs-address", "cs-storage-route")


def requirement_checks() -> tuple[StepCheck, ...]:
    """The first looks for all; each of the others is there to be known, waived and counted."""
    first = StepCheck(WHOLE, ("AS-3.4",), "It meets the requirements", _look)
    rest = (
        StepCheck(check, CLAIMS.get(check, ("AS-3.4",)), title, _with_the_first, check not in WARN_ONLY)
        for check, title in TITLES.items()
    )
    return first, *rest


def _with_the_first(_session: Session) -> Sequence[Finding]:
    """Its finding comes with those of the first, which signs in once for all of them."""
    return ()


def _look(session: Session) -> Sequence[Finding]:
    machine = server_machine(session)
    if session.facts.get("server.fabric"):
        return [_registered(machine.name, check) for check in TITLES]
    try:
        with contextlib.closing(doors(session, [machine])(machine, session.deadline)) as shell:
            return _all(session, shell)
    except CancelledError:
        raise
    except ProblemError as error:
        session.deadline.check()
        return [_not_seen(machine.name, error.problems[0])]


def _all(session: Session, shell: Shell) -> list[Finding]:
    answers, target, deadline = session.answers, session.answers.text("server.name"), session.deadline
    endpoint = storage_host(session)
    facts = server_facts.gather(shell, endpoint, deadline)
    tried = server_urls.names(answers.text("sign-in.cloud"), endpoint)
    return [
        server_checks.hardware(target, facts, _wanted(session)),
        server_checks.system(target, facts),
        server_checks.roles(target, facts),
        server_checks.policies(target, facts),
        server_network.port(target, facts),
        server_network.address(target, facts, answers.text("server.address")),
        server_network.tls(target, facts),
        *server_urls.look(shell, target, tried, way(session), deadline),
        server_network.storage_route(target, facts, endpoint),
    ]


def storage_host(session: Session) -> str:
    """The endpoint of the log account, where one is named already; else one that every cloud has."""
    answers = session.answers
    suffix = session.world.clouds[answers.text("sign-in.cloud")].storage_suffix
    name = answers.text("target.storage-account") if answers.field("target.storage-account") else ""
    blob = suffix if suffix.startswith("blob.") else f"blob.{suffix}"
    return f"{name}.{blob}" if name else ""


def way(session: Session) -> Way:
    """How the server reaches Azure, as far as that was answered."""
    answers = session.answers
    if not answers.field("setup.connection"):
        return Way()
    kind = answers.text("setup.connection")
    place = f"{answers.text('setup.proxy-address')}:{answers.number('setup.proxy-port')}"
    return Way(kind, place if kind == "custom" else "")


def _wanted(session: Session) -> Wanted:
    answers = session.answers
    size = size_for(answers.number("server.machines"), answers.number("server.churn"))
    return Wanted(size.cores, size.memory, size.cache) if size else Wanted()


def _registered(target: str, check: str) -> Finding:
    what = "Registered already: what setup asks for is behind it."
    return Finding(check, target, Status.OK, what, source=REQUIREMENTS)


def _not_seen(target: str, problem: Problem) -> Finding:
    what = problem.what[:1].upper() + problem.what[1:]
    return Finding(
        WHOLE,
        target,
        Status.UNKNOWN,
        f"{plain(what)} So its size, roles, policies, ports and names were not looked at.",
        (seen(f"sign in to {target}", f"{problem.code}: {problem.raw or problem.what}"),),
        cause=problem.cause,
        fix=f"{problem.remedy} Or compare the server with the requirements by hand (8 cores, 16 GB, three disks with "
        "twice 600 GB free, Windows Server 2012 R2 or 2016 in English, no AD DS, IIS or Hyper-V, port 443 free, a "
        "fixed address) and waive this check with what you saw.",
        source=REQUIREMENTS,
    )
