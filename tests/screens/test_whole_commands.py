"""The exact command of a fix stands on the page with every character, at every width."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult

from screens.fixing_lines import whole
from screens.reader import Text
from screens.style import Line, as_text
from tests.screens.driving import lines

COMMAND = "".join(f"{number:03}>/dev/null;" for number in range(20))


@pytest.mark.parametrize("command", [COMMAND, "", "+" + "x" * 77, "größe=日本語" * 20])
def test_the_pieces_of_a_command_join_to_it(command: str) -> None:
    for width in range(20, 140):
        pieces = [as_text([line]) for line in whole(command, width)]
        assert pieces[0][2:] + "".join(piece[4:] for piece in pieces[1:]) == command


class Reading(App[int]):
    """A page of text that is longer than the terminal, so that it has a scrollbar."""

    def compose(self) -> ComposeResult:
        def draw(width: int) -> Sequence[Line]:
            return [line for _copy in range(30) for line in whole(COMMAND, width)]

        yield Text(draw)


@pytest.mark.parametrize("width", [40, 61, 80, 81, 132])
def test_the_scrollbar_covers_no_character(width: int) -> None:
    async def look() -> None:
        async with Reading().run_test(size=(width, 12)) as pilot:
            await pilot.pause()
            assert pilot.app.query_one(Text).show_vertical_scrollbar
            shown = [line[: width - 1].rstrip() for line in lines(pilot)]
            first = next(
                number for number, line in enumerate(shown) if number and not line.startswith("    ")
            )
            assert shown[0][2:] + "".join(line[4:] for line in shown[1:first]) == COMMAND

    asyncio.run(look())
