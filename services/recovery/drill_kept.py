"""What a drill that is taken up keeps, where something else was asked for this time."""

from __future__ import annotations

from services.recovery.drill_plan import DrillPlan, Options
from services.text import _, plain

_WORDS = ("point", "rto", "rpo", "change", "notes")


def kept(shown: DrillPlan, typed: Options) -> list[str]:
    """A sentence for each option that was typed otherwise than the drill was begun with."""
    was, unsaid = shown.options, Options()
    found = []
    if typed.network and typed.network.lower() not in _names(shown):
        found.append(_("It stays in the network {name}.").format(name=plain(shown.network.name)))
    for key in _WORDS:
        now, before = getattr(typed, key), getattr(was, key)
        if now not in (getattr(unsaid, key), before):
            stays = "-" if before in (None, "") else plain(str(before))
            found.append(_("The option {name} stays: {value}.").format(name=key, value=stays))
    if typed.checks and typed.checks != was.checks:
        names = ", ".join(one.name for one in was.checks) or "-"
        found.append(_("The checks stay: {names}.").format(names=plain(names)))
    if was.cleanup and not typed.cleanup:
        found.append(_("It is cleaned up at its end, as it was begun with --cleanup."))
    if typed.cleanup and not was.cleanup:
        found.append(
            _("It is not cleaned up at its end, as it was begun without --cleanup: lifeboat cleanup.")
        )
    return found


def _names(shown: DrillPlan) -> set[str]:
    return {name.lower() for name in (shown.options.network, shown.network.name, shown.network.id)}
