"""Watching a vault: the job list at every look, the items at a tenth of that pace, trees only where wanted.

The cost in calls to Azure does not grow with the number of jobs that run: one list (all its pages), and one
GET for each job whose tree is on a screen. The items are read again at once when a job of an item has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from services.azure.jobs import JobView, parse_job
from services.azure.replication import Pace
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault

INTERVAL = 30.0
"""World seconds between two looks where Azure asks for no other pace."""
SHORTEST = 1.0
"""Real seconds between two looks, however fast the world's clock."""
ITEMS_EVERY = 10
"""Looks from one list of items to the next."""
FEW_READS, SCARCE_READS = 3000, 600
"""Reads that the subscription has left this hour, below which looks come half and a quarter as often."""


@dataclass(frozen=True)
class Seen:
    """What stands in the vault now, and what has moved since the look before, by name.

    `trees` holds whole jobs, with tasks, for the names that were asked for. `thresholds`: the RPO in seconds
    that a policy warns at, by policy id in lower case. `pause`: real seconds until the next look.
    `reads_left`: what Azure says the subscription may still read this hour, or None.
    """

    items: Mapping[str, ProtectedItem]
    jobs: Mapping[str, JobView]
    trees: Mapping[str, JobView]
    moved_items: frozenset[str]
    moved_jobs: frozenset[str]
    thresholds: Mapping[str, int]
    pause: float
    reads_left: int | None


@dataclass
class Watch:
    """One who looks at a vault again and again. Not for two threads at once."""

    vault: Vault
    _looks: int = 0
    _items: dict[str, ProtectedItem] = field(default_factory=dict)
    _jobs: dict[str, JobView] = field(default_factory=dict)
    _trees: dict[str, JobView] = field(default_factory=dict)
    _thresholds: dict[str, int] = field(default_factory=dict)

    def look(self, trees: Collection[str] = (), *, items_now: bool = False) -> Seen:
        """Look once; ProblemError when Azure does not answer, and the look after that goes on from here."""
        listed, pace = self.vault.reads.jobs_and_pace()
        jobs = {view.name: view for view in map(parse_job, listed)}
        moved_jobs = _moved(self._jobs, jobs)
        whole = {name: found for name in trees if (found := self.vault.reads.job_view(name)) is not None}
        whole = {name: replace(view, retry_after=None) for name, view in whole.items()}
        moved_jobs |= _moved({name: self._trees.get(name) for name in whole}, whole)
        items, moved_items = self._items, frozenset[str]()
        if items_now or self._looks % ITEMS_EVERY == 0 or self._ended(jobs):
            items = {item.id: item for item in self.vault.items()}
            moved_items = _moved(self._items, items)
            self._know_policies({item.policy_id.lower() for item in items.values()})
        self._looks, self._jobs, self._trees, self._items = self._looks + 1, jobs, whole, items
        thresholds = self._thresholds
        return Seen(
            items, jobs, whole, moved_items, moved_jobs, thresholds, self._pause(pace), pace.reads_left
        )

    def _know_policies(self, wanted: set[str]) -> None:
        """Read the policies where an item has one that is not known yet."""
        if wanted <= self._thresholds.keys():
            return
        for policy in self.vault.reads.policies():
            details = (policy.get("properties") or {}).get("providerSpecificDetails") or {}
            minutes = details.get("recoveryPointThresholdInMinutes") or 0
            self._thresholds[str(policy.get("id")).lower()] = int(minutes) * 60
        self._thresholds |= dict.fromkeys(wanted - self._thresholds.keys(), 0)

    def _ended(self, jobs: Mapping[str, JobView]) -> bool:
        """Whether a job has ended since the look before, or has come and gone between the two."""
        return any(
            job.over and (name not in self._jobs or not self._jobs[name].over) for name, job in jobs.items()
        )

    def _pause(self, pace: Pace) -> float:
        wanted = (
            self.vault.world.clock.real_seconds(INTERVAL) if pace.retry_after is None else pace.retry_after
        )
        left = pace.reads_left
        if left is not None and left < FEW_READS:
            wanted *= 4 if left < SCARCE_READS else 2
        return max(wanted, SHORTEST)


def _moved(before: Mapping[str, object], after: Mapping[str, object]) -> frozenset[str]:
    changed = {name for name, thing in after.items() if before.get(name) != thing}
    return frozenset(changed | (before.keys() - after.keys()))
