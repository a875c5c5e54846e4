"""Texts on pages: guidance without its marks, log lines whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import screens.help
from screens.state import Phase, StepDesk
from screens.step.report import progress_lines
from screens.style import as_text
from tests.screens.driving import driven, enter_step, press, running, screen_text

GUIDANCE = "# Title\n\nPlain.\n\n## Details\n\n- A line that is quite a bit longer than fifty columns are, so it wraps."


@driven
async def test_guidance_on_the_page_of_a_step_has_no_raw_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens.help, "guidance", lambda _step: GUIDANCE)
    async with running(tmp_path) as pilot:
        await enter_step(pilot, "read")
        shown = screen_text(pilot)
        assert "Details" in shown
        assert "#" not in shown
        assert "so it wraps." in shown
        await press(pilot, "g")
        assert "#" not in screen_text(pilot)


def test_a_line_of_a_log_is_wrapped_not_cut() -> None:
    line = "ERROR: the passphrase file could not be read " * 3
    drawn = as_text(progress_lines(StepDesk(Phase.DOING, log=[line]), {}, 50))
    assert " ".join(drawn.split()).endswith(line.strip())
