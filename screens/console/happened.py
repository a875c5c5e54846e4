"""What a run has said so far, as lines: what was asked, the jobs with their tasks, the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from screens.jobs import tree, word
from screens.style import Cell, Line, column, state, text, wrapped
from services.text import _, plain


def happened_lines(events: Sequence[Mapping[str, Any]], width: int, now: datetime) -> list[Line]:
    """The events in their order; a job stands once, as it is now."""
    lines: list[Line] = []
    for event in events:
        kind = str(event["event"])
        if kind == "job":
            title = plain(f"{event.get('title') or event.get('scenario')}  {event.get('target') or ''}")
            lines.append((state(word(event), 9), Cell(title, "bold")))
            lines += tree(event["tasks"], width, now, 0)
        elif kind == "operation":
            said = _("asked Azure: {verb}, {state}").format(verb=event["verb"], state=event["state"])
            lines.append(text(plain(said), "dim"))
        elif kind == "wait":
            lines += wrapped(_("waiting for {what}").format(what=plain(str(event["for"]))), width, "dim")
        elif kind in ("check", "finding"):
            lines += _checked(event, width)
        elif kind == "collision":
            said = _("COLLISION: somebody else's job {scenario} runs on {target}.")
            lines += wrapped(
                plain(said.format(scenario=event["scenario"], target=event["target"])), width, "bad"
            )
        elif kind == "manual-action":
            said = _("manual action {name}: {instructions}")
            shown = said.format(name=event["name"], instructions=event["instructions"])
            lines += wrapped(plain(shown), width, "dim")
    return lines


def _checked(event: Mapping[str, Any], width: int) -> list[Line]:
    """A check: its state, where, what."""
    word = str(event.get("state") or event.get("status") or "")
    name = plain(str(event.get("name") or event.get("what") or ""))
    actual = plain(str(event.get("actual") or ""))
    where = plain(str(event.get("machine") or event.get("target") or ""))
    first = (state(word, 9), column(where, 14), Cell(name))
    return [first, *(wrapped(actual, width - 9, "dim", "  ") if word == "failed" else [])]
