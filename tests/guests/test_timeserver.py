"""Time servers: the practice responder, and answers that must not be believed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.guests import timeserver
from services.guests.timeserver import offset
from services.practice.machines.sntp import answer
from services.problems.model import DeadlineError, ProblemError
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.support import ground, soon


def test_practice_time_servers_give_the_worlds_time(tmp_path: Path) -> None:
    with ground(tmp_path / "machines") as place:
        world = place.world(tmp_path)
        for server in ("time.windows.com", "time.nist.gov"):
            reading = offset(server, world, soon())
            # The round trip takes world time too: at 60 times speed a few milliseconds are a second.
            assert abs(reading.offset) <= reading.delay / 2 + 0.001
            assert reading.server == server


@contextmanager
def responder(reply: Callable[[bytes], bytes | None]) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    data, place = sock.recvfrom(512)
                except OSError:
                    return
                given = reply(data)
                if given is not None:
                    sock.sendto(given, place)

        threading.Thread(target=serve, daemon=True).start()
        yield sock.getsockname()[1]


def world_with(port: int, state: Path) -> World:
    now = datetime.now(UTC)
    dialer = MappedDialer({}, {"t": f"127.0.0.1:{port}"})
    return World("practice", "p", {}, Clock(now, now), dialer, state)


@pytest.mark.parametrize("minutes", [7, -6])
def test_offset_has_its_sign(tmp_path: Path, minutes: int) -> None:
    def ahead(data: bytes) -> bytes:
        return answer(data, (datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())

    with responder(ahead) as port:
        assert offset("t", world_with(port, tmp_path), soon()).offset == pytest.approx(minutes * 60, abs=1)


def test_answer_that_is_not_ours_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeserver, "PATIENCE", 0.2)

    def foreign(data: bytes) -> bytes:
        given = bytearray(answer(data, 0.0))
        given[24:32] = b"12345678"
        return bytes(given)

    with responder(foreign) as port, pytest.raises(ProblemError) as silent:
        offset("t", world_with(port, tmp_path), soon())
    assert silent.value.problems[0].code == "time-server-silent"


def test_server_without_time_of_its_own_is_not_believed(tmp_path: Path) -> None:
    def unset(data: bytes) -> bytes:
        given = bytearray(answer(data, 0.0))
        given[0] |= 0b11000000
        return bytes(given)

    with responder(unset) as port, pytest.raises(ProblemError) as silent:
        offset("t", world_with(port, tmp_path), soon())
    assert "not set" in silent.value.problems[0].raw


def test_lost_packet_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeserver, "PATIENCE", 0.2)
    seen: list[bytes] = []

    def second(data: bytes) -> bytes | None:
        seen.append(data)
        return answer(data, datetime.now(UTC).timestamp()) if len(seen) > 1 else None

    with responder(second) as port:
        assert abs(offset("t", world_with(port, tmp_path), soon()).offset) < 5
    assert len(seen) == 2


def test_silent_server_ends_at_the_deadline(tmp_path: Path) -> None:
    with responder(lambda _data: None) as port, pytest.raises(DeadlineError):
        offset("t", world_with(port, tmp_path), Deadline(0.3))


def test_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as silent:
        offset("other", world_with(1, tmp_path), soon())
    assert silent.value.problems[0].code == "time-server-silent"
