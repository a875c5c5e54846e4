"""A time server: SNTP (RFC 4330) over UDP, giving the world's time."""

from __future__ import annotations

import asyncio
import struct
from typing import cast

from services.practice.machines.ground import Clock

EPOCH = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (Unix)."""
PACKET = struct.Struct("!BBbbII4sQQQQ")


class TimeServer(asyncio.DatagramProtocol):
    """Answers client packets (mode 3); everything else is dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and len(data) >= PACKET.size and data[0] & 7 == 3:
            self._transport.sendto(answer(data, self._clock.now().timestamp()), addr)


def answer(request: bytes, seconds: float) -> bytes:
    """The reply to a client's packet at a moment (seconds since 1970, UTC)."""
    fields = PACKET.unpack(request[: PACKET.size])
    version = fields[0] >> 3 & 7
    moment = _stamp(seconds)
    # Stratum 2, precision 2**-20 s; the client's transmit time goes back as the originate time.
    return PACKET.pack(version << 3 | 4, 2, 6, -20, 0, 0, b"PRAC", moment, fields[10], moment, moment)


def _stamp(seconds: float) -> int:
    return int((seconds + EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
