"""The program around the pages: help, the list of commands, leaving, secrets that are asked for, crashes."""

from __future__ import annotations

from pathlib import Path

from textual import events

from screens.secret import SecretEntry
from tests.screens import small
from tests.screens.driving import (
    buttons,
    driven,
    enter_step,
    field,
    fill,
    focused,
    help_line,
    lines,
    page,
    press,
    running,
    screen_text,
    settled,
    shell,
    step_page,
    until,
)


@driven
async def test_f1_helps_with_the_field_that_has_the_focus(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "rpo").entry.focus()
        await settled(pilot)
        await press(pilot, "f1")
        shown = screen_text(pilot)
        assert "RPO threshold" in shown
        assert "A warning only." in shown
        assert "In minutes." in shown
        assert "Read the guidance of this step" in shown
        await press(pilot, "escape")
        assert step_page(pilot).step_id == "policy"


@driven
async def test_commands_and_steps_are_found_by_typing(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await press(pilot, "ctrl+p", *"guid")
        assert "> Read the guidance of this step" in screen_text(pilot)
        await press(pilot, "enter")
        assert page(pilot).heading.title == "Guidance"
        await press(pilot, "escape", "ctrl+p", *"machines", "enter")
        assert step_page(pilot).step_id == "machines"


@driven
async def test_the_list_of_commands_says_that_nothing_matches_and_why_not_now(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await press(pilot, "ctrl+p", *"zzz")
        assert "Nothing matches 'zzz'. Esc goes back." in screen_text(pilot)
        await press(pilot, "enter")
        assert page(pilot).heading.title == "Find a command"
        await press(pilot, "ctrl+u", *"next step")
        assert "not now: this step is not done yet; check it first." in screen_text(pilot)
        await press(pilot, "enter")
        assert help_line(pilot) == "Not now: this step is not done yet; check it first."


@driven
async def test_quitting_asks_only_while_work_is_in_hand(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        small.hand.hold.clear()
        await pilot.press("right", "enter")
        await until(pilot, lambda: shell(pilot).desk.busy)
        await pilot.press("q")
        await until(pilot, lambda: page(pilot).heading.title == "Leave?")
        await pilot.pause()
        assert buttons(pilot) == ["stay", "leave"]
        await pilot.press("enter")
        await until(pilot, lambda: page(pilot).heading.title == "Replication policy")
        assert shell(pilot).return_value is None
        small.hand.hold.set()
        await settled(pilot)
        await pilot.press("q")
        assert shell(pilot).return_value == 0


@driven
async def test_quitting_while_something_is_only_looked_at_asks_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        small.hand.hold.clear()
        await pilot.press("escape", "c")
        await until(pilot, lambda: shell(pilot).desk.busy)
        await pilot.press("q")
        await pilot.pause()
        assert shell(pilot).return_value == 0


@driven
async def test_a_secret_that_is_needed_is_asked_for_once(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "sign-in")
        row = field(pilot, "secret")
        row.entry.focus()
        await press(pilot, "ctrl+u", *"prompt", "enter")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.focused, SecretEntry))
        shown = " ".join(screen_text(pilot).split())
        assert "Client secret Needed for the step: Sign in" in shown
        assert "Kept in memory until you quit, and written nowhere." in shown
        assert "write env:NAME, keyring:SERVICE/USER or file:PATH in its field." in shown
        await pilot.press(*"hunter2-marker")
        assert "hunter2-marker" not in screen_text(pilot)
        await press(pilot, "enter")
        assert "Signed in." in screen_text(pilot)
        await press(pilot, "c")
        assert "Signed in." in screen_text(pilot)


@driven
async def test_giving_up_a_secret_gives_the_step_back(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "sign-in")
        row = field(pilot, "secret")
        row.entry.focus()
        await press(pilot, "ctrl+u", *"prompt", "enter")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.focused, SecretEntry))
        await press(pilot, "escape")
        assert step_page(pilot).step_id == "sign-in"
        assert not shell(pilot).desk.busy


@driven
async def test_ascii_draws_nothing_else(tmp_path: Path) -> None:
    async with running(tmp_path, ascii_only=True) as pilot:
        for keys in ("enter", "enter", "f1", "escape", "slash", "escape"):
            await press(pilot, keys)
            assert screen_text(pilot).isascii(), screen_text(pilot)
        assert "|" in screen_text(pilot)


@driven
async def test_a_service_that_breaks_leaves_a_report_without_secrets(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        shell(pilot).desk.typed["x"] = "hunter2-marker"

        def broken(_session: object) -> None:
            raise RuntimeError("never show hunter2-marker")

        small.hand.wait = broken  # type: ignore[method-assign,assignment]
        await press(pilot, "escape", "c")
        assert "The program met an error of its own." in screen_text(pilot)
        assert buttons(pilot) == ["check", "back"]
        reports = list(tmp_path.glob("crash-*.txt"))
        assert len(reports) == 1
        report = reports[0].read_text(encoding="utf-8")
        assert "RuntimeError: never show [removed]" in report
        assert reports[0].stat().st_mode & 0o777 == 0o600
        assert focused(pilot) is not None
        assert lines(pilot)[0].startswith("Lifeboat  PRACTICE")


@driven
async def test_keys_typed_ahead_go_where_they_were_meant(tmp_path: Path) -> None:
    """All keys are there before the first is handled, as after a stall of the link."""
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        app = shell(pilot)
        for key, letter in (
            ("a", "a"),
            ("enter", "\r"),
            ("backspace", None),
            ("5", "5"),
            ("tab", None),
            ("x", "x"),
        ):
            app.post_message(events.Key(key, letter))
        await settled(pilot)
        assert field(pilot, "name").value == "a"
        assert field(pilot, "rpo").value == 65
        assert field(pilot, "network").value == "recovery-netx"


@driven
async def test_a_page_that_was_left_is_not_there_for_an_answer_that_comes_late(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        left = await enter_step(pilot, "policy")
        assert left.is_mounted
        await press(pilot, "escape", "b")
        assert page(pilot) is not left
        assert not left.is_mounted
