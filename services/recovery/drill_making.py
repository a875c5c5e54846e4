"""The network of a drill right before it is used: read from Azure and proven again, made, or taken away again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from services.azure.networks import Json, Networks
from services.journal.operations import ACCEPTED, INTENT, operations
from services.operations.resolve import finish
from services.problems.model import Problem, RefusedError
from services.recovery import drill_network
from services.recovery.drill_plan import DrillPlan
from services.recovery.isolation import NetworkProof, prove
from services.recovery.run import Run
from services.recovery.surroundings import around
from services.recovery.verbs import DRILL
from services.text import _, plain

STALE = timedelta(minutes=1)
"""World time after which a network's proof is read again before a machine is sent to it."""
MADE, PROVEN = "made-network", "isolation"
"""Facts: the id of the network that a run makes; its proof as it was read, with the time."""


def as_shown(run: Run, shown: DrillPlan) -> dict[str, Any]:
    """The fact of a network's proof, read now. RefusedError when it is not what the plan has shown."""
    now = _proven(run, shown)
    if now is None or now.seen != shown.network.seen:
        fresh = now.seen if now else []
        seen = "; ".join(
            f"{name}: {actual}"
            for name, _state, actual in fresh
            if [name, _state, actual] not in shown.network.seen
        )
        what = _("The network {name} is no longer as it was when the plan was shown.").format(
            name=plain(shown.network.name)
        )
        raise RefusedError(Problem("network-moved", plain(shown.network.name), what, cause=plain(seen)))
    return _fact(run, now)


def make(run: Run, kept: DrillPlan, body: Json, look_again: Callable[[], None]) -> None:
    """Make the drill's network, prove it as Azure has it, and look at the items again before anything is sent.

    RefusedError when it is not isolated, or an item has moved meanwhile.
    """
    run.learn(**{MADE: kept.network.id})
    drill_network.make(run, kept.network.id, body)
    now = _proven(run, kept)
    if now is not None:
        run.learn(**_fact(run, now))
    if now is None or now.against:
        seen = "; ".join(f"{one.name}: {one.actual}" for one in now.against) if now else _("it is gone")
        what = _("The network {name} that was made is not proven to be isolated: {seen}.").format(
            name=plain(kept.network.name), seen=plain(seen)
        )
        raise RefusedError(Problem("not-isolated", plain(kept.network.name), what))
    look_again()


def refuse_if_opened(run: Run, kept: DrillPlan) -> None:
    """Right before a machine is sent: RefusedError where the network has a way out that was not shown.

    A proof that was read a moment ago counts; after a death, or a long wait, it is read anew.
    """
    known = run.facts.get(PROVEN)
    age = run.world.clock.now() - datetime.fromisoformat(known["at"]) if known else STALE
    if age < STALE:
        return
    now = _proven(run, kept)
    shown = {(one.name, one.actual) for one in kept.network.against}
    new = [one for one in now.against if (one.name, one.actual) not in shown] if now else []
    if now is None or new:
        what = _("The network {name} is no longer as it was when the plan was shown.")
        seen = "; ".join(f"{one.name}: {one.actual}" for one in new) or _("it is gone")
        name = plain(kept.network.name)
        raise RefusedError(Problem("network-moved", name, what.format(name=name), cause=plain(seen)))
    run.learn(**_fact(run, now))


def undo(run: Run) -> bool:
    """Take away the network that a run has made, when no test failover of it was taken by Azure.

    False where there is nothing to take away, or a test failover was or may have been taken. What is left is
    the fact `left`, as after a clean-up.
    """
    rows = operations(run.journal, run.engagement_id)
    taken = any(row.verb == DRILL and (row.state in (INTENT, ACCEPTED) or row.job_id) for row in rows)
    network = str(run.facts.get(MADE) or "")
    if not network or taken:
        return False
    gone = drill_network.removed(run, network)
    for row in rows if gone else []:
        if row.state in (INTENT, ACCEPTED):
            finish(run.journal, row, "superseded")
    run.learn(left={"things": {run.about.names[0]: [] if gone else [network]}, "failed": {}})
    run.mark("listed")
    return True


def proof_of(run: Run, kept: DrillPlan) -> tuple[NetworkProof, str]:
    """The proof as it was read last before sending, and when (ISO UTC); without it, the plan's."""
    known = run.facts.get(PROVEN)
    return (NetworkProof.of(known["network"]), str(known["at"])) if known else (kept.network, "")


def _proven(run: Run, kept: DrillPlan) -> NetworkProof | None:
    networks = Networks(run.azure.arm, run.vault.ref.subscription)
    network = networks.get(kept.network.id)
    return prove(networks, network, around(run.vault)) if network else None


def _fact(run: Run, proof: NetworkProof) -> dict[str, Any]:
    at = run.world.clock.now().isoformat(timespec="seconds")
    return {PROVEN: {"at": at, "network": asdict(proof)}}
