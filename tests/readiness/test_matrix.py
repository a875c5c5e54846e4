"""The support matrix: which edition allows what, and versions compared as the documents mean them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readiness.live_list import lists, supported_by
from services.readiness.model import Status
from services.readiness.system import GuestSystem
from services.readiness.verdict import judge
from services.readiness.versions import (
    Version,
    kernel,
    kernel_at_least,
    kernel_within,
    version,
    within,
)

NUMBERS = st.lists(st.integers(0, 9999), min_size=1, max_size=4).map(tuple)
NEWEST = "Azure Stack article, 2026-09-21"
GENERAL = "VMware and physical server support matrix, 2023-09-28"


def linux(
    distribution: str, number: str, running: str = "", machine: str = "x86_64", variant: str = ""
) -> GuestSystem:
    return GuestSystem("linux", distribution, number, machine, running, variant=variant)


def server(number: str, pack: int = 0, machine: str = "x86_64") -> GuestSystem:
    return GuestSystem("windows", "Windows Server", number, machine, "", pack)


@given(NUMBERS, NUMBERS)
def test_versions_are_ordered_by_number_not_by_text(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    first, second = version(".".join(map(str, left))), version(".".join(map(str, right)))
    assert first is not None
    assert second is not None
    assert (first < second) == (left < right)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9999))
def test_a_minor_release_lies_in_its_range_whatever_follows(
    low: int, high: int, minor: int, build: int
) -> None:
    bounds = Version((7, low)), Version((7, high))
    assert within(Version((7, minor, build)), *bounds) is (low <= minor <= high)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(5, 9))
def test_without_a_minor_release_only_another_major_is_sure(low: int, high: int, major: int) -> None:
    bounds = Version((7, min(low, high))), Version((7, max(low, high)))
    assert within(Version((major,)), *bounds) is (None if major == 7 else False)


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_none(text: str) -> None:
    found = version(text)
    assert found is None or text.strip()[0].isdigit()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("16.04", Version((16, 4))),
        ("2012 R2", Version((2012,), 2)),
        ("12 SP3", Version((12,), 0, 3)),
        ("15", Version((15,))),
        ("Trusty", None),
        ("", None),
    ],
)
def test_versions_of_the_matrix_are_read(text: str, wanted: Version | None) -> None:
    assert version(text) == wanted


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_kernel_lies_in_a_range_of_its_flavour_only(low: int, high: int, build: int) -> None:
    first, last = kernel(f"4.4.0-{low}-generic"), kernel(f"4.4.0-{high}-generic")
    same, other = kernel(f"4.4.0-{build}-generic"), kernel(f"4.4.0-{build}-azure")
    assert first is not None
    assert last is not None
    assert same is not None
    assert other is not None
    assert kernel_within(same, first, last) is (low <= build <= high)
    assert not kernel_within(other, first, last)


def test_red_hat_kernels_compare_without_their_distribution_tag() -> None:
    least = "4.18.0-348.5.1.el8_5.x86_64"
    assert kernel_at_least("4.18.0-348.5.1.el8_5.x86_64", least)
    assert kernel_at_least("4.18.0-348.12.2.el8_5.x86_64", least)
    assert not kernel_at_least("4.18.0-348.el8.x86_64", least)
    assert not kernel_at_least("", least)


@pytest.mark.parametrize(
    "system",
    [
        server("2019"),
        server("2016"),
        server("2012 R2"),
        server("2012"),
        server("2008 R2", 1),
        linux("Ubuntu", "16.04", "4.4.0-142-generic"),
        linux("Ubuntu", "14.04", "3.13.0-170-generic"),
    ],
    ids=lambda system: system.title,
)
def test_what_the_newest_edition_allows_is_ok(system: GuestSystem) -> None:
    found = judge(system, None)
    assert (found.status, found.source) == (Status.OK, NEWEST)


@pytest.mark.parametrize(
    ("system", "source"),
    [
        (server("2022"), GENERAL),
        (linux("CentOS", "7.3.1611", "3.10.0-514.el7.x86_64"), GENERAL),
        (linux("CentOS", "6.9", "2.6.32-696.el6.x86_64"), GENERAL),
        (linux("CentOS", "5.11", "2.6.18-398.el5"), GENERAL),
        (linux("Ubuntu", "18.04", "4.15.0-213-generic"), GENERAL),
        (linux("SUSE Linux Enterprise Server", "12 SP5", "4.12.14-122.7-default"), GENERAL),
        (
            linux("Ubuntu", "18.04", "4.15.0-213-generic", variant="Pro"),
            "What is new in Site Recovery, 2024-07-15",
        ),
        (linux("Rocky Linux", "8.9", "4.18.0-513.el8.x86_64"), "What is new in Site Recovery, 2024-07-15"),
    ],
    ids=lambda value: getattr(value, "title", ""),
)
def test_what_only_an_older_edition_allows_warns_and_names_it(system: GuestSystem, source: str) -> None:
    found = judge(system, None)
    assert (found.status, found.source) == (Status.WARNING, source)
    assert source in found.what
    assert NEWEST in found.cause


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (server("2008 R2", 0), "Service Pack 1 is needed, the machine has none"),
        (server("2008", 2), "only for migration"),
        (server("2016", 0, "x86"), "only 64-bit systems are supported, this one is x86"),
        (server("2025"), "No edition of the support matrix has Windows Server 2025"),
        (linux("Ubuntu", "16.04", "4.4.0-300-generic"), "kernel 4.4.0-300-generic is not in the list"),
        (linux("Ubuntu", "16.04", "4.4.0-142-lowlatency"), "kernel 4.4.0-142-lowlatency is not in the list"),
        (linux("Ubuntu", "22.04", "5.15.0-71-generic"), "only with the modernized appliance"),
        (linux("Red Hat Enterprise Linux", "9.1", "5.14.0-162.el9.x86_64"), "only with the modernized"),
        (
            linux("Red Hat Enterprise Linux", "8.4", "4.18.0-305.el8.x86_64"),
            "4.18.0-305.30.1.el8_4.x86_64 or later",
        ),
        (linux("CentOS", "5.1", "2.6.18-53.el5"), "No edition of the support matrix has CentOS 5.1"),
        (linux("CentOS", "6.9", "2.6.32-696.el6.i686", "x86"), "only 64-bit"),
        (linux("Debian", "9.0", "4.9.0-3-amd64"), "No edition of the support matrix has Debian 9.0"),
    ],
    ids=lambda value: getattr(value, "title", ""),
)
def test_what_no_edition_allows_fails_with_its_reason(system: GuestSystem, reason: str) -> None:
    found = judge(system, None)
    assert found.status is Status.FAILED
    assert reason in found.what
    assert found.fix


@pytest.mark.parametrize(
    "system",
    [
        linux("Ubuntu", "18.04", "4.15.0-142-generic"),
        linux("CentOS", "7", "3.10.0-514.el7.x86_64"),
        linux("Ubuntu", "16.04", ""),
    ],
    ids=lambda system: system.title + system.kernel,
)
def test_what_the_documents_leave_open_warns(system: GuestSystem) -> None:
    found = judge(system, None)
    assert found.status is Status.WARNING
    assert "cannot be told" in found.what


def test_a_system_outside_the_matrix_is_named_by_itself_and_one_unseen_is_unknown() -> None:
    fedora = GuestSystem("linux", "", "", "x86_64", full_name="Fedora 30")
    assert judge(fedora, None).status is Status.FAILED
    assert "Fedora 30" in judge(fedora, None).what
    assert judge(GuestSystem("linux", "", "", ""), None).status is Status.UNKNOWN


def test_conditions_of_an_older_edition_are_told_although_the_newest_allows() -> None:
    assert any("KB4474419" in sentence for sentence in judge(server("2008 R2", 1), None).conditions)


LIVE = [
    {"osName": "centos", "osType": "linux", "osVersions": [{"version": "6.0"}, {"version": "7"}]},
    {"osName": "UBUNTU", "osType": "linux", "osVersions": [{"version": "16.04"}]},
    {
        "osName": "Windows Server 2008 R2 Datacenter",
        "osType": "windows",
        "osVersions": [{"version": "6.1", "servicePack": "1"}],
    },
    {"osName": "Windows Server 2012 R2", "osType": "windows", "osVersions": [{"version": "6.3"}]},
]


@pytest.mark.parametrize(
    ("system", "listed"),
    [
        (linux("CentOS", "6.0"), True),
        (linux("CentOS", "6.9"), False),
        (linux("CentOS", "7.3.1611"), True),
        (linux("Red Hat Enterprise Linux", "7.3"), False),
        (server("2008 R2", 1), True),
        (server("2008 R2", 0), False),
        (server("2012 R2"), True),
        (server("2012"), False),
    ],
    ids=lambda value: getattr(value, "title", ""),
)
def test_the_services_own_list_wins(system: GuestSystem, listed: bool) -> None:
    assert lists(LIVE, system) is listed
    assert judge(system, LIVE).status is (Status.OK if listed else Status.FAILED)


def test_a_listed_version_with_a_kernel_outside_the_list_warns() -> None:
    found = judge(linux("Ubuntu", "16.04", "4.4.0-300-generic"), LIVE)
    assert found.status is Status.WARNING
    assert "4.4.0-300-generic" in found.what


def test_a_system_that_takes_a_listed_ones_installer_warns_when_a_document_names_it() -> None:
    live = [{"osName": "RHEL6-64", "osType": "linux", "osVersions": [{"version": "6.9"}]}]
    found = judge(linux("CentOS", "6.9", "2.6.32-696.el6.x86_64"), live)
    assert found.status is Status.WARNING
    assert "Red Hat Enterprise Linux 6.9, not CentOS 6.9" in found.what
    assert judge(linux("CentOS", "6.8"), live).status is Status.FAILED
    assert judge(linux("Rocky Linux", "6.9"), live).status is Status.FAILED


def test_only_the_part_about_the_provider_counts() -> None:
    properties = {"supportedOsList": [{"instanceType": "A2A", "supportedOs": LIVE}]}
    assert supported_by(properties, "A2A") == LIVE
    assert supported_by(properties, "InMageAzureV2") is None
