"""The list of machines: what is read, and a sentence for every mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.guests.model import Machine
from services.readiness.model import Status
from services.scenario.answers import Answers
from services.scenario.azure_stack import machine_checks, machine_list, machine_rules, machines
from services.scenario.azure_stack.machines import MACHINES, machines_of
from services.scenario.model import Scenario, Stage
from services.scenario.validate import mistakes

SCENARIO = Scenario("s", "S", "InMageAzureV2", "", (Stage("prepare", "Prepare"),), (MACHINES,))
SUGGESTED = "name,address,os\napp-01,10.1.0.11,Linux\nweb-01,10.1.0.31,Windows\n"


def answers(given: dict[str, Any], known: dict[str, str] | None = None) -> Answers:
    secrets = {"machines.linux-secret": "env:ROOT", "machines.windows-secret": "env:ADMIN"}
    return Answers(
        SCENARIO, {**secrets, **{f"machines.{key}": value for key, value in given.items()}}, known or {}
    )


def table(name: str, address: str, os: str = "Linux", **more: str) -> dict[str, str]:
    return {"name": name, "address": address, "os": os, **more}


def test_a_good_list_has_no_mistakes_and_default_accounts() -> None:
    listed = answers({"machines": [table("app-01", "10.1.0.11"), table("web-01", "10.1.0.31", "windows")]})
    assert mistakes(MACHINES, listed) == {}
    assert machines_of(listed) == [
        Machine("app-01", "10.1.0.11", "Linux", "root", "env:ROOT", "machines.linux-secret"),
        Machine("web-01", "10.1.0.31", "Windows", "Administrator", "env:ADMIN", "machines.windows-secret"),
    ]


def test_a_machine_keeps_its_own_account_and_way_of_installation() -> None:
    own = table("db", "10.1.0.9", user="oracle", secret="file:/s", mobility="installed")
    listed = answers({"machines": [own]})
    kept = Machine("db", "10.1.0.9", "Linux", "oracle", "file:/s", "machines.db-secret", "installed")
    assert machines_of(listed) == [kept]


def test_every_mistake_is_named_at_once_with_its_place() -> None:
    wrong = [
        table("app 01", "10.1.0.999", "Solaris", secret="hunter2", mobility="later"),
        table("app-02", "10.1.0.12"),
        table("APP-02", "10.1.0.12"),
        table("me", "127.0.0.1"),
        "app-05",
        {**table("a", "10.1.0.3"), "adress": "x"},
    ]
    sentence = mistakes(MACHINES, answers({"machines": wrong}))["machines"]
    for part in (
        "machine 1: name: 'app 01'",
        "machine 1: address: '10.1.0.999' is not an IPv4 address",
        "machine 1: os: 'Solaris' is not known; give Windows or Linux",
        "machine 1: secret: this must say where the secret comes from",
        "machine 1: mobility: 'later' is not known; give push or installed",
        "machine 3: name: 'APP-02' is already the name of machine 2",
        "machine 3: address: '10.1.0.12' is already the address of machine 2",
        "machine 4: address: '127.0.0.1' is not the address of a machine",
        "machine 5: give a table",
        "machine 6: not known: adress",
    ):
        assert part in sentence
    assert "hunter2" not in sentence


def test_the_csv_file_is_read_in_addition(tmp_path: Path) -> None:
    file = tmp_path / "machines.csv"
    file.write_text(
        "\ufeffname;address;os;mobility\r\n# comment\r\n\r\nweb-01;10.1.0.31;Windows;installed\r\n"
    )
    listed = answers({"machines": [table("app-01", "10.1.0.11")], "csv": str(file)})
    assert mistakes(MACHINES, listed) == {}
    assert [(one.name, one.os_type, one.mobility) for one in machines_of(listed)] == [
        ("app-01", "Linux", "push"),
        ("web-01", "Windows", "installed"),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["The file is empty; its first line must be: name,address,os"]),
        ("name,address\na,10.0.0.1\n", ["line 1: the header has no column os"]),
        ("name,address,os,os\n", ["line 1: column os stands twice"]),
        ("name,address,os,colour\n", ["line 1: not known: colour"]),
        (
            "name,address,os\na,10.0.0.1\n",
            ["line 2: number of values: 2; the header names 3: name, address, os"],
        ),
        (
            "name,address,os\n\na,10.0.0.1,Linux,x\nb,10.0.0.300,Linux\n",
            [
                "line 3: number of values: 4; the header names 3",
                "line 4: address: '10.0.0.300' is not an IPv4 address",
            ],
        ),
        ('name,address,os\n"a\nb",10.0.0.1,Linux\n', ["line 3: name: 'a b'"]),
        ("name,address,os\n,10.0.0.1,Linux\n", ["line 2: name: needs a value"]),
        (
            "name,address,os\napp-01,10.0.0.1,Linux\n",
            ["line 2: name: 'app-01' is already the name of machine 1"],
        ),
    ],
)
def test_a_bad_csv_line_is_named_by_its_number(tmp_path: Path, text: str, parts: list[str]) -> None:
    file = tmp_path / "machines.csv"
    file.write_text(text)
    listed = answers({"machines": [table("app-01", "10.1.0.11")], "csv": str(file)})
    sentence = mistakes(MACHINES, listed)["csv"]
    assert [part for part in parts if part not in sentence] == []


def test_a_csv_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    missing = mistakes(MACHINES, answers({"csv": str(tmp_path / "none.csv")}))["csv"]
    assert "none.csv: cannot be read: No such file or directory" in missing
    binary = tmp_path / "machines.xlsx"
    binary.write_bytes(b"PK\x03\x04\xff\xfe")
    assert "is not UTF-8" in mistakes(MACHINES, answers({"csv": str(binary)}))["csv"]


@given(st.text(max_size=300))
def test_any_csv_text_gives_machines_or_sentences(text: str) -> None:
    listed = machine_list.from_csv(text)
    sentences = [*listed.mistakes, *machine_rules.judge(listed.entries)]
    assert listed.entries or sentences or text.lower().startswith("name")
    assert not any("\x1b" in sentence or "\n" in sentence for sentence in machine_rules.judge(listed.entries))


def test_the_world_may_suggest_machines_and_their_accounts() -> None:
    known = {"machines": SUGGESTED, "linux-secret": "practice:linux-root", "windows-secret": "practice:w"}
    listed = Answers(SCENARIO, {}, known)
    assert mistakes(MACHINES, listed) == {}
    assert [(one.name, one.secret) for one in machines_of(listed)] == [
        ("app-01", "practice:linux-root"),
        ("web-01", "practice:w"),
    ]


def test_a_default_account_is_asked_for_only_when_a_machine_needs_it() -> None:
    own = answers({"machines": [table("a", "10.0.0.1", user="root", secret="env:A")], "linux-secret": ""})
    assert mistakes(MACHINES, own) == {}
    needs = answers({"machines": [table("a", "10.0.0.1")], "linux-secret": ""})
    assert mistakes(MACHINES, needs) == {"linux-secret": "needs a value"}


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.255.0.1", True),
        ("172.16.0.1", True),
        ("172.31.255.254", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("192.169.1.1", False),
        ("100.64.0.1", False),
        ("52.174.1.9", False),
        ("nonsense", False),
    ],
)
def test_private_means_rfc_1918(address: str, private: bool) -> None:
    assert machine_rules.is_private(address) is private


def test_a_public_address_fails_a_check_that_can_be_waived() -> None:
    found = machine_checks.private_address(Machine("a", "52.174.1.9", "Linux"))
    assert (found.id, found.status) == ("private-address", Status.FAILED)
    assert next(check for check in MACHINES.checks if check.id == "private-address").blocking


@pytest.mark.parametrize(
    ("name", "status"),
    [("app-01", Status.OK), ("a" * 63, Status.OK), ("app_01", Status.WARNING), ("app-", Status.WARNING)],
)
def test_a_name_that_azure_would_refuse_is_a_warning(name: str, status: Status) -> None:
    assert machine_checks.azure_name(Machine(name, "10.0.0.1", "Linux")).status is status


def test_linux_push_installation_needs_root() -> None:
    assert machine_checks.push_account(Machine("a", "10.0.0.1", "Linux", "ops")).status is Status.WARNING
    assert machine_checks.push_account(Machine("a", "10.0.0.1", "Linux", "root")).status is Status.OK


def test_a_hub_inventory_becomes_tables_with_the_private_address() -> None:
    inventory: list[dict[str, Any]] = [
        {"name": "app-01", "addresses": ["52.1.2.3", "10.1.0.11"], "os": "linux"}
    ]
    inventory.append({"name": "x"})
    assert machine_list.from_inventory(inventory) == [
        table("app-01", "10.1.0.11"),
        {"name": "x", "address": "", "os": ""},
    ]


@pytest.mark.parametrize(
    ("name", "address", "status", "part"),
    [
        ("app-01", "10.1.0.11", Status.OK, "with this address"),
        ("APP-01", "10.1.0.12", Status.WARNING, "with another address"),
        ("app-02", "10.1.0.11", Status.WARNING, "does not list the machine"),
    ],
)
def test_the_list_is_compared_with_what_the_hub_says(
    name: str, address: str, status: Status, part: str
) -> None:
    inventory = [{"name": "app-01", "addresses": ["10.1.0.11", "52.1.2.3"], "os": "Linux"}]
    found = machine_checks.at_the_hub(Machine(name, address, "Linux"), inventory)
    assert found.status is status
    assert part in found.what


def test_a_machine_can_be_typed_on_a_line() -> None:
    assert machine_list.from_line("app-01, 10.1.0.11, Linux") == table("app-01", "10.1.0.11")


def test_the_digest_follows_the_file_behind_the_answers(tmp_path: Path) -> None:
    file = tmp_path / "machines.csv"
    file.write_text("name,address,os\na,10.0.0.1,Linux\n")
    listed = answers({"csv": str(file)})
    before = machines.machines_digest(listed)
    file.write_text("name,address,os\na,10.0.0.2,Linux\n")
    assert machines.machines_digest(listed) != before
