"""What time it is at Azure: the Date of a TLS answer, for hosts where UDP 123 is closed.

Loads requests; only workers import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from services.azure.transport import TrustingAdapter, trust
from services.world.deadline import Deadline
from services.world.model import Cloud, World


@dataclass(frozen=True)
class DateReading:
    """`date` is UTC with whole seconds; `asked` and `answered` are this world's time around the request."""

    url: str
    date: datetime
    asked: datetime
    answered: datetime


def service_date(world: World, cloud: Cloud, deadline: Deadline) -> DateReading | None:
    """Ask Resource Manager for nothing and read its Date header; None when it does not answer with one."""
    url = f"{cloud.arm}/"
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", TrustingAdapter(trust(world.ca_file), world.proxy))
        try:
            asked = world.clock.now()
            with session.head(url, timeout=deadline.left(), allow_redirects=False) as answer:
                answered = world.clock.now()
                date = parsedate_to_datetime(answer.headers["Date"])
        except (requests.RequestException, OSError, KeyError, ValueError):
            deadline.check()
            return None
    return DateReading(url, date, asked, answered) if date.tzinfo else None
