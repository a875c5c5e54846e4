"""Which system a machine runs, from recorded output of the documented systems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.guests.model import Output
from services.readiness import linux, windows
from services.world.deadline import Deadline
from tests.readiness import recorded

CASES = [
    (recorded.CENTOS_5, "CentOS", "5.11", "2.6.18-398.el5"),
    (recorded.CENTOS_6, "CentOS", "6.9", "2.6.32-696.el6.x86_64"),
    (recorded.CENTOS_7, "CentOS", "7.3.1611", "3.10.0-514.el7.x86_64"),
    (recorded.UBUNTU_14, "Ubuntu", "14.04", "3.13.0-170-generic"),
    (recorded.UBUNTU_16, "Ubuntu", "16.04", "4.4.0-142-generic"),
    (recorded.UBUNTU_18_PRO, "Ubuntu", "18.04", "4.15.0-142-generic"),
    (recorded.UBUNTU_16_WITHOUT_OS_RELEASE, "Ubuntu", "16.04", "4.4.0-142-generic"),
    (recorded.ORACLE_7, "Oracle Linux", "7.6", "4.1.12-124.16.4.el7uek.x86_64"),
    (recorded.ORACLE_6, "Oracle Linux", "6.9", "2.6.39-400.215.10.el6uek.x86_64"),
    (recorded.RED_HAT_5, "Red Hat Enterprise Linux", "5.11", "2.6.18-419.el5"),
    (recorded.SUSE_11, "SUSE Linux Enterprise Server", "11 SP4", "3.0.101-63-default"),
    (recorded.SUSE_11_WITHOUT_OS_RELEASE, "SUSE Linux Enterprise Server", "11 SP3", "3.0.76-0.11-default"),
    (recorded.SUSE_15, "SUSE Linux Enterprise Server", "15", "4.12.14-23-default"),
    (recorded.DEBIAN_9, "Debian", "9.13", "4.9.0-14-amd64"),
    (recorded.CENTOS_STREAM, "", "", "4.18.0-448.el8.x86_64"),
    (recorded.FEDORA, "", "", "5.0.9-301.fc30.x86_64"),
]


@pytest.mark.parametrize(("text", "distribution", "version", "kernel"), CASES)
def test_linux(text: str, distribution: str, version: str, kernel: str) -> None:
    found = linux.parse(text)
    assert (found.family, found.distribution, found.version, found.kernel) == (
        "linux",
        distribution,
        version,
        kernel,
    )
    assert found.architecture == "x86_64"


def test_linux_names_itself_when_the_matrix_does_not_know_it() -> None:
    assert linux.parse(recorded.FEDORA).full_name == "Fedora 30"
    assert linux.parse(recorded.CENTOS_STREAM).full_name == "CentOS Stream 8"


def test_linux_of_32_bits_and_an_attached_ubuntu() -> None:
    assert linux.parse(recorded.CENTOS_6_32_BIT).architecture == "x86"
    assert linux.architecture("x86_64", "32\n") == "x86"
    assert linux.architecture("aarch64") == "aarch64"
    assert linux.parse(recorded.UBUNTU_18_PRO).variant == "Pro"
    assert linux.parse(recorded.UBUNTU_16).variant == ""


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=60))
def test_an_os_release_value_comes_back_as_it_was_quoted(value: str) -> None:
    quoted = '"' + "".join("\\" + sign if sign in '\\"$`' else sign for sign in value) + '"'
    assert linux.os_release(f"ID=x\nPRETTY_NAME={quoted}\n").get("PRETTY_NAME") == value


@given(st.text(max_size=400))
def test_any_output_is_read_without_an_error(text: str) -> None:
    found = linux.parse("==os-release\n" + text)
    assert found.distribution in {*linux.DISTRIBUTIONS.values(), ""}
    values = windows.pairs(text)
    assert windows.system(values).family == "windows"


WINDOWS = [
    (recorded.WINDOWS_2008_R2, "Windows Server", "2008 R2", "x86_64", 1),
    (recorded.WINDOWS_2008_R2_RTM, "Windows Server", "2008 R2", "x86_64", 0),
    (recorded.WINDOWS_2012, "Windows Server", "2012", "x86_64", 0),
    (recorded.WINDOWS_2012_R2, "Windows Server", "2012 R2", "x86_64", 0),
    (recorded.WINDOWS_2016_FRENCH, "Windows Server", "2016", "x86_64", 0),
    (recorded.WINDOWS_2019, "Windows Server", "2019", "x86_64", 0),
    (recorded.WINDOWS_2008_32_BIT, "Windows Server", "2008", "x86", 2),
    (recorded.WINDOWS_10, "Windows client", "10", "x86_64", 0),
    (recorded.WINDOWS_HYPER_V_2016, "Windows Server", "2016", "x86_64", 0),
    (recorded.WMIC_2012_R2, "Windows Server", "2012 R2", "x86_64", 0),
]


@pytest.mark.parametrize(("text", "distribution", "version", "architecture", "pack"), WINDOWS)
def test_windows(text: str, distribution: str, version: str, architecture: str, pack: int) -> None:
    found = windows.system(windows.pairs(text))
    assert (found.distribution, found.version) == (distribution, version)
    assert (found.architecture, found.service_pack) == (architecture, pack)


class Cmd:
    """A Windows shell that knows the programs given, and answers the rest as cmd.exe does."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def run(self, command: str, deadline: Deadline) -> Output:
        self.asked.append(command)
        for start, stdout in self._answers.items():
            if command.startswith(start):
                return Output(command, stdout, "", 0)
        return Output(command, "", f"'{command.split()[0]}' is not recognized", 9009)

    def close(self) -> None:
        self.asked.append("close")


def test_windows_is_asked_by_powershell_alone_when_it_answers() -> None:
    shell = Cmd({"powershell": recorded.WINDOWS_2019})
    found = windows.identify(shell, Deadline())
    assert found.version == "2019"
    assert len(shell.asked) == 1
    assert found.seen[0].command.startswith("Get-WmiObject Win32_OperatingSystem")
    assert "Windows Server 2019" in found.seen[0].output


def test_windows_without_powershell_is_asked_by_wmic_then_by_the_registry() -> None:
    by_wmic = windows.identify(Cmd({"wmic": recorded.WMIC_2012_R2}), Deadline())
    assert by_wmic.version == "2012 R2"
    answers = {windows.PROCESSOR: recorded.REGISTRY_64_BIT, "reg": recorded.REGISTRY_2008_R2}
    by_registry = windows.identify(Cmd(answers), Deadline())
    assert (by_registry.version, by_registry.service_pack) == ("2008 R2", 1)
    assert by_registry.architecture == "x86_64"


def test_a_machine_that_answers_nothing_is_not_guessed() -> None:
    assert windows.identify(Cmd({}), Deadline()).distribution == ""
    assert linux.identify(Cmd({}), Deadline()).distribution == ""


def test_evidence_holds_nothing_that_could_reach_a_terminal() -> None:
    hostile = linux.identify(
        Cmd({"sh": "==os-release\nID=\x1b]0;owned\x07\u202eubuntu\n" + "x" * 100_000}), Deadline()
    )
    shown = hostile.seen[0].output
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 3_000
