"""Time servers: how far a clock is from theirs, by SNTP (RFC 4330)."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import UTC, datetime

import ntplib

from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

PORT = 123
PATIENCE = 5.0
"""Real seconds to wait for one answer; a lost packet is asked for once more."""
TRIES = 2


@dataclass(frozen=True)
class TimeReading:
    """One comparison with a time server.

    `offset` is in seconds, positive when the server is ahead of this world's clock; `delay` is the round
    trip in seconds; `at` is the world's time when the answer came.
    """

    server: str
    offset: float
    delay: float
    at: datetime


def offset(server: str, world: World, deadline: Deadline) -> TimeReading:
    """Compare the world's clock with a time server; ProblemError `time-server-silent`."""
    deadline.check()
    try:
        host, port = world.dialer.datagram(server, PORT)
        family, kind, protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as sock:
            sock.connect(place)
            for attempt in range(TRIES):
                try:
                    return _asked(sock, server, world, deadline)
                except TimeoutError:
                    deadline.check()
                    if attempt == TRIES - 1:
                        raise
    except (OSError, ntplib.NTPException) as error:
        raise _silent(server, str(error)) from error
    raise AssertionError


def _asked(sock: socket.socket, server: str, world: World, deadline: Deadline) -> TimeReading:
    asked = ntplib.NTPPacket(version=4, mode=3, tx_timestamp=_ntp(world.clock.now()))
    request = asked.to_data()
    sock.send(request)
    while True:
        sock.settimeout(deadline.left(PATIENCE))
        data = sock.recv(256)
        received = world.clock.now()
        # What does not carry our own time back is no answer to us.
        if len(data) >= 48 and data[24:32] == request[40:48]:
            break
    stats = ntplib.NTPStats()
    stats.from_data(data)
    if stats.mode != 4 or stats.stratum in (0, 16) or stats.leap == 3:
        raise ntplib.NTPException("the server says that its own clock is not set")
    stats.dest_timestamp = _ntp(received)
    return TimeReading(server, stats.offset, stats.delay, received.astimezone(UTC))


def _ntp(moment: datetime) -> float:
    seconds: float = ntplib.system_to_ntp_time(moment.timestamp())
    return seconds


def _silent(server: str, raw: str) -> ProblemError:
    return ProblemError(
        Problem(
            "time-server-silent",
            server,
            _("the time server gave no usable answer."),
            _("UDP port 123 is closed on the way, or the name leads nowhere."),
            _("Name a time server of your own network, or compare with the Date of a TLS answer."),
            raw=raw,
        )
    )
