"""The field of a secret: references are shown, anything else is asked about, and nothing is written down."""

from __future__ import annotations

from pathlib import Path

from screens.step.secret_row import SecretRow
from tests.screens.driving import (
    Driver,
    driven,
    enter_step,
    field,
    focused,
    help_line,
    press,
    running,
    screen_text,
    settled,
    shell,
    told,
)

MARKER = "hunter2-marker"
QUESTION = "Use what you typed as the secret itself, for 'Client secret'?"


async def typed(pilot: Driver, value: str) -> SecretRow:
    """Type into the field of the secret, in place of what stands there."""
    await enter_step(pilot, "sign-in")
    row = field(pilot, "secret")
    assert isinstance(row, SecretRow)
    row.entry.focus()
    await press(pilot, "end", "ctrl+u", *value)
    return row


def stored(pilot: Driver) -> object:
    desk = shell(pilot).desk
    assert desk.book is not None
    assert desk.view is not None
    row = desk.book.journal.answers(desk.view.engagement.id).get("sign-in.secret")
    return None if row is None else row.value


def on_disk(state: Path, marker: str) -> bool:
    return any(marker.encode() in path.read_bytes() for path in state.rglob("*") if path.is_file())


@driven
async def test_a_typed_text_is_asked_about_and_no_is_the_safe_choice(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        row = await typed(pilot, MARKER)
        assert MARKER not in screen_text(pilot)
        assert QUESTION in told(pilot)
        await press(pilot, "enter")
        assert getattr(focused(pilot), "button", None) is not None
        assert help_line(pilot).startswith("Client secret: this is no reference")
        await press(pilot, "enter")
        assert row.value == "practice:principal"
        assert QUESTION not in told(pilot)
        assert shell(pilot).desk.typed == {}
        assert stored(pilot) is None
        assert not on_disk(tmp_path, MARKER)


@driven
async def test_agreed_to_it_stays_in_memory_and_the_answer_is_prompt(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        row = await typed(pilot, MARKER)
        await press(pilot, "enter", "right", "enter")
        assert row.value == "prompt"
        assert focused(pilot) is row.entry
        assert "> Client secret" in screen_text(pilot)
        assert stored(pilot) == "prompt"
        assert shell(pilot).desk.typed == {"sign-in.secret": MARKER}
        await press(pilot, "escape", "c")
        assert "Signed in." in screen_text(pilot)
        assert not on_disk(tmp_path, MARKER)


@driven
async def test_going_on_without_an_answer_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        row = await typed(pilot, MARKER)
        await press(pilot, "escape", "c")
        assert focused(pilot) is row.entry
        assert "Signed in." not in screen_text(pilot)
        assert shell(pilot).desk.typed == {}
        assert not on_disk(tmp_path, MARKER)


@driven
async def test_a_reference_given_later_takes_the_place_of_the_typed_secret(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await typed(pilot, MARKER)
        await press(pilot, "enter", "right", "enter")
        await press(pilot, "end", "ctrl+u", *"env:SECRET", "enter")
        assert stored(pilot) == "env:SECRET"
        assert shell(pilot).desk.typed == {}


@driven
async def test_the_beginning_of_a_reference_is_not_asked_about_until_it_is_left(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        row = await typed(pilot, "env:")
        assert QUESTION not in told(pilot)
        await press(pilot, "tab")
        await settled(pilot)
        assert QUESTION in told(pilot)
        assert row.value == "practice:principal"
