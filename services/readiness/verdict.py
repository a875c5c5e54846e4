"""The verdict on an operating system: the service's own list first, else the editions, the newest leading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.readiness.live_list import lists, lists_sibling
from services.readiness.matrix import Answer, Fit, Matrix, matrix
from services.readiness.model import Status
from services.readiness.system import GuestSystem

LIVE_SOURCE = "The service's own list, replicationSupportedOperatingSystems"


@dataclass(frozen=True)
class Verdict:
    """Whether a system is supported, by which editions (ids, the newest first), and what to do.

    `conditions` are what the documents ask for beside the version, as sentences.
    """

    status: Status
    what: str
    cause: str = ""
    fix: str = ""
    source: str = ""
    editions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


def judge(
    system: GuestSystem, live: Sequence[Mapping[str, Any]] | None, known: Matrix | None = None
) -> Verdict:
    """Judge a system. `live` is the service's list for the provider when signed in, else None."""
    if not system.distribution:
        return _unknown(system)
    answers = (known or matrix()).answers(system)
    if live is not None:
        return _by_service(system, live, answers)
    return _by_editions(system, answers)


def _unknown(system: GuestSystem) -> Verdict:
    name = f" It calls itself: {system.full_name}." if system.full_name else ""
    return Verdict(
        Status.FAILED if system.full_name else Status.UNKNOWN,
        f"The operating system is in no edition of the support matrix.{name}"
        if system.full_name
        else "The operating system could not be found out.",
        cause="Only the systems of the support matrix can run the Mobility service.",
        fix="Look at the machine's system by hand and compare it with the matrix.",
        source=", ".join(edition.named for edition in matrix().editions[:1]),
    )


def _by_service(system: GuestSystem, live: Sequence[Mapping[str, Any]], answers: list[Answer]) -> Verdict:
    allowed = [answer for answer in answers if answer.fit is Fit.ALLOWED]
    ids = tuple(answer.edition.id for answer in allowed)
    if lists(live, system):
        refused = next((answer for answer in answers if answer.fit is Fit.REFUSED), None)
        if not allowed and refused:
            return Verdict(
                Status.WARNING,
                f"The service lists {system.title}, but {refused.reasons[0]}.",
                cause="The service's list names versions only; the limits stand in the documents.",
                fix=_remedy(refused.reasons[0]),
                source=f"{LIVE_SOURCE}; {refused.edition.named}",
            )
        what = f"The service lists {system.title} as supported."
        return Verdict(Status.OK, what, source=LIVE_SOURCE, editions=ids, conditions=_conditions(allowed))
    return _not_listed(system, lists_sibling(live, system), allowed)


def _not_listed(system: GuestSystem, sibling: str, allowed: list[Answer]) -> Verdict:
    ids = tuple(answer.edition.id for answer in allowed)
    if allowed and sibling:
        return Verdict(
            Status.WARNING,
            f"The service lists {sibling} {system.version}, not {system.title}.",
            cause=f"Both take the same installer. {allowed[0].edition.named} names {system.title} itself.",
            fix="Try one such machine first, or ask Microsoft's support.",
            source=f"{LIVE_SOURCE}; {allowed[0].edition.named}",
            editions=ids,
            conditions=_conditions(allowed),
        )
    documents = f" An older document allows it: {allowed[0].edition.named}." if allowed else ""
    return Verdict(
        Status.FAILED,
        f"The service does not list {system.title} as supported.",
        cause=f"The service's own list decides.{documents}",
        fix="Move the application to a listed system, or waive this with the reason.",
        source=LIVE_SOURCE,
        editions=ids,
    )


def _by_editions(system: GuestSystem, answers: list[Answer]) -> Verdict:
    allowed = [answer for answer in answers if answer.fit is Fit.ALLOWED]
    ids = tuple(answer.edition.id for answer in allowed)
    newest = answers[0].edition
    if allowed and allowed[0].edition == newest:
        what = f"{system.title} is supported."
        return Verdict(Status.OK, what, source=newest.named, editions=ids, conditions=_conditions(allowed))
    if allowed:
        return _only_older(system, answers, allowed)
    unproven = next((answer for answer in answers if answer.fit is Fit.UNPROVEN), None)
    if unproven:
        return Verdict(
            Status.WARNING,
            f"Whether {system.title} is supported cannot be told: {unproven.reasons[0]}.",
            cause=_silence(answers[0]),
            fix="Sign in to Azure first: the service's own list decides. Or look the version up by hand.",
            source=unproven.edition.named,
            conditions=_conditions([unproven]),
        )
    return _nowhere(system, answers)


def _only_older(system: GuestSystem, answers: list[Answer], allowed: list[Answer]) -> Verdict:
    leading = allowed[0]
    return Verdict(
        Status.WARNING,
        f"Only an older edition allows {system.title}: {leading.edition.named}.",
        cause=_silence(answers[0]),
        fix="Try one such machine first, or ask Microsoft's support; a newer system is the safe way.",
        source=leading.edition.named,
        editions=tuple(answer.edition.id for answer in allowed),
        conditions=_conditions(allowed),
    )


def _nowhere(system: GuestSystem, answers: list[Answer]) -> Verdict:
    refused = next((answer for answer in answers if answer.fit is Fit.REFUSED), None)
    if refused is None:
        return Verdict(
            Status.FAILED,
            f"No edition of the support matrix has {system.title}.",
            cause="The Mobility service is not made for it; push installation ends with error 95213.",
            fix="Upgrade the machine before it is protected, or protect it in another way.",
            source=answers[0].edition.named,
        )
    reason = refused.reasons[0]
    return Verdict(
        Status.FAILED,
        f"{system.title} is not supported as it is: {reason}.",
        cause=f"{refused.edition.named} names the system with this limit.",
        fix=_remedy(reason),
        source=refused.edition.named,
    )


def _silence(newest: Answer) -> str:
    if newest.fit is Fit.REFUSED:
        return f"{newest.edition.named} has it with a limit: {newest.reasons[0]}."
    return f"{newest.edition.named} does not have it. {newest.edition.note}".strip()


def _remedy(reason: str) -> str:
    if reason.startswith(("kernel", "the kernel")):
        return "Boot a kernel of the list, and keep it from being updated while the machine is protected."
    if reason.startswith("Service Pack"):
        return "Install the service pack."
    return "Upgrade or reinstall the machine before it is protected, or protect it in another way."


def _conditions(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentence for answer in answers for sentence in answer.conditions))
