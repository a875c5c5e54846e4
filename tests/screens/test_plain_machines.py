"""The list of machines by plain prompts."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from services.scenario.walk import Walk
from tests.screens import small
from tui.plain_machines import ask_machines

GOOD = "app-01, 10.1.0.11, Linux"


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    book = small.book(tmp_path / "practice")
    return book.walk(book.begin(small.SMALL), lambda _event: None, None)


def typed(walk: Walk, monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """Answer the questions with these lines; the names that are listed then."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*lines, "done", ""])))
    step = small.SMALL.step("machines")
    ask_machines(walk, step, step.fields[0])
    return [one["name"] for one in walk.answers["machines.machines"]]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("app-02, 1.2.3, Linux", "machine 2: address: '1.2.3' is not an IPv4 address"),
        ("app-02, 10.1.0.12, Beos", "machine 2: os: 'Beos' is not known; give Windows or Linux"),
        ("adb 01, 10.1.0.12, Linux", "machine 2: name: 'adb 01' will not do"),
        ("app-01, 10.1.0.12, Linux", "machine 2: name: 'app-01' is already the name of machine 1"),
    ],
)
def test_a_machine_that_will_not_do_is_refused(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    assert typed(walk, monkeypatch, GOOD, line) == ["app-01"]
    assert sentence in capsys.readouterr().out


def test_a_file_with_mistakes_is_taken_only_after_a_yes(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "machines.csv"
    table.write_text("name,address,os\nb,10.1.0.2,Linux\nc,1.2.3,Beos\n", encoding="utf-8")
    assert typed(walk, monkeypatch, GOOD, f"csv {table}", "no") == ["app-01"]
    said = capsys.readouterr().out
    assert "line 3: address: '1.2.3'" in said
    assert "line 3: os: 'Beos'" in said
    assert "Nothing was taken." in said
    assert typed(walk, monkeypatch, f"csv {table}", "yes") == ["app-01", "b"]


def test_mistakes_of_a_file_come_in_the_order_of_its_lines(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "machines.csv"
    table.write_text("name,address,os\nb,1.2.3,Linux\nc\nd,10.1.0.4,Beos\n", encoding="utf-8")
    typed(walk, monkeypatch, GOOD, f"csv {table}")
    assert re.findall(r"line (\d):", capsys.readouterr().out) == ["2", "3", "4"]
