"""Bad input gets a sentence that names the field, what was given and what would do; nothing typed is lost."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import Ran, Zygote, answers_file, lifeboat, run_arguments, world_file, zygote
from tests.practice_world import ledger, running_world

Edit = Callable[..., Ran]


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@pytest.fixture(scope="module")
def world(state: Path) -> Iterator[dict[str, Any]]:
    with running_world(state, speed=3600) as world:
        yield world


@pytest.fixture(scope="module")
def answers(world: dict[str, Any], state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answers_file(state, tmp_path_factory.mktemp("answers"))


@pytest.fixture
def run_with(answers: Path, state: Path, forked: Zygote, tmp_path: Path) -> Edit:
    """Run the printed answers with some of their text replaced, as an engagement of its own."""

    def run(*changes: tuple[str, str], until: str = "goal", more: str = "") -> Ran:
        text = answers.read_text(encoding="utf-8").replace(
            'engagement = ""', f'engagement = "{tmp_path.name}"'
        )
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "answers.toml"
        path.write_text(text + more, encoding="utf-8")
        return forked.run([*run_arguments(state, path), "--until", until])

    return run


def problems(ran: Ran) -> list[dict[str, Any]]:
    return [event for event in ran.events if event["event"] == "problem"]


def test_all_mistakes_of_a_file_are_named_at_once(answers: Path, state: Path, tmp_path: Path) -> None:
    text = answers.read_text(encoding="utf-8")
    text = text.replace("rpo-minutes = 60", "rpo-minutes = 0").replace(
        'name = "contoso-vault"', 'name = "9!"'
    )
    text = (
        text.replace("planning-done = true", 'planning-done = "perhaps"\ncolour = "red"')
        + "\n[garden]\nhose = 1\n"
    )
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert ran.status == 2
    assert ran.end["outcome"] == "usage"
    told = "\n".join(f"{one['subject']}: {one['what']}" for one in problems(ran))
    assert "policy.rpo-minutes: 0 will not do: 1 minute or more" in told
    assert "vault.name: '9!' will not do." in told
    (name,) = [event for event in ran.events if event.get("subject") == "vault.name"]
    assert name["remedy"].startswith("Give 2 to 50 letters")
    assert "replication.planning-done: 'perhaps' is neither yes nor no" in told
    assert "replication.colour: no such key." in told
    assert "garden: no such key." in told


def test_a_missing_answer_is_told_with_what_it_is_for_and_an_example(
    answers: Path, state: Path, tmp_path: Path, forked: Zygote
) -> None:
    text = re.sub(r"(?m)^tenant = .*$", 'tenant = ""', answers.read_text(encoding="utf-8"), count=1)
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = forked.run(run_arguments(state, path))
    assert ran.status == 2
    (one,) = problems(ran)
    assert (one["subject"], one["what"]) == ("sign-in.tenant", "Tenant needs a value.")
    assert one["remedy"].startswith("Id or domain.")
    assert one["remedy"].endswith('For example: tenant = "contoso.example"')


def test_until_a_step_asks_for_no_later_answer(
    answers: Path, state: Path, tmp_path: Path, forked: Zygote
) -> None:
    text = answers.read_text(encoding="utf-8").replace("rpo-minutes = 60", "rpo-minutes = 0")
    text = text.replace('name = "contoso-vault"', 'name = ""').replace(
        "practice:linux-root", "hunter2-hunter2"
    )
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = forked.run([*run_arguments(state, path), "--until", "architecture"])
    assert (ran.status, problems(ran)) == (0, [])
    with contextlib.closing(sqlite3.connect(state / "practice" / "journal.sqlite")) as journal:
        assert not [row for row in journal.iterdump() if "hunter2" in row]
    assert forked.run([*run_arguments(state, path), "--until", "machines"]).status == 2


def test_a_mistake_in_a_file_of_machines_names_that_file(run_with: Edit, tmp_path: Path) -> None:
    listed = tmp_path / "m.csv"
    listed.write_text("name,address,os\napp-77,10.1.0,Linux\n", encoding="utf-8")
    ran = run_with(('csv = ""', f'csv = "{listed}"'), until="machines")
    assert ran.status == 2
    (one,) = problems(ran)
    assert one["subject"] == "machines.csv"
    assert one["what"] == f"{listed}: line 2: address: '10.1.0' is not an IPv4 address."


def test_a_secret_in_the_file_is_refused_without_being_repeated(
    answers: Path, state: Path, tmp_path: Path
) -> None:
    text = answers.read_text(encoding="utf-8").replace("practice:service-principal", "hunter2-hunter2")
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert ran.status == 2
    assert [one["subject"] for one in problems(ran)] == ["sign-in.secret"]
    assert "hunter2" not in "\n".join(ran.lines) + ran.stderr


def test_a_file_of_another_world_is_refused(answers: Path, state: Path, tmp_path: Path) -> None:
    text = answers.read_text(encoding="utf-8").replace('world = "practice"', 'world = "AzureCloud/t/s"')
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert (ran.status, ran.end["outcome"]) == (4, "refused")
    assert "'AzureCloud/t/s'" in problems(ran)[0]["what"]
    assert "'practice'" in problems(ran)[0]["what"]


def test_a_file_of_another_practice_world_is_refused(
    answers: Path, world: dict[str, Any], state: Path, tmp_path: Path
) -> None:
    other = "00000000-1111-2222-3333-444444444444"
    text = answers.read_text(encoding="utf-8").replace(world["tenant"], other)
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert (ran.status, ran.end["outcome"]) == (4, "refused")
    assert other in problems(ran)[0]["what"]
    assert world["tenant"] in problems(ran)[0]["what"]
    path.write_text(text.replace(other, "contoso.example"), encoding="utf-8")
    named = lifeboat(*run_arguments(state, path), "--until", "architecture")
    assert named.status == 0


def test_what_was_set_up_in_another_practice_world_is_refused(
    answers: Path, world: dict[str, Any], state: Path, tmp_path: Path, forked: Zygote
) -> None:
    def given(joined: Path) -> list[str]:
        return ["--practice", "--state", str(tmp_path), "--world", str(joined)]

    own = [*given(world_file(state)), "run", "--answers", str(answers), "--until", "architecture", "--json"]
    assert forked.run(own).status == 0
    joined = tmp_path / "world.json"
    other = "00000000-1111-2222-3333-444444444444"
    joined.write_text(json.dumps({**world, "tenant": other}), encoding="utf-8")
    refused = lifeboat(*given(joined), "items")
    assert refused.status == 4
    assert other in refused.stderr
    assert f"tenant {world['tenant']}" in refused.stderr
    assert "--state" in refused.stderr


def test_a_public_address_stops_until_it_is_waived(run_with: Edit) -> None:
    change = ('address = "10.1.0.11"', 'address = "20.1.0.11"')
    stopped = run_with(change, until="machines")
    assert stopped.status == 1
    assert [problem["code"] for problem in problems(stopped)] == ["private-address"]
    waiver = (
        '\n[[waiver]]\ncheck = "private-address"\ntarget = "app-01"\nreason = "our own range"\nby = "op"\n'
    )
    waived = run_with(change, until="machines", more=waiver)
    assert waived.status == 0
    found = [one for one in waived.events if one["event"] == "finding" and one["id"] == "private-address"]
    assert {(one["target"], one["status"]) for one in found} == {("app-01", "waived"), ("web-01", "ok")}
    assert [one.get("reason") for one in found if one["target"] == "app-01"] == ["our own range"]


def test_a_machine_twice_is_named(run_with: Edit, state: Path, answers: Path, tmp_path: Path) -> None:
    text = answers.read_text(encoding="utf-8").replace('name = "web-01"', 'name = "app-01"')
    path = tmp_path / "twice.toml"
    path.write_text(text, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert ran.status == 2
    assert "app-01" in next(one["what"] for one in problems(ran) if one["subject"] == "machines.machines")


def test_a_bad_csv_line_is_named_by_its_number(state: Path, answers: Path, tmp_path: Path) -> None:
    table = tmp_path / "machines.csv"
    table.write_text("name,address,os\ndb-01,10.1.0.21,Linux\ndb-02,10.1.0.999,Linux\n", encoding="utf-8")
    path = tmp_path / "csv.toml"
    path.write_text(
        answers.read_text(encoding="utf-8").replace('csv = ""', f'csv = "{table}"'), encoding="utf-8"
    )
    ran = lifeboat(*run_arguments(state, path))
    assert ran.status == 2
    (problem,) = problems(ran)
    assert "line 3" in problem["what"]
    assert "10.1.0.999" in problem["what"]


def test_a_vault_in_another_region_is_named(run_with: Edit) -> None:
    ran = run_with(('name = "contoso-vault"', 'name = "contoso-east"'), until="vault")
    assert ran.status == 1
    (problem,) = problems(ran)
    assert problem["code"] == "vault-region"
    assert "eastus" in problem["what"]
    assert "westeurope" in problem["what"]


def test_a_modernized_vault_is_not_taken_for_a_classic_one(run_with: Edit) -> None:
    ran = run_with(('name = "contoso-vault"', 'name = "contoso-modern"'), until="vault")
    assert [problem["code"] for problem in problems(ran)] == ["vault-classic"]


def test_a_wrong_secret_ends_as_a_sign_in_problem(run_with: Edit) -> None:
    ran = run_with(("practice:service-principal", "practice:linux-root"), until="sign-in")
    assert ran.status in (1, 3)
    assert "AADSTS7000215" in str(problems(ran))


def test_no_permission_stops_before_anything_is_sent(
    run_with: Edit, world: dict[str, Any], state: Path
) -> None:
    before = ledger(world)
    reader = world["reader"]
    ran = run_with(
        (f'client-id = "{world["clientId"]}"', f'client-id = "{reader["clientId"]}"'), until="vault"
    )
    assert ran.status != 0
    assert ledger(world) == before


def test_a_journal_from_a_newer_version_is_refused(
    tmp_path: Path, answers: Path, world: dict[str, Any]
) -> None:
    state = tmp_path / "newer"
    joined = ["--practice", "--state", str(state), "--world", str(world_of(world))]
    first = lifeboat(*joined, "run", "--answers", str(answers), "--yes", "--json", "--until", "architecture")
    assert first.status == 0, first.stderr
    journal = state / "practice" / "journal.sqlite"
    with sqlite3.connect(journal) as connection:
        number = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {number + 1}")
    ran = lifeboat(*joined, "run", "--answers", str(answers), "--yes", "--json")
    assert (ran.status, ran.end["outcome"]) == (4, "refused")
    assert str(number + 1) in problems(ran)[0]["what"]


def test_what_was_typed_is_kept_when_a_step_stops(run_with: Edit, state: Path, tmp_path: Path) -> None:
    run_with(('name = "contoso-vault"', 'name = "contoso-east"'), until="vault")
    listed = lifeboat(*run_arguments(state, Path("x"))[:5], "engagements", "--json")
    row = next(one for one in listed.events if one["name"] == tmp_path.name)
    assert (row["at"], row["vault"]) == ("vault", "contoso-east")
    told = lifeboat(*run_arguments(state, Path("x"))[:5], "engagements").lines
    assert [line for line in told if line.startswith(f"{tmp_path.name}, vault contoso-east  ")]


def test_read_only_changes_nothing(answers: Path, state: Path, world: dict[str, Any], tmp_path: Path) -> None:
    before = ledger(world)
    path = tmp_path / "read-only.toml"
    path.write_text(answers.read_text(encoding="utf-8"), encoding="utf-8")
    ran = lifeboat("--read-only", *run_arguments(state, path))
    assert ran.status == 4
    assert problems(ran)[0]["code"] == "read-only"
    assert "--read-only" in problems(ran)[0]["remedy"]
    assert ledger(world) == before


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ("\nwaiver = [1]\n", "waiver 1"),
        ("\nwaiver = 3\n", "waiver"),
        (
            '\n[[waiver]]\ncheck = "c"\ntarget = "t"\nreason = "r"\nby = "b"\nuntil = "soon"\n',
            "waiver 1: until",
        ),
        (
            '\n[[waiver]]\ncheck = "clock-skw"\ntarget = "t"\nreason = "r"\nby = "b"\n',
            "waiver 1: check",
        ),
        ("\nmachines = 3\n", "machines"),
        ("\nengagement = 5\n", "engagement"),
    ],
)
def test_values_of_a_wrong_kind_are_named(
    more: str, subject: str, answers: Path, state: Path, tmp_path: Path
) -> None:
    head = "".join(f"{line}\n" for line in ('scenario = "azure-stack-to-azure"', 'world = "practice"'))
    path = tmp_path / "a.toml"
    path.write_text(head + more, encoding="utf-8")
    ran = lifeboat(*run_arguments(state, path))
    assert ran.status == 2
    assert subject in [one["subject"] for one in problems(ran)]


def test_without_yes_nothing_is_changed(
    answers: Path, state: Path, world: dict[str, Any], tmp_path: Path
) -> None:
    before = ledger(world)
    path = tmp_path / "ask.toml"
    text = answers.read_text(encoding="utf-8").replace('engagement = ""', 'engagement = "unconfirmed"')
    path.write_text(text, encoding="utf-8")
    arguments = [one for one in run_arguments(state, path) if one != "--yes"]
    ran = lifeboat(*arguments)
    assert ran.status == 4
    assert problems(ran)[0]["code"] == "not-confirmed"
    assert ledger(world) == before


def world_of(world: dict[str, Any]) -> Path:
    return Path(world["ca"]).parent.parent / "world.json"
