"""What a verb is done to: one protected item, or a whole recovery plan. Both go the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.azure.ids import last
from services.azure.jobs import walk
from services.problems.model import Problem, RefusedError
from services.recovery import acting
from services.recovery.item import ProtectedItem
from services.recovery.plans import RecoveryPlan, find_plan, items_of, missing, plan_again
from services.recovery.vault import Vault
from services.recovery.verbs import DRILL, FAILOVER, PLANNED, Verb, why_not
from services.text import _, plain

Moved = Mapping[str, Sequence[Any]]
"""What was shown of a target, by id: ProtectedItem.moved of each item, RecoveryPlan.moved of the plan."""


@dataclass(frozen=True)
class Target:
    """One item (`plan` is None), or a recovery plan with those of its items that are there."""

    items: tuple[ProtectedItem, ...]
    plan: RecoveryPlan | None = None

    @property
    def id(self) -> str:
        return self.plan.id if self.plan else self.items[0].id

    @property
    def name(self) -> str:
        return self.plan.name if self.plan else self.items[0].title

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers of its items, each once."""
        return tuple(dict.fromkeys(item.provider for item in self.items))

    @property
    def moved(self) -> dict[str, list[Any]]:
        """What must not have changed between showing a plan and sending; JSON values."""
        shown: dict[str, list[Any]] = {item.id: _json(item.moved) for item in self.items}
        if self.plan:
            shown[self.plan.id] = _json(self.plan.moved)
        return shown

    @property
    def watched(self) -> tuple[str, ...]:
        """The names under which jobs know its items."""
        return tuple(name for item in self.items for name in acting.targets_of(item))


def item_target(vault: Vault, name: str) -> Target:
    """One item by title, name or id. UsageError where there is none."""
    return Target((vault.find(name),))


def plan_target(vault: Vault, name: str) -> Target:
    """A recovery plan by name or id, with its items. UsageError where there is none."""
    plan = find_plan(vault, name)
    return Target(tuple(items_of(plan, vault.items())), plan)


def again(vault: Vault, target: Target) -> Target:
    """The target as Azure has it now. ProblemError when it has gone."""
    if target.plan is None:
        return Target((vault.again(target.items[0]),))
    plan = plan_again(vault, target.plan)
    return Target(tuple(items_of(plan, vault.items())), plan)


def refuse_unless(vault: Vault, verb: Verb, target: Target) -> None:
    """RefusedError where Azure does not let the verb through now, with the reason; nothing is sent."""
    if target.plan is None:
        item = target.items[0]
        if verb.operation not in item.allowed:
            raise RefusedError(_not_now(verb, target.name, why_not(verb, item)))
        return
    gone = missing(target.plan, vault.items())
    if gone and verb.id in (DRILL, FAILOVER, PLANNED):
        what = _("The machine {name} of this recovery plan is not protected any more.")
        remedy = _("Take it out of the recovery plan: lifeboat plans export, then apply.")
        raise RefusedError(
            *(
                Problem("missing-item", target.name, what.format(name=plain(one)), remedy=remedy)
                for one in gone
            )
        )
    if verb.operation not in target.plan.allowed:
        raise RefusedError(_not_now(verb, target.name, _why_not_plan(verb, target)))


def refuse_if_moved(vault: Vault, target: Target, shown: Moved) -> Target:
    """The target as it is now, read right before sending. RefusedError names what has changed since."""
    if target.plan is None:
        return Target((acting.refuse_if_moved(vault, target.items[0], shown[target.id]),))
    now = again(vault, target)
    acting.refuse_foreign(vault, target.name, now.watched, _own_jobs(vault, now))
    changed = [_name_of(now, id_) for id_, was in now.moved.items() if list(shown.get(id_, [])) != was]
    changed += [last(id_) for id_ in shown if id_ not in now.moved]
    if changed:
        what = _("It has changed since the plan was shown: {what}.").format(what=plain(", ".join(changed)))
        remedy = _("Nothing was sent. Look at the new plan and confirm that one.")
        raise RefusedError(Problem("plan-moved", target.name, what, remedy=remedy))
    return now


def refuse_group_member(vault: Vault, item: ProtectedItem) -> None:
    """RefusedError for an item of a multi-VM consistency group: Azure fails it over with its group only."""
    groups = {str(one.get("id")).lower(): _group(one) for one in vault.reads.items()}
    mine = groups.get(item.id.lower(), "")
    if mine and sum(group == mine for group in groups.values()) > 1:
        what = _("It shares its recovery points with other machines, in the multi-VM group {group}.")
        remedy = _("Put all machines of the group into a recovery plan: lifeboat failover --plan NAME")
        raise RefusedError(
            Problem("multi-vm-group", item.title, what.format(group=plain(mine)), remedy=remedy)
        )


def _group(json: Mapping[str, Any]) -> str:
    details: Mapping[str, Any] = (json.get("properties") or {}).get("providerSpecificDetails") or {}
    if str(details.get("multiVmSyncStatus") or "").lower() not in ("enable", "enabled"):
        return ""
    return str(details.get("multiVmGroupName") or details.get("multiVmGroupId") or "")


def _why_not_plan(verb: Verb, target: Target) -> str:
    assert target.plan is not None
    if target.plan.busy:
        return _("A job runs on it: {scenario}.").format(scenario=target.plan.scenario)
    those = [item for item in target.items if verb.operation not in item.allowed]
    reasons = [f"{plain(item.title)}: {why_not(verb, item)}" for item in those[:5]]
    if not target.items:
        return _("It has no machine.")
    return " ".join(reasons) or _("Azure does not allow it in its state.")


def _not_now(verb: Verb, name: str, why: str) -> Problem:
    what = _("{verb} is not possible now.").format(verb=verb.title)
    return Problem("verb-not-allowed", plain(name), what, cause=why)


def _own_jobs(vault: Vault, target: Target) -> set[str]:
    """As acting.own_jobs; a plan's job that is ours brings the jobs that it has started for the machines."""
    standing = [(item.allowed, item.job) for item in target.items]
    if target.plan is None:
        return acting.own_jobs(vault, standing)
    own = acting.own_jobs(vault, [*standing, (target.plan.allowed, target.plan.job)])
    view = vault.reads.job_view(target.plan.job) if target.plan.job in own else None
    return own | {last(task.child_job) for task in walk(view.tasks if view else ()) if task.child_job}


def _name_of(target: Target, id_: str) -> str:
    return next((item.title for item in target.items if item.id == id_), target.name)


def _json(moved: Sequence[Any]) -> list[Any]:
    return [list(one) if isinstance(one, tuple) else one for one in moved]
