"""The page of a step: its contract with the keyboard."""

from __future__ import annotations

from pathlib import Path

from tests.screens import small
from tests.screens.driving import (
    button,
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
    told,
    until,
)


def stored(pilot: object, key: str) -> object:
    """What the journal holds for an answer."""
    desk = shell(pilot).desk  # type: ignore[arg-type]
    assert desk.book is not None
    assert desk.view is not None
    row = desk.book.journal.answers(desk.view.engagement.id).get(key)
    return None if row is None else (row.value, row.valid)


@driven
async def test_focus_begins_in_the_first_field_that_needs_something(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        assert focused(pilot) is field(pilot, "name").entry
        assert help_line(pilot) == "A name for the policy in the vault."
        assert "Still needed: Name" in screen_text(pilot)


@driven
async def test_going_on_with_a_wrong_value_leads_to_it_and_says_why_until_it_changes(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await fill(pilot, "rpo", "99999")
        button(pilot, "check").focus()
        await press(pilot, "enter")
        why = "RPO threshold: 99999 will not do: 15 to 1440 minutes"
        assert focused(pilot) is field(pilot, "rpo").entry
        assert help_line(pilot) == why
        assert small.hand.applied == []
        await press(pilot, "enter", "enter", "enter")
        assert focused(pilot) is button(pilot, "check")
        assert why in told(pilot)
        await press(pilot, "enter")
        assert focused(pilot) is field(pilot, "rpo").entry
        assert help_line(pilot) == why
        await press(pilot, "end", "ctrl+u", "6", "0", "tab", "tab", "tab", "enter")
        assert buttons(pilot) == ["later", "do"]


@driven
async def test_going_on_with_an_empty_field_leads_to_it(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "fast").entry.focus()
        await press(pilot, "enter")
        assert focused(pilot) is button(pilot, "check")
        await press(pilot, "enter")
        assert focused(pilot) is field(pilot, "name").entry
        assert help_line(pilot) == "Name: needs a value"


@driven
async def test_an_error_takes_the_place_of_the_help(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "rpo", "five")
        field(pilot, "rpo").entry.focus()
        await settled(pilot)
        assert help_line(pilot) == "RPO threshold: 'five' is not a whole number"
        await fill(pilot, "rpo", "5")
        field(pilot, "rpo").entry.focus()
        await settled(pilot)
        assert help_line(pilot) == "RPO threshold: 5 will not do: 15 to 1440 minutes"
        await fill(pilot, "rpo", "30")
        field(pilot, "rpo").entry.focus()
        await settled(pilot)
        assert help_line(pilot) == "A warning only."


@driven
async def test_a_field_that_nobody_has_left_yet_is_not_blamed(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "rpo").entry.focus()
        await press(pilot, "end", "backspace", "backspace")
        assert help_line(pilot) == "A warning only."


@driven
async def test_back_keeps_what_was_typed_valid_or_not(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        field(pilot, "rpo").entry.focus()
        await press(pilot, "ctrl+u", "9", "escape", "b")
        assert stored(pilot, "policy.name") == ("contoso-policy", True)
        assert stored(pilot, "policy.rpo") == (9, False)
        await enter_step(pilot, "policy")
        assert field(pilot, "name").value == "contoso-policy"
        assert field(pilot, "rpo").value == 9


@driven
async def test_typing_is_saved_within_a_second_without_leaving_the_field(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await pilot.press("a", "b")
        assert stored(pilot, "policy.name") is None
        await until(pilot, lambda: stored(pilot, "policy.name") == ("ab", True), seconds=1.0)
        assert focused(pilot) is field(pilot, "name").entry


@driven
async def test_letters_are_text_in_a_field_and_act_outside(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await press(pilot, "q", "question_mark", "g")
        assert field(pilot, "name").value == "q?g"
        assert lines(pilot)[-1] == "Tab next  Enter accept  Esc leave field, then letters act  F1 help"
        await press(pilot, "escape")
        assert pilot.app.focused is None
        assert "g guidance" in lines(pilot)[-1]
        await press(pilot, "tab")
        assert focused(pilot) is field(pilot, "name").entry
        await press(pilot, "escape", "g")
        assert page(pilot).heading.title == "Guidance"
        await press(pilot, "escape")
        assert step_page(pilot).step_id == "policy"


@driven
async def test_a_plan_is_shown_and_the_safe_choice_has_the_focus(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        assert "create  replication policy contoso-policy" in screen_text(pilot)
        assert "Nothing is replicated yet." in screen_text(pilot)
        assert buttons(pilot) == ["later", "do"]
        assert focused(pilot) is button(pilot, "later")
        assert small.hand.applied == []
        await press(pilot, "enter")
        assert small.hand.applied == []
        assert "Plan:" not in screen_text(pilot)


@driven
async def test_confirmed_it_is_done_and_leads_on(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c", "right", "enter")
        assert small.hand.applied == ["contoso-policy"]
        assert focused(pilot) is button(pilot, "next")
        assert help_line(pilot) == "Next: The end"
        assert "done    Create the policy" in screen_text(pilot)
        await press(pilot, "enter")
        assert step_page(pilot).step_id == "last"


@driven
async def test_progress_shows_the_running_task_and_can_be_left(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        small.hand.hold.clear()
        await pilot.press("right", "enter")
        await until(pilot, lambda: "Installing the policy" in screen_text(pilot))
        await until(pilot, lambda: "You may close the terminal: the job runs in Azure" in told(pilot))
        assert buttons(pilot) == ["stop", "back"]
        await pilot.press("j")
        await until(pilot, lambda: page(pilot).heading.title == "Jobs")
        await until(pilot, lambda: "runs   Installing the policy" in screen_text(pilot))
        assert "Looked at again every 30 s, as Azure asks." in screen_text(pilot)
        small.hand.hold.set()
        await settled(pilot)
        assert page(pilot).heading.state == "none running"
        await press(pilot, "escape")
        assert focused(pilot) is button(pilot, "next")


@driven
async def test_stopping_changes_nothing_and_gives_the_step_back(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        small.hand.hold.clear()
        await pilot.press("escape", "c")
        await until(pilot, lambda: buttons(pilot) == ["stop", "back"])
        await pilot.press("enter")
        await settled(pilot)
        assert buttons(pilot) == ["check", "back"]
        assert not shell(pilot).desk.busy
        assert small.hand.applied == []


@driven
async def test_a_blocking_finding_says_why_and_what_would_do(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "taken")
        await press(pilot, "escape", "c")
        shown = told(pilot)
        assert "failed taken: The vault has a policy of this name." in shown
        assert "Somebody made it before." in shown
        assert "Choose another name." in shown
        assert page(pilot).heading.state.startswith("blocked")
        rail = [line.partition("\u2502")[0].split() for line in lines(pilot)]
        assert [">", "Policy", "blocked"] in rail
        assert buttons(pilot) == ["check", "back"]


@driven
async def test_a_failure_is_an_answer_with_its_raw_text_one_key_away(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        small.hand.refuse = "yes"
        await press(pilot, "right", "enter")
        assert "contoso-policy: Azure refused." in screen_text(pilot)
        assert "failed  Create the policy" in screen_text(pilot)
        await press(pilot, "p")
        shown = screen_text(pilot)
        assert "Ask for the role Site Recovery Contributor." in shown
        assert "11111111-2222" in shown
        assert "AuthorizationFailed" in shown
        assert "evil" not in shown
        await press(pilot, "w")
        assert '{"error": {"code": "AuthorizationFailed"}}?]0;evil?' in screen_text(pilot)


@driven
async def test_changing_an_answer_forgets_the_plan(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        assert buttons(pilot) == ["later", "do"]
        await fill(pilot, "name", "other-policy")
        assert buttons(pilot) == ["check", "back"]
        assert "Plan:" not in screen_text(pilot)


@driven
async def test_choices_open_with_the_focus_and_fields_follow_them(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "sign-in")
        assert "(*) Service principal with a" in screen_text(pilot)
        assert "Client secret" in screen_text(pilot)
        await press(pilot, "down")
        assert stored(pilot, "sign-in.method") == ("device-code", True)
        assert "Client secret" not in screen_text(pilot)
        await press(pilot, "up")
        assert "Client secret" in screen_text(pilot)


@driven
async def test_a_device_code_is_large_and_as_text(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "sign-in")
        small.hand.hold.clear()
        await press(pilot, "down", "tab")
        await pilot.press("c")
        await until(pilot, lambda: "ABCD12345" in screen_text(pilot))
        shown = screen_text(pilot)
        assert "https://example/device" in shown
        assert "####" in shown
        assert "y copy" in lines(pilot)[-1]
        small.hand.hold.set()
        await settled(pilot)
        assert "ABCD12345" not in screen_text(pilot)
        assert "Signed in." in screen_text(pilot)


@driven
async def test_choices_from_azure_are_listed_and_taken(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "network").entry.focus()
        await settled(pilot)
        await press(pilot, "f2")
        assert "recovery-net" in screen_text(pilot)
        assert "westeurope" in screen_text(pilot)
        await press(pilot, "down", "enter")
        assert field(pilot, "network").value == "other-net"
        assert stored(pilot, "policy.network") == ("other-net", True)


@driven
async def test_every_page_of_a_step_fits_80x24_and_smaller_scrolls(tmp_path: Path) -> None:
    async with running(tmp_path, size=(60, 16)) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        assert focused(pilot) is button(pilot, "later")
        assert "[ Not now ]" in screen_text(pilot)
        await pilot.resize_terminal(30, 8)
        await settled(pilot)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "[ Not now ]" in screen_text(pilot)


@driven
async def test_the_rail_says_states_in_words_and_leads_anywhere(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await press(pilot, "enter", "enter")
        shown = screen_text(pilot)
        assert "How it is bu.." in shown
        assert "done" in shown
        await press(pilot, "t", "down", "down", "enter")
        assert step_page(pilot).step_id == "machines"


@driven
async def test_back_leads_to_the_step_before_however_this_one_was_reached(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "sign-in")
        await press(pilot, "escape", "c")
        await press(pilot, "enter")
        assert step_page(pilot).step_id == "machines"
        await press(pilot, "escape", "escape")
        assert step_page(pilot).step_id == "sign-in"
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "read")
        await press(pilot, "enter")
    async with running(tmp_path) as pilot:
        await press(pilot, "enter")
        assert step_page(pilot).step_id == "machines"
        await press(pilot, "escape", "escape")
        assert step_page(pilot).step_id == "sign-in"
        await press(pilot, "b")
        assert step_page(pilot).step_id == "read"
        await press(pilot, "b")
        assert page(pilot).heading.title == "What now?"


@driven
async def test_help_wraps_what_is_longer_than_a_line(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 50)) as pilot:
        await enter_step(pilot, "policy")
        await press(pilot, "f1")
        assert "a second Esc goes back" in " ".join(screen_text(pilot).split())


@driven
async def test_a_page_over_the_step_gives_the_focus_back_to_the_field_it_came_from(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "network").entry.focus()
        await press(pilot, "f2", "escape")
        assert focused(pilot) is field(pilot, "network").entry
        field(pilot, "rpo").entry.focus()
        await press(pilot, "escape", "g", "escape")
        assert focused(pilot) is field(pilot, "rpo").entry
        await press(pilot, "escape", "b")
        await enter_step(pilot, "policy")
        assert focused(pilot) is field(pilot, "name").entry


@driven
async def test_a_problem_in_full_gives_the_focus_back_to_the_button_it_came_from(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")
        small.hand.refuse = "yes"
        await press(pilot, "right", "enter")
        assert focused(pilot) is button(pilot, "check")
        await press(pilot, "p", "escape")
        assert focused(pilot) is button(pilot, "check")


@driven
async def test_leaving_a_field_with_a_wrong_value_says_why_at_once(tmp_path: Path) -> None:
    why = "RPO threshold: 5 will not do: 15 to 1440 minutes"
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")
        field(pilot, "rpo").entry.focus()
        await press(pilot, "end", "ctrl+u", "5", "enter")
        assert focused(pilot) is field(pilot, "network").entry
        assert help_line(pilot) == why
        await press(pilot, "enter")
        assert help_line(pilot) == "Consistent over machines."
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "policy")  # as after the program was killed
        field(pilot, "rpo").entry.focus()
        await settled(pilot)
        assert help_line(pilot) == why
        assert why in told(pilot)


@driven
async def test_a_step_that_is_only_read_says_that_it_is_marked_as_done(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "read")
        button(pilot, "check").focus()
        await settled(pilot)
        assert "[ Mark as done ]" in screen_text(pilot)
        assert help_line(pilot) == "Marks this step as done. Next then goes on."
        await press(pilot, "enter")
        assert step_page(pilot).step_id == "read"
        assert focused(pilot) is button(pilot, "next")
