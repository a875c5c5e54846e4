"""The machine steps, walked on the practice machines through real sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import ProblemError
from services.readiness.model import Finding, Status, Waiver
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.azure_stack.readiness import CHECKED, READINESS
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.model import Scenario, Stage, Step
from services.scenario.registry import scenario
from services.scenario.walk import DONE, Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from services.world.model import World
from tests.practice_world import running_world

SCENARIO = Scenario(
    "machines",
    "Machines",
    "InMageAzureV2",
    "test",
    (Stage("prepare", "Prepare"), Stage("source", "Source")),
    (SIGN_IN, MACHINES, READINESS, SERVER),
)
OK, WARNING, FAILED, UNKNOWN = Status.OK, Status.WARNING, Status.FAILED, Status.UNKNOWN


@dataclass
class Walked:
    """A walk over the machine steps."""

    walk: Walk
    events: list[dict[str, Any]] = field(default_factory=list)

    def look(self, step: Step, **values: Any) -> dict[tuple[str, str], Finding]:
        wrong = self.walk.save(step, {key.replace("_", "-"): value for key, value in values.items()})
        assert wrong == {}
        return {(one.target, one.id): one for one in self.walk.look(step, Deadline(120))}

    def go(self, step: Step) -> None:
        self.walk.go(step, Deadline(120), lambda *_shown: True)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("world"), speed=60.0) as world:
        yield world


def walked(world: World) -> Walked:
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    events: list[dict[str, Any]] = []
    walk = Walk(SCENARIO, world, journal, journal.engagement("test", SCENARIO.id), events.append)  # type: ignore[arg-type]
    return Walked(walk, events)


@pytest.fixture
def world(described: dict[str, Any], tmp_path: Path) -> World:
    return practice_world(described, tmp_path)


@pytest.fixture
def here(world: World) -> Iterator[Walked]:
    found = walked(world)
    yield found
    found.walk.journal.close()


def listed(described: dict[str, Any], *names: str, **more: str) -> list[dict[str, str]]:
    return [
        {"name": one["name"], "address": one["address"], "os": one["osType"], **more}
        for one in described["machines"]
        if (one["name"] in names if names else one["name"] != "cs-01")
    ]


def test_a_sweep_finds_what_was_planted(here: Walked, described: dict[str, Any]) -> None:
    here.walk.save(MACHINES, {"machines": listed(described)})
    found = {key: one.status for key, one in here.look(READINESS).items()}
    linux = ("ssh-22", "reachable", "os-supported", "clock-skew")
    wanted = {
        "app-01": (OK, OK, OK, OK),
        "app-02": (OK, OK, OK, WARNING),
        "app-03": (FAILED, UNKNOWN, None, None),
        "app-04": (OK, OK, WARNING, OK),
        "db-01": (OK, OK, WARNING, OK),
        "web-01": (None, OK, OK, OK),
        "web-02": (None, OK, OK, WARNING),
        "web-03": (None, OK, OK, OK),
        "web-04": (None, UNKNOWN, None, None),
        "this host": (None, None, None, None),
    }
    for name, states in wanted.items():
        assert tuple(found.get((name, check)) for check in linux) == states, name
    assert found["this host", "host-clock"] is OK


def test_evidence_says_what_was_run_and_what_came_back(here: Walked, described: dict[str, Any]) -> None:
    here.walk.save(MACHINES, {"machines": listed(described, "db-01", "web-03", "app-02")})
    found = here.look(READINESS)
    assert "CentOS release 6.9 (Final)" in found["db-01", "os-supported"].evidence[0].output
    assert "2023-09-28" in found["db-01", "os-supported"].what
    assert "Windows Server 2008 R2" in found["web-03", "os-supported"].evidence[0].output
    assert "KB4474419" in found["web-03", "os-supported"].what
    assert "7.0 min ahead" in found["app-02", "clock-skew"].what
    sources = [item.command for item in found["app-02", "clock-skew"].evidence]
    assert sources[:2] == ['date "+%s %Z %z"', "SNTP time.windows.com, UDP 123"]


def test_once_the_vault_is_known_the_services_own_list_decides(
    world: World, described: dict[str, Any]
) -> None:
    whole = scenario("azure-stack-to-azure")
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    here = Walked(Walk(whole, world, journal, journal.engagement("whole", whole.id), lambda _event: None))
    journal.save_facts(here.walk.engagement.id, "vault", {"vault.id": "made"})
    here.walk.save(MACHINES, {"machines": listed(described, "app-01", "app-04", "web-03")})
    found = here.look(READINESS)
    journal.close()
    assert found["app-01", "os-supported"].what == "The service lists Ubuntu 16.04 as supported."
    assert found["app-04", "os-supported"].status is FAILED
    assert found["web-03", "os-supported"].status is OK


def test_progress_is_told_machine_by_machine(here: Walked, described: dict[str, Any]) -> None:
    here.walk.save(MACHINES, {"machines": listed(described, "app-01", "web-01")})
    here.look(READINESS)
    looked = [event for event in here.events if event["event"] == "looked"]
    assert {event["target"] for event in looked} == {"app-01", "web-01"}
    assert (looked[-1]["machines"], looked[-1]["of"]) == (2, 2)


def test_the_step_stops_at_what_blocks_and_goes_on_when_it_is_waived(
    here: Walked, described: dict[str, Any]
) -> None:
    here.walk.save(MACHINES, {"machines": listed(described, "app-01", "app-03")})
    here.go(MACHINES)
    with pytest.raises(ProblemError) as stopped:
        here.go(READINESS)
    assert {(one.code, one.subject) for one in stopped.value.problems} == {
        ("ssh-22", "app-03"),
        ("reachable", "app-03"),
    }
    for check in ("ssh-22", "reachable"):
        here.walk.waive(Waiver(check, "app-03", "agent by hand next week", "op"))
    here.go(READINESS)
    assert here.walk.state(READINESS) == DONE


def test_a_csv_file_that_changes_opens_the_steps_again(
    here: Walked, described: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "machines.csv"
    file.write_text("name,address,os\napp-01,10.1.0.11,Linux\n")
    here.walk.save(MACHINES, {"machines": [], "csv": str(file)})
    here.go(MACHINES)
    here.go(READINESS)
    assert here.walk.stale(READINESS, Deadline(10)) is None
    file.write_text("name,address,os\napp-01,10.1.0.11,Linux\napp-02,10.1.0.12,Linux\n")
    assert here.walk.stale(MACHINES, Deadline(10)) == "The list of machines has changed."
    assert here.walk.stale(READINESS, Deadline(10)) == "The list of machines has changed."
    assert CHECKED in here.walk.session(Deadline(10)).facts


def test_an_unknown_host_key_is_shown_and_let_in_by_its_fingerprint(
    here: Walked, described: dict[str, Any]
) -> None:
    here.walk.save(MACHINES, {"machines": listed(described, "app-01")})
    refused = here.look(READINESS, host_keys="ask")["app-01", "reachable"]
    assert refused.status is FAILED
    fingerprint = re.search(r"SHA256:[A-Za-z0-9+/]{43}", refused.what)
    assert fingerprint
    here.walk.save(MACHINES, {"machines": listed(described, "app-01", fingerprint=fingerprint[0])})
    assert here.look(READINESS, host_keys="ask")["app-01", "reachable"].status is OK
    here.walk.save(MACHINES, {"machines": listed(described, "app-01")})
    assert here.look(READINESS, host_keys="ask")["app-01", "reachable"].status is OK


def test_a_wrong_password_is_tried_once_and_is_a_finding(here: Walked, described: dict[str, Any]) -> None:
    both = listed(described, "app-01", "web-01", secret="practice:mysql-root")
    here.walk.save(MACHINES, {"machines": both})
    found = here.look(READINESS)
    for name in ("app-01", "web-01"):
        assert found[name, "reachable"].status is FAILED
        assert "does not accept the password" in found[name, "reachable"].what
        assert (name, "os-supported") not in found


def test_a_missing_secret_is_a_finding_of_its_machine(here: Walked, described: dict[str, Any]) -> None:
    machines = [*listed(described, "app-01"), *listed(described, "app-02", secret="practice:nobody")]
    here.walk.save(MACHINES, {"machines": machines})
    found = here.look(READINESS)
    assert found["app-01", "reachable"].status is OK
    assert found["app-02", "reachable"].status is FAILED
    assert "nobody" in found["app-02", "reachable"].what


def test_no_secret_is_left_in_the_state_folder_or_the_events(
    here: Walked, world: World, described: dict[str, Any]
) -> None:
    here.walk.save(MACHINES, {"machines": listed(described)})
    here.look(READINESS)
    here.look(SERVER)
    kept = b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())
    assert b"app-01" in kept
    for value in described["secrets"].values():
        assert value.encode() not in kept
        assert value not in repr(here.events)


def test_the_servers_clock_is_right_and_its_zone_is_evidence(here: Walked) -> None:
    found = here.look(SERVER)
    assert found["cs-01", "cs-clock"].status is OK
    assert [item.command for item in found["cs-01", "cs-clock"].evidence][-1] == "tzutil /g"
    assert found["cs-01", "sizing"].status is WARNING


def test_a_server_more_than_five_minutes_off_stops_the_step(here: Walked) -> None:
    found = here.look(SERVER, name="web-02", address="10.1.0.32", secret="practice:windows-admin")
    late = found["web-02", "cs-clock"]
    assert late.status is FAILED
    assert "6.0 min behind" in late.what
    assert here.walk.blockers(SERVER, [late]) == [late]


def test_a_server_that_is_off_leaves_its_clock_unknown(here: Walked) -> None:
    found = here.look(SERVER, name="web-04", address="10.1.0.34", secret="practice:windows-admin")
    assert found["web-04", "cs-clock"].status is UNKNOWN
    assert "waive this check" in found["web-04", "cs-clock"].fix


def test_where_udp_is_closed_the_date_of_a_tls_answer_is_used_and_said(world: World) -> None:
    closed = walked(replace(world, time_servers=("time.closed.example",)))
    try:
        found = closed.look(SERVER)
    finally:
        closed.walk.journal.close()
    clock = found["cs-01", "cs-clock"]
    assert clock.status is OK
    assert "by the Date of a TLS answer" in clock.what
    assert "SNTP time.closed.example, UDP 123" in [item.command for item in clock.evidence]
