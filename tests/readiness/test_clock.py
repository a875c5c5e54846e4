"""Clock skew: read over a network, judged by what is proven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readiness import clock
from services.readiness.clock import Reading, TrueTime, finding, host_finding, measured
from services.readiness.evidence import seen
from services.readiness.model import Status
from services.world.deadline import Deadline
from tests.readiness.shells import NOW, TRUE, Scripted, Steady, machine, world

NOTE = seen("date", "x")


def reading(offset: float, within: float = 0.0) -> Reading:
    return Reading("app-01", offset, within, NOTE)


@pytest.mark.parametrize(
    ("offset", "guest", "server"),
    [
        (0.0, Status.OK, Status.OK),
        (119.0, Status.OK, Status.OK),
        (-119.0, Status.OK, Status.OK),
        (121.0, Status.WARNING, Status.WARNING),
        (-299.0, Status.WARNING, Status.WARNING),
        (300.0, Status.WARNING, Status.WARNING),
        (301.0, Status.WARNING, Status.FAILED),
        (-301.0, Status.WARNING, Status.FAILED),
    ],
)
def test_five_minutes_warn_on_a_machine_and_stop_the_server(
    offset: float, guest: Status, server: Status
) -> None:
    assert finding("clock-skew", "app-01", reading(offset), TRUE, blocks=False).status is guest
    assert finding("cs-clock", "cs-01", reading(offset), TRUE, blocks=True).status is server


@given(
    true_offset=st.floats(-10_000, 10_000),
    trip=st.floats(0, 20),
    share=st.floats(0, 1),
    whole_seconds=st.booleans(),
)
def test_the_true_offset_is_always_within_what_is_told(
    true_offset: float, trip: float, share: float, whole_seconds: bool
) -> None:
    asked, answered = NOW, NOW + timedelta(seconds=trip)
    shown = asked + timedelta(seconds=trip * share + true_offset)
    resolution = 1.0 if whole_seconds else 0.0
    if whole_seconds:
        shown = shown.replace(microsecond=0)
    found = measured("x", shown, asked, answered, resolution, NOTE)
    assert abs(found.offset - true_offset) <= found.within + 0.001


def test_a_slow_line_is_never_held_against_a_machine() -> None:
    assert finding("cs-clock", "cs-01", reading(310.0, 20.0), TRUE, blocks=True).status is Status.WARNING
    assert finding("cs-clock", "cs-01", reading(330.0, 20.0), TRUE, blocks=True).status is Status.FAILED


def test_the_time_server_decides_not_this_host() -> None:
    host_is_behind = TrueTime(Reading("time.windows.com", 400.0, 0.0, NOTE))
    right = finding("cs-clock", "cs-01", reading(400.0), host_is_behind, blocks=True)
    assert right.status is Status.OK
    assert "against this host 6.7 min ahead" in right.what
    assert finding("cs-clock", "cs-01", reading(0.0), host_is_behind, blocks=True).status is Status.FAILED
    assert host_finding(host_is_behind).status is Status.WARNING


def test_a_wrong_time_zone_is_recognised() -> None:
    hours = finding("cs-clock", "cs-01", reading(-7_195.0), TRUE, blocks=True)
    assert "about 2 hours" in hours.cause
    assert "time zone" in hours.cause
    minutes = finding("cs-clock", "cs-01", reading(600.0), TRUE, blocks=True)
    assert "time zone belongs" not in minutes.cause


def test_a_clock_that_cannot_be_read_is_unknown() -> None:
    assert finding("cs-clock", "cs-01", None, TRUE, blocks=True).status is Status.UNKNOWN


def test_linux_is_asked_again_until_the_reading_is_good_and_the_best_counts() -> None:
    shown = str(int((NOW + timedelta(seconds=60)).timestamp())) + " UTC +0000\n"
    shell = Scripted(lambda _command: shown)
    found = clock.read(machine(), shell, Steady(tick=40.0), Deadline())
    assert found is not None
    assert len(shell.asked) == clock.SAMPLES
    assert found.within == pytest.approx(20.5)
    quick = Scripted(lambda _command: shown)
    near = clock.read(machine(), quick, Steady(), Deadline())
    assert near is not None
    assert (near.offset, near.within) == (60.5, 0.5)
    assert len(quick.asked) == 1


def test_windows_is_asked_by_powershell_then_by_wmic() -> None:
    def without_powershell(command: str) -> str:
        return "LocalDateTime=20261121110130.500000+120\r\r\n" if command.startswith("wmic") else ""

    windows = machine("web-01", "Windows")
    by_shell = clock.read(
        windows, Scripted(lambda _: "2026-11-21T09:01:30.5000000Z\r\n"), Steady(), Deadline()
    )
    by_wmic = clock.read(windows, Scripted(without_powershell), Steady(), Deadline())
    assert by_shell is not None
    assert by_wmic is not None
    assert by_shell.offset == by_wmic.offset == 90.5


@pytest.mark.parametrize("answer", ["", "bash: date: command not found", "99999999999999999999", "12:30"])
def test_what_is_no_time_is_no_reading(answer: str) -> None:
    shell = Scripted(lambda _command: answer)
    assert clock.read(machine(), shell, Steady(), Deadline()) is None
    assert clock.read(machine("web-01", "Windows"), shell, Steady(), Deadline()) is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)), st.integers(-720, 840))
def test_wmic_times_come_out_as_utc(moment: datetime, minutes: int) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = f"\r\r\nLocalDateTime={local:%Y%m%d%H%M%S.%f}{minutes:+04d}\r\r\n"
    assert clock.utc_of_wmic(text) == local.astimezone(UTC)


def test_without_a_time_server_a_tls_answer_gives_the_time_and_it_is_said() -> None:
    by_tls = Reading("the Date of a TLS answer", 200.0, 1.0, seen("HEAD https://arm/", "Date: x"))
    silent = world(datagrams={"time.example": "127.0.0.1:9"})
    found = clock.true_time(silent, Deadline(), lambda _deadline: by_tls)
    assert found.reading is by_tls
    assert found.tried[0].command == "SNTP time.example, UDP 123"
    said = finding("clock-skew", "app-01", reading(200.0), found, blocks=False)
    assert said.status is Status.OK
    assert "by the Date of a TLS answer" in said.what
    assert "SNTP time.example, UDP 123" in [item.command for item in said.evidence]


def test_without_any_source_this_host_is_compared_with_and_it_is_said() -> None:
    found = clock.true_time(world(), Deadline(), lambda _deadline: None)
    assert found.only_host
    assert host_finding(found).status is Status.WARNING
    said = finding("cs-clock", "cs-01", reading(301.0), found, blocks=True)
    assert said.status is Status.FAILED
    assert "no time server answered" in said.what
