"""Why the last look at the vault failed, and how old what is shown is meanwhile."""

from __future__ import annotations

from screens.console import words
from screens.console.vault_desk import VaultDesk
from screens.style import Line, wrapped
from screens.welcome import problem_lines
from services.text import _


def trouble_lines(console: VaultDesk, width: int) -> list[Line]:
    """Nothing where the last look went well."""
    lines = [line for problem in console.trouble for line in problem_lines(problem, width)]
    if not lines:
        return []
    if console.seen is None or console.vault is None:
        return [*lines, *wrapped(_("r asks again."), width, "dim")]
    seen = words.ago(console.seen_at, console.vault.world.clock.now())
    said = _("What stands here was seen {ago}; it is asked again by itself.")
    return [*lines, *wrapped(said.format(ago=seen), width, "warn")]


def pace(console: VaultDesk) -> str:
    """How often the vault is looked at, as a sentence; empty before the first look."""
    seen = console.seen
    if seen is None:
        return ""
    said = _("Looked at every {seconds} s, as Azure asks.").format(seconds=round(seen.pause))
    if seen.reads_left is not None:
        said += " " + reads_left(seen.reads_left)
    return said


def reads_left(left: int) -> str:
    """What may still be read, coarse: a number that changes with every look would be painted with every look."""
    step = 1000 if left > 1000 else 100
    if left <= step:
        return _("At most {count} more reads this hour.").format(count=step)
    return _("Over {count} more reads this hour.").format(count=(left - 1) // step * step)
