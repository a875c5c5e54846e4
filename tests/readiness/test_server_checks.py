"""What a configuration server must be: judged from recorded answers, and looked at over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.guests import sections
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness import server_checks, server_network, server_urls
from services.readiness.model import Finding, Status
from services.readiness.server_checks import Wanted
from services.readiness.server_urls import Name, Way
from services.readiness.windows_facts import WindowsFacts
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.server_requirements import TITLES, WHOLE
from services.scenario.registry import scenario
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.clouds import PUBLIC, US_GOVERNMENT
from services.world.deadline import Deadline
from tests.practice_world import running_world
from tests.readiness.shells import Scripted

OK, WARNING, FAILED, UNKNOWN = Status.OK, Status.WARNING, Status.FAILED, Status.UNKNOWN
GB = 1 << 30
ENDPOINT = "contosoasrcache.blob.core.windows.net"
GOOD = f"""
==size
cores=8
memory={16 * GB - 300_000_000}
==space
system=C:
C:={127 * GB} {60 * GB}
D:={700 * GB} {612 * GB}
E:={700 * GB} {650 * GB}
==disks
disk=0 {127 * GB} 512 IDE Virtual HD ATA Device
disk=1 {700 * GB} 512 SCSI Microsoft Virtual Disk
disk=2 {700 * GB} 512 SCSI Microsoft Virtual Disk
==system
caption=Microsoft Windows Server 2016 Datacenter
version=10.0.14393
kind=3
installed=0409
desktop=Server
==services
==policies
DisableCMD=
DisableRegistryTools=
UseTrustedHandlers=
EnableScripts=0
==port
==address
adapter=True 10.2.0.9 fe80::1
adapter=False 10.1.0.5 fe80::2
==tls
1.0 Client=
1.0 Server=
1.2 Client=
1.2 Server=1/0
release=394806
strong=1
==route
address=20.60.4.4
default=3 15 10.1.0.1
adapter=3 Microsoft Hyper-V Network Adapter
"""


def facts(text: str) -> WindowsFacts:
    return WindowsFacts(sections.answers(text), {})


def all_of(text: str, wanted: Wanted | None = None) -> dict[str, Finding]:
    seen = facts(text)
    found = [
        server_checks.hardware("cs-01", seen, wanted or Wanted()),
        server_checks.system("cs-01", seen),
        server_checks.roles("cs-01", seen),
        server_checks.policies("cs-01", seen),
        server_network.port("cs-01", seen),
        server_network.address("cs-01", seen, "10.1.0.5"),
        server_network.tls("cs-01", seen),
        server_network.storage_route("cs-01", seen, ENDPOINT),
    ]
    return {one.id: one for one in found}


def test_a_server_as_documented_passes() -> None:
    assert {one.status for one in all_of(GOOD).values()} == {OK}


@pytest.mark.parametrize(
    ("old", "new", "check", "status", "part"),
    [
        ("cores=8", "cores=4", "cs-hardware", FAILED, "4 cores, 8 are needed"),
        (f"memory={16 * GB - 300_000_000}", f"memory={8 * GB}", "cs-hardware", FAILED, "8 GB of memory"),
        (f"disk=2 {700 * GB} 512 SCSI Microsoft Virtual Disk\n", "", "cs-hardware", FAILED, "2 disks"),
        (f"{612 * GB}\n", f"{599 * GB}\n", "cs-hardware", FAILED, "1 data volumes with 600 GB"),
        ("installed=0409", "installed=0407", "cs-system", FAILED, "not installed in English"),
        ("Server 2016", "Server 2012", "cs-system", FAILED, "is not among 2012 R2 and 2016"),
        ("Server 2016 Datacenter", "10 Pro", "cs-system", FAILED, "Windows 10 Pro is not among"),
        ("desktop=Server", "desktop=Server Core", "cs-system", FAILED, "It has no desktop"),
        ("==services", "==services\nNTDS=Running", "cs-roles", FAILED, "Active Directory Domain Services"),
        ("==services", "==services\nW3SVC=Stopped\nvmms=Running", "cs-roles", FAILED, "Hyper-V"),
        ("DisableCMD=", "DisableCMD=2", "cs-policies", FAILED, "Prevent access to the command prompt"),
        ("EnableScripts=0", "EnableScripts=1", "cs-policies", FAILED, "Turn on Script Execution"),
        ("DisableCMD=", "hive=False\nDisableCMD=", "cs-policies", WARNING, "not seen"),
        ("DisableCMD=", "hive=False\nDisableCMD=1", "cs-policies", FAILED, "command prompt"),
        ("==port", "==port\nlistener=0.0.0.0", "cs-port", FAILED, "Something listens on port 443."),
        ("==port", "==port\nsite=<site name=", "cs-port", FAILED, "IIS has 1 website(s)."),
        ("adapter=False", "adapter=True", "cs-address", WARNING, "given by DHCP"),
        ("10.1.0.5", "10.1.0.6", "cs-address", WARNING, "No adapter"),
        ("1.2 Server=1/0", "1.2 Server=0/1", "cs-tls", FAILED, "TLS 1.2 is off"),
        ("1.2 Server=1/0", "1.2 Server=1/1", "cs-tls", FAILED, "TLS 1.2 is off"),
        ("1.2 Client=", "1.2 Client=/1", "cs-tls", FAILED, "TLS 1.2 is off"),
        ("strong=1", "strong=0\n1.0 Client=1/1", "cs-tls", FAILED, "strong crypto"),
        ("1.0 Server=\n", "1.0 Server=0/1\nstrong=0\n", "cs-tls", OK, "TLS 1.0 is off"),
        ("strong=1", "strong=0\n1.0 Client=0/1", "cs-tls", FAILED, "strong crypto"),
        ("address=20.60.4.4", "address=10.9.0.4", "cs-storage-route", WARNING, "private address 10.9.0.4"),
        ("3 Microsoft Hyper-V", "3 Contoso VPN", "cs-storage-route", WARNING, "Contoso VPN"),
    ],
)
def test_each_requirement(old: str, new: str, check: str, status: Status, part: str) -> None:
    assert old in GOOD
    found = all_of(GOOD.replace(old, new))
    assert found[check].status is status
    assert part in found[check].what
    assert {name for name, one in found.items() if one.status is not OK} <= {check}


def test_after_setup_iis_and_port_443_are_its_own() -> None:
    there = GOOD.replace("==services", "==services\ntmansvc=Running\nW3SVC=Running")
    there = there.replace("==port", "==port\nlistener=0.0.0.0\nsite=<site name=")
    assert {one.status for one in all_of(there).values()} == {OK}


def test_the_sizing_table_warns_above_the_least() -> None:
    said = all_of(GOOD, Wanted(12, 18, 600))["cs-hardware"]
    assert said.status is WARNING
    assert "8 cores, 12 suit" in said.what


def test_a_server_that_says_nothing_stays_unknown() -> None:
    found = all_of("")
    assert {name for name, one in found.items() if one.status is UNKNOWN} >= {
        "cs-hardware",
        "cs-system",
        "cs-roles",
        "cs-policies",
        "cs-port",
        "cs-tls",
    }
    assert not [one for name, one in found.items() if one.status is OK and name != "cs-storage-route"]


NAME = Name("login.microsoftonline.com", "identity")


@pytest.mark.parametrize(
    ("state", "status", "part"),
    [
        ("answers", OK, "answers (identity), directly."),
        ("answers 404", OK, "answers (identity), directly."),
        ("answers 407", WARNING, "asks for a sign-in"),
        ("NameResolutionFailure", FAILED, "NameResolutionFailure"),
        ("TrustFailure", FAILED, "TrustFailure"),
        ("", FAILED, "nothing came back"),
    ],
)
def test_what_a_name_says(state: str, status: Status, part: str) -> None:
    said = server_urls.judge("cs-01", NAME, state, Way("direct"))
    assert said.status is status
    assert part in said.what


@pytest.mark.parametrize(
    ("state", "way", "status"),
    [
        ("answers 403", Way(), WARNING),
        ("answers 403", Way("custom", "10.1.0.2:3128"), WARNING),
        ("answers 503", Way(), WARNING),
        ("answers 403", Way("direct"), OK),
        ("answers 404", Way(), OK),
    ],
)
def test_what_may_be_the_word_of_a_proxy_is_not_ok(state: str, way: Way, status: Status) -> None:
    assert server_urls.judge("cs-01", NAME, state, way).status is status


def test_telemetry_only_warns() -> None:
    said = server_urls.judge("cs-01", Name("dc.services.visualstudio.com", "telemetry", True), "", Way())
    assert said.status is WARNING


def test_names_and_proxy_follow_from_the_answers() -> None:
    assert [one.host for one in server_urls.names(US_GOVERNMENT, "")] == ["login.microsoftonline.us"]
    assert server_urls.names(PUBLIC, ENDPOINT)[-1].host == ENDPOINT
    asked = server_urls.script(("a.example",), Way("custom", "10.1.0.2:3128"))
    assert "$r.Proxy=New-Object Net.WebProxy('http://10.1.0.2:3128');" in asked
    assert "$r.Proxy=$null" in server_urls.script(("a.example",), Way("direct"))
    assert "Proxy" not in server_urls.script(("a.example",), Way())


def test_names_are_asked_in_one_round_trip() -> None:
    shell = Scripted(lambda _command: "login.microsoftonline.com=answers 404\r\nnoise\n")
    found = server_urls.look(shell, "cs-01", server_urls.names(PUBLIC, ENDPOINT), Way(), Deadline(5))
    assert len(shell.asked) == 1
    assert [one.status for one in found] == [OK, FAILED, WARNING, FAILED]


SCENARIO = scenario("azure-stack-to-azure")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("server")) as world:
        yield world


@pytest.fixture
def walk(described: dict[str, Any], tmp_path: Path) -> Iterator[Walk]:
    world = practice_world(described, tmp_path)
    journal = Journal.open(world.state / "journal", world.id, Actor.here())
    yield Walk(SCENARIO, world, journal, journal.engagement("server", SCENARIO.id), lambda _event: None)
    journal.close()


def looked(walk: Walk, **values: str) -> dict[str, list[Finding]]:
    assert walk.save(SERVER, values) == {}
    found: dict[str, list[Finding]] = {}
    for one in walk.look(SERVER, Deadline(90)):
        found.setdefault(one.id, []).append(one)
    return found


def test_the_practice_server_meets_every_requirement(walk: Walk) -> None:
    found = looked(walk)
    for check in TITLES:
        assert {one.status for one in found[check]} == {OK}, found[check]
    assert WHOLE not in found
    assert {one.target for one in found["cs-urls"]} >= {"cs-01, login.microsoftonline.com"}


def test_a_machine_that_is_no_server_is_told_so(walk: Walk) -> None:
    found = looked(walk, name="web-07", address="10.1.0.37", secret="practice:windows-admin")
    assert found["cs-hardware"][0].status is FAILED
    assert "not installed in English" in found["cs-system"][0].what
    stopped = {one.id for one in walk.blockers(SERVER, [each for many in found.values() for each in many])}
    assert stopped == {"cs-hardware", "cs-system"}


def test_a_server_that_does_not_answer_is_one_finding_to_waive(walk: Walk) -> None:
    found = looked(walk, name="web-04", address="10.1.0.34", secret="practice:windows-admin")
    assert [one.status for one in found[WHOLE]] == [UNKNOWN]
    assert not set(TITLES) & set(found)


def test_a_registered_server_is_not_asked_again(walk: Walk) -> None:
    walk.journal.save_facts(walk.engagement.id, "registered", {"server.fabric": "made"})
    found = looked(walk, name="web-04", address="10.1.0.34", secret="practice:windows-admin")
    assert {one.what for check in TITLES for one in found[check]} == {
        "Registered already: what setup asks for is behind it."
    }
