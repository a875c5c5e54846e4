"""The list of machines on its step."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.lines import Lines
from screens.step.machines import LABELS, MachineEntry, clean
from screens.style import Cell
from services.scenario.azure_stack.machine_list import from_typed
from services.scenario.azure_stack.machine_rules import COLUMNS
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.validate import without_secrets
from tests.screens.driving import (
    Driver,
    driven,
    enter_step,
    field,
    focused,
    help_line,
    lines,
    press,
    running,
    screen_text,
    settled,
    told,
)
from tests.screens.test_step import stored

ONE = {"name": "app-01", "address": "10.1.0.11", "os": "Linux"}


@driven
async def test_a_machine_is_typed_on_a_line_edited_and_removed(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
        assert stored(pilot, "machines.machines") == ([ONE], True)
        assert "app-01         10.1.0.11       Linux" in screen_text(pilot)
        await press(pilot, "enter", "end", *", admin", "enter")
        assert stored(pilot, "machines.machines") == ([{**ONE, "user": "admin"}], True)
        await press(pilot, "enter", *"zzz", "escape")
        assert stored(pilot, "machines.machines") == ([{**ONE, "user": "admin"}], True)


@driven
async def test_a_password_in_the_place_of_its_source_is_taken_out_at_once_and_said(tmp_path: Path) -> None:
    said = "a secret's place takes env:NAME, keyring:SERVICE/USER, file:PATH or prompt; what you typed was not kept"
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux, root, hunter2")
        entry = pilot.app.query_one(MachineEntry)
        assert entry.value == "app-01, 10.1.0.11, Linux, root, "
        assert said in told(pilot)
        await press(pilot, "e", "enter")  # still no reference
        assert stored(pilot, "machines.machines") is None
        assert (focused(pilot), entry.value) == (entry, "app-01, 10.1.0.11, Linux, root, ")
        assert said in told(pilot)
        await press(pilot, *"env:ROOT")
        assert said not in told(pilot)
        await press(pilot, "enter")
        assert stored(pilot, "machines.machines") == (
            [{**ONE, "user": "root", "secret": "env:ROOT"}],
            True,
        )


@driven
async def test_machines_come_from_an_inventory_and_from_a_file(tmp_path: Path) -> None:
    listed = tmp_path / "machines.csv"
    listed.write_text("name,address,os\ndb-01,10.1.0.21,Linux\n", encoding="utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text("name,address,os\ndb-02\n", encoding="utf-8")
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "i")
        assert "app-02" in screen_text(pilot)
        await press(pilot, "tab", "enter")
        await press(pilot, "i", "shift+tab", *str(broken), "enter")
        assert "line 2: number of values: 1; the header names 3" in screen_text(pilot)
        await press(pilot, "ctrl+u", *str(listed), "enter")
        two = {"name": "app-02", "address": "10.1.0.12", "os": "Linux"}
        three = {"name": "db-01", "address": "10.1.0.21", "os": "Linux"}
        assert stored(pilot, "machines.machines") == ([two, three], True)
        assert "x remove" in lines(pilot)[-1]
        assert len(field(pilot, "machines").value) == 2


def listed(pilot: Driver) -> list[str]:
    """The names that the journal holds."""
    row = stored(pilot, "machines.machines")
    return [one["name"] for one in row[0]] if isinstance(row, tuple) else []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "app-02, 1.2.3, Linux",
            "machine 2: address: '1.2.3' is not an IPv4 address; give one such as 10.1.0.11",
        ),
        ("app-02, 10.1.0.12, Beos", "machine 2: os: 'Beos' is not known; give Windows or Linux"),
        ("adb 01, 10.1.0.12, Linux", "machine 2: name: 'adb 01' will not do; give 1 to 63 letters"),
        ("APP-01, 10.1.0.12, Linux", "machine 2: name: 'APP-01' is already the name of machine 1"),
        ("app-02, 10.1.0.11, Linux", "machine 2: address: '10.1.0.11' is already the address of machine 1"),
        (
            "a, 10.1.0.12, Linux, root, prompt, push, , , , , 11",
            "machine 2: number of values: 11; a machine has at most 10",
        ),
    ],
)
@driven
async def test_a_machine_that_will_not_do_is_refused_and_what_was_typed_stays(
    tmp_path: Path, line: str, sentence: str
) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
        await press(pilot, "a", *line, "enter")
        assert listed(pilot) == ["app-01"]
        assert sentence in told(pilot)
        assert sentence in help_line(pilot)
        entry = pilot.app.query_one(MachineEntry)
        assert (focused(pilot), entry.value) == (entry, line)


@driven
async def test_the_line_being_typed_has_labels_and_lines_have_numbers(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
        assert "1 app-01" in told(pilot)
        await press(pilot, "a", *"app-02, 10")
        assert "Machine 2" in told(pilot)
        assert "name, private address, os: Windows or Linux" in told(pilot)
        bright = [cell.text for cell in labels(pilot) if cell.style == "accent"]
        assert bright == ["private address, "]


def test_every_column_has_a_label() -> None:
    assert set(LABELS) == set(COLUMNS)


def test_a_passphrase_in_the_place_of_its_source_is_dropped() -> None:
    line = "app-01, 10.1.0.11, Linux, root, hunter2, push, , /home/op/key, hunter3"
    typed = from_typed(line, [], 1)
    assert (typed.values["secret"], typed.values["passphrase"], typed.mistakes) == ("prompt", "prompt", ())
    row = {**ONE, "secret": "hunter2", "passphrase": "hunter3"}
    assert clean(row) == {**ONE, "secret": "prompt", "passphrase": "prompt"}
    kept = without_secrets(MACHINES, {"machines": [row]})
    assert kept == {"machines": [{**ONE, "secret": "", "passphrase": ""}]}


def labels(pilot: Driver) -> list[Cell]:
    shown = pilot.app.query_one(".labels", Lines)
    return [cell for line in shown._draw(50) for cell in line]


@driven
async def test_a_removed_machine_can_be_put_back(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        for number in (1, 2, 3):
            await press(pilot, "a", *f"app-0{number}, 10.1.0.1{number}, Linux", "enter")
        assert "u undo" not in lines(pilot)[-1]
        await press(pilot, "home", "down", "x")
        assert listed(pilot) == ["app-01", "app-03"]
        assert help_line(pilot) == "Removed: app-02. u puts it back."
        await press(pilot, "x", "u", "u")
        assert listed(pilot) == ["app-01", "app-02", "app-03"]
        assert "u undo" not in lines(pilot)[-1]


@driven
async def test_all_mistakes_of_a_file_are_shown_and_its_good_lines_are_taken_only_when_asked(
    tmp_path: Path,
) -> None:
    table = tmp_path / "machines.csv"
    rows = ["db-01,10.1.0.21,Linux", "app-01,10.1.0.77,Linux", "x,1.2.3,Beos", "db-02,10.1.0.21,Linux"]
    wrong = [f"bad {number},10.1.9.{number},Solaris" for number in range(10)]
    table.write_text("\n".join(["name,address,os", *rows, *wrong, ""]), encoding="utf-8")
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
        await press(pilot, "i", *str(table), "enter")
        assert listed(pilot) == ["app-01"]
        said = " ".join(screen_text(pilot).split())
        assert "Nothing was taken. Mistakes: 24" in said
        assert "line 3: name: 'app-01' is already the name of machine 1" in said
        assert "line 4: address: '1.2.3'" in said
        assert "line 4: os: 'Beos' is not known; give Windows or Linux" in said
        assert "line 5: address: '10.1.0.21' is already the address of line 2" in said
        assert "line 15" not in said
        await press(pilot, "pagedown", "pagedown", "pagedown")
        assert "line 15: os: 'Solaris'" in " ".join(screen_text(pilot).split())
        assert "machines.csv" in "".join(screen_text(pilot).split())
        assert "> take those without a mistake: 1" in screen_text(pilot)
        await press(pilot, "tab", "enter")
        assert listed(pilot) == ["app-01", "db-01"]


@driven
async def test_mistakes_that_an_answers_file_brought_stand_below_the_list(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        here = await enter_step(pilot, "machines")
        wrong = [ONE, {"name": "app 02", "address": "10.1.0.11", "os": "Beos"}]
        here.desk.save(here.step, {"machines": wrong}, lambda _error: None)
        await settled(pilot)
        assert "machine 2: name: 'app 02' will not do" in told(pilot)
        assert "machine 2: os: 'Beos' is not known" in told(pilot)
        assert "machine 2: address: '10.1.0.11' is already the address of machine 1" in told(pilot)
