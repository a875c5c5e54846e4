"""Windows checks on recorded answers of each version, and what a machine cannot or will not say."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.guests import sections
from services.guests.powershell import LIMIT
from services.guests.sections import Section
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.readiness.outside import Outside, from_server, look, read, script
from services.readiness.settings import Settings
from services.readiness.sweep import looked
from services.readiness.visit import Ground, Visit
from services.readiness.windows_checks import WINDOWS_CHECKS
from services.readiness.windows_facts import gather
from services.world.deadline import Deadline
from tests.readiness.recorded import windows_facts as recorded
from tests.readiness.shells import TRUE, Scripted, machine, world

OK, WARNING, FAILED, UNKNOWN = Status.OK, Status.WARNING, Status.FAILED, Status.UNKNOWN
SERVER = "10.1.0.5"
ADDRESS = "10.1.0.11"


def found(text: str, outside: Outside | None = None) -> dict[str, Finding]:
    """Every Windows check on a machine that answers this."""
    there = Ground(
        world(),
        lambda _machine, _deadline: Scripted(lambda _command: text),
        TRUE,
        None,
        Settings(SERVER),
        outside or Outside(),
    )
    visit = Visit(machine("web", "Windows", user="Administrator"), there, Deadline(30))
    return {one.check.id: looked(one.check, visit) for one in WINDOWS_CHECKS}


def states(text: str) -> dict[str, Status]:
    return {name: one.status for name, one in found(text).items() if name != "push-ports"}


HEALTHY = {
    "windows-admin": OK,
    "remote-uac": OK,
    "firewall-file-sharing": OK,
    "firewall-wmi": OK,
    "process-server-control": OK,
    "process-server-data": OK,
    "free-space": OK,
    "bitlocker": OK,
    "disk-layout": OK,
    "pending-restart": OK,
    "time-zone": OK,
    "connect-desktop": OK,
    "connect-firewall": OK,
    "connect-san": OK,
}
CASES = {
    "2008 R2": (
        recorded.W2008_R2,
        {
            "remote-uac": FAILED,
            "firewall-file-sharing": FAILED,
            "process-server-control": WARNING,
            "process-server-data": FAILED,
            "connect-desktop": WARNING,
            "connect-firewall": WARNING,
            "connect-san": WARNING,
        },
    ),
    "2012": (recorded.W2012, {"firewall-file-sharing": FAILED, "free-space": FAILED, "disk-layout": WARNING}),
    "2012 R2": (
        recorded.W2012_R2,
        {
            "windows-admin": FAILED,
            "remote-uac": FAILED,
            "process-server-control": FAILED,
            "process-server-data": FAILED,
            "bitlocker": FAILED,
            "disk-layout": WARNING,
            "pending-restart": WARNING,
            "time-zone": WARNING,
            "connect-san": WARNING,
            "connect-firewall": WARNING,
        },
    ),
    "2016 German": (
        recorded.W2016_GERMAN,
        {
            "firewall-file-sharing": UNKNOWN,
            "firewall-wmi": UNKNOWN,
            "connect-firewall": UNKNOWN,
            "process-server-data": FAILED,
            "bitlocker": FAILED,
            "disk-layout": WARNING,
        },
    ),
    "2019 Swedish": (recorded.W2019_SWEDISH, {}),
}


@pytest.mark.parametrize(("text", "wrong"), CASES.values(), ids=CASES.keys())
def test_each_version(text: str, wrong: dict[str, Status]) -> None:
    assert states(text) == HEALTHY | wrong


def test_a_finding_names_profile_cause_and_the_documented_command() -> None:
    firewall = found(recorded.W2008_R2)["firewall-file-sharing"]
    assert firewall.what == "Windows Firewall does not let in File and Printer Sharing (public profile)."
    assert (
        'netsh advfirewall firewall set rule group="@FirewallAPI.dll,-28502" new enable=yes' in firewall.fix
    )
    assert "95105" in firewall.cause
    assert "rule=28502 False 6/6/445///System" in firewall.evidence[0].output
    uac = found(recorded.W2008_R2)["remote-uac"]
    assert "LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f" in uac.fix
    assert "It weakens the machine" in uac.fix


def test_an_encrypted_volume_that_is_mounted_in_a_folder_is_seen() -> None:
    mounted = recorded.W2012.replace("E:=0 0", "=0 0\n=1 1\n=0 ")
    assert mounted != recorded.W2012
    said = found(mounted)["bitlocker"]
    assert (said.status, "a volume without a letter" in said.what) == (FAILED, True)
    assert found(recorded.W2012.replace("E:=0 0", "=0 0\n=0 "))["bitlocker"].status is OK


def test_a_firewall_that_blocks_all_that_comes_in_lets_in_no_group() -> None:
    blocked = recorded.W2019_SWEDISH.replace("modify=0", "modify=2")
    assert blocked != recorded.W2019_SWEDISH
    said = found(blocked)
    assert [said[name].status for name in ("firewall-file-sharing", "firewall-wmi")] == [FAILED, FAILED]
    assert said["connect-firewall"].status is WARNING
    assert "blocks all" in said["firewall-wmi"].what


def test_a_group_policy_over_the_firewall_is_said() -> None:
    assert "A Group Policy decides" in found(recorded.W2012)["firewall-file-sharing"].cause
    assert "A Group Policy decides" not in found(recorded.W2008_R2)["firewall-file-sharing"].cause


def test_a_domain_account_needs_no_remote_uac_setting() -> None:
    said = found(recorded.W2012)["remote-uac"]
    assert (said.status, said.what) == (OK, "The account is one of a domain: remote UAC does not filter it.")


def test_disks_that_a_vm_in_azure_cannot_have_are_named() -> None:
    assert "4K sectors" in found(recorded.W2012)["disk-layout"].what
    assert "95309" in found(recorded.W2012_R2)["disk-layout"].what
    assert "Secure Boot" in found(recorded.W2016_GERMAN)["disk-layout"].what


def test_a_rule_of_the_group_that_is_off_but_not_needed_only_warns() -> None:
    text = recorded.W2019_SWEDISH.replace(
        "rule=28502 True 2/6/445///System",
        "rule=28502 True 2/6/445///System\nrule=28502 False 2/17/137///System",
    )
    said = found(text)["firewall-file-sharing"]
    assert said.status is WARNING
    assert "1 of 2 inbound rules are off (private profile)" in said.what


def test_a_machine_that_says_nothing_leaves_everything_unknown() -> None:
    assert set(states("").values()) == {UNKNOWN}


@given(st.text(max_size=400), st.sampled_from([text for text, _wrong in CASES.values()]), st.integers(0, 60))
def test_no_answer_breaks_a_check(noise: str, text: str, line: int) -> None:
    rows = text.splitlines()
    rows.insert(line % len(rows), noise)
    for one in found("\n".join(rows)).values():
        assert one.status in (OK, WARNING, FAILED, UNKNOWN)
        assert "The check broke off" not in one.what


OUTSIDE = Outside(
    "cs-01", {(ADDRESS, 135): "open", (ADDRESS, 445): "closed"}, {ADDRESS: seen("TcpClient", "445 closed")}
)


def test_ports_are_judged_from_the_servers_side_and_it_is_said() -> None:
    said = found(recorded.W2019_SWEDISH, OUTSIDE)["push-ports"]
    assert (said.status, said.what) == (FAILED, "cs-01 does not reach port 445.")


def test_ports_seen_from_this_host_only_warn() -> None:
    there = Outside(why="The configuration server did not let us in.")
    said = found(recorded.W2019_SWEDISH, there)["push-ports"]
    assert said.status is WARNING
    assert "this host" in said.what
    assert said.cause.startswith("The configuration server did not let us in.")


def test_ports_that_only_this_host_reached_are_a_warning_that_says_who_looked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        dialer = world({f"{ADDRESS}:{port}": place for port in (135, 445)}).dialer
        said = look(machine("web", "Windows"), Outside(why="cs-01 did not let us in."), dialer, Deadline(5))
    assert (said.status, said.what) == (WARNING, "Only this host was seen to reach ports 135 and 445.")
    assert said.cause.startswith("cs-01 did not let us in.")


def test_answers_of_the_server_are_read_line_by_line() -> None:
    text = "10.1.0.11:135=open\r\n10.1.0.11:445=closed\nnoise\n10.1.0.12:x=open\n10.1.0.12:445=maybe\n"
    assert read(text) == {(ADDRESS, 135): "open", (ADDRESS, 445): "closed"}


def test_no_text_of_a_list_gets_into_the_script_of_the_server() -> None:
    assert "O''Neill" in script(["O'Neill"])
    shell = Scripted(lambda _command: "")
    bad = machine("web", "Windows")
    assert from_server(shell, "cs-01", [bad], Deadline(5)).states == {}
    said = look(bad, Outside(), world().dialer, Deadline(5))
    assert said.status is WARNING


def test_questions_travel_in_few_command_lines_that_cmd_takes() -> None:
    shell = Scripted(lambda _command: "")
    gather(shell, Settings("a-process-server.with.a-long-name.contoso.example"), Deadline(5))
    assert len(shell.asked) <= 2
    assert all(len(line) <= LIMIT for line in shell.asked)


def test_many_questions_go_in_pieces_and_keep_their_order() -> None:
    asked = [Section(f"q{number}", f"'{number}'" + " " * 900) for number in range(12)]
    lines = sections.command_lines(asked)
    assert 3 < len(lines) < 12
    assert all(len(line) <= LIMIT for line in lines)


def test_an_answer_that_holds_a_heading_takes_no_other_answers_place() -> None:
    text = "==account\nname=X\\y\n==remote-uac\nfilter=1\n== account\n==UPPER\n"
    assert sections.answers(text)["remote-uac"] == ("filter=1", "== account", "==UPPER")
