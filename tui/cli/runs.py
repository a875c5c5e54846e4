"""`lifeboat runs`: the drills, failovers and other verbs that are not over, and letting one go."""

from __future__ import annotations

import click

from services.problems.model import Problem, RefusedError, UsageError
from services.recovery import acting, run
from services.recovery.run import Run
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.failover_lines import say
from tui.cli.globals import Globals, can_ask, json_line
from tui.cli.vaults import opened_vault


def list_runs(options: Globals, *, as_json: bool) -> int:
    """The runs of this journal that are open, the oldest first."""
    deadline = Deadline()
    with opened_vault(options, deadline, lambda _event: None) as vault:
        found = run.open_runs(vault, deadline)
        for one in found:
            if as_json:
                json_line(_event(one))
            else:
                about = one.about
                state = _("runs on in Azure, or may") if acting.under_way(one) else _("nothing of it runs")
                names = ", ".join(about.names)
                click.echo(plain(f"{one.engagement_id}  {about.declared}  {about.verb}  {names}: {state}"))
        if not found and not as_json:
            click.echo(_("No run is open."), err=True)
    return 0


def let_go(options: Globals, name: str, *, yes: bool, as_json: bool) -> int:
    """End a run that nobody goes on with, when nothing of it runs in Azure."""
    deadline = Deadline()
    with opened_vault(options, deadline, json_line if as_json else say) as vault:
        if vault.world.read_only:
            what = _("This console was started read-only; the journal is not changed.")
            raise RefusedError(Problem("read-only", name, what))
        found = _named(run.open_runs(vault, deadline), name)
        if not (yes or (can_ask() and click.confirm(_("Go on?"), default=False, err=True))):
            what = _("It was not confirmed; nothing was changed.")
            raise RefusedError(Problem("not-confirmed", name, what, remedy=_("Add --yes.")))
        run.let_go(found, "let go by hand")
    return 0


def _named(open_runs: list[Run], name: str) -> Run:
    """The open run of this number, or the only one that has a target of this name."""
    wanted = name.lower()
    found = [one for one in open_runs if wanted == str(one.engagement_id)]
    found = found or [one for one in open_runs if wanted in [title.lower() for title in one.about.names]]
    if len(found) == 1:
        return found[0]
    what, remedy = _("No open run has this name or number."), _("List them: lifeboat runs")
    if found:
        what = _("{count} open runs have this name.").format(count=len(found))
        remedy = _("Give the number of one: lifeboat runs")
    raise UsageError(Problem("unknown-run", plain(name), what, remedy=remedy))


def _event(one: Run) -> dict[str, object]:
    about = one.about
    return {
        "run": one.engagement_id,
        "verb": about.verb,
        "names": list(about.names),
        "since": about.declared,
        "underWay": acting.under_way(one),
    }
