"""Which documented ids the console answers, and by what: `module:function` of the flow that does, shows or looks.

Ids of Microsoft's "Replicate Azure Stack VMs to Azure", steps AS-9 (drill), AS-10 (failover), AS-13 (recovery
plan). `by_hand` says what a human does, where, and how we see that it was done.
"""

from __future__ import annotations

from dataclasses import dataclass

_HERE = "services.recovery"


@dataclass(frozen=True)
class Claim:
    """How one documented id is answered."""

    id: str
    flows: tuple[str, ...]
    by_hand: str = ""


def _claim(id_: str, *flows: str, by_hand: str = "") -> Claim:
    return Claim(id_, tuple(f"{_HERE}.{flow}" for flow in flows), by_hand)


CLAIMS = {
    claim.id: claim
    for claim in (
        _claim("AS-9.1", "item_settings:current", "item_settings:plan"),
        _claim("AS-9.2", "points:chosen", "drill_plan:plan"),
        _claim("AS-9.3", "isolation:prove", "predicted:landing", "surroundings:test_machine"),
        _claim("AS-9.4", "drill_plan:plan", "drill:apply", "plan_drill:hold"),
        _claim("AS-9.5", "acting:follow", "verify:machine"),
        _claim(
            "AS-9.6",
            "verify:connecting",
            "verify:application",
            by_hand="Connect to the address that is shown and judge whether the application works; "
            "the ports are tried, and what was seen is written as notes with the clean-up.",
        ),
        _claim("AS-9.7", "cleanup:cleanup", "plan_drill:clean"),
        _claim("AS-9.8", "prepared:prepared", "verify:connecting", "arrival:arrived"),
        _claim("AS-9.9", "drill_plan:plan"),
        _claim("AS-10.1", "prepared:prepared"),
        _claim("AS-10.2", "verbs:offers", "target:item_target"),
        _claim("AS-10.3", "points:chosen", "points:loss"),
        _claim("AS-10.4", "failover:plan", "item_settings:apply"),
        _claim("AS-10.5", "failover:plan", "requests:body"),
        _claim("AS-10.6", "failover:apply", "acting:follow"),
        _claim("AS-10.7", "arrival:arrived", "arrival:verified"),
        _claim("AS-10.8", "finishing:plan", "finishing:typed_consequence"),
        _claim("AS-10.9", "failover:plan", "finishing:typed_consequence", "jobs:ends_replication"),
        _claim(
            "AS-13", "plans:recovery_plans", "plan_edit:write", "plan_json:wanted_plan", "plan_drill:hold"
        ),
    )
}
