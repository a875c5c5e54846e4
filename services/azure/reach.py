"""Whether a service can be reached from here, by which way, and what its certificate and clock say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from services.azure.diagnose import describe, presented, with_chain
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World


@dataclass(frozen=True)
class Reach:
    """How an endpoint answered. `problem` is None when it did, whatever the answer was.

    `ahead` is by how many seconds the service's clock is ahead of this host's, from the Date of its answer
    (whole seconds, so good to a second or two); None without one. `chain` is what it presents, in lines.
    """

    url: str
    way: str
    problem: Problem | None = None
    ahead: float | None = None
    chain: tuple[str, ...] = ()


def reach(url: str, world: World, deadline: Deadline) -> Reach:
    """Ask for the root of a service without a token; never raises for what the network does."""
    from azure.core.exceptions import AzureError

    way = _way(url, world)
    try:
        answer, asked = _asked(url, world, deadline)
    except AzureError as error:
        from services.problems.azure import from_exception

        found = with_chain(from_exception(error, url), world, deadline).problems[0]
        return Reach(url, way, found, chain=_chain(url, world, deadline))
    except ProblemError as error:
        return Reach(url, way, error.problems[0])
    return Reach(url, way, ahead=_ahead(str(answer.headers.get("Date") or ""), asked))


def _asked(url: str, world: World, deadline: Deadline) -> tuple[Any, datetime]:
    from azure.core.exceptions import HttpResponseError
    from azure.core.rest import HttpRequest

    from services.azure.transport import Transport

    transport = Transport(world, lambda: deadline)
    with transport:
        answer = transport.send(HttpRequest("GET", url))
        if answer.status_code == 407:
            raise HttpResponseError(response=answer)
        return answer, datetime.now(UTC)


def _way(url: str, world: World) -> str:
    parts = urlsplit(url)
    if world.proxy and world.proxy.serves(parts.hostname or "", parts.port or 443):
        return _("through {proxy}").format(proxy=world.proxy.shown)
    return _("directly")


def _chain(url: str, world: World, deadline: Deadline) -> tuple[str, ...]:
    parts = urlsplit(url)
    try:
        return tuple(describe(presented(parts.hostname or "", parts.port or 443, world, deadline)))
    except (OSError, ProblemError):
        return ()


def _ahead(date: str, asked: datetime) -> float | None:
    try:
        return (parsedate_to_datetime(date) - asked).total_seconds()
    except (TypeError, ValueError):
        return None
