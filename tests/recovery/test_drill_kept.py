"""A drill that is taken up with other options says which it keeps."""

from __future__ import annotations

from services.recovery import drill
from services.recovery.checks import parsed
from services.recovery.drill_kept import kept
from services.recovery.drill_plan import Options
from services.recovery.vault import Vault


def test_each_option_that_is_not_taken_is_named(vault: Vault) -> None:
    begun = Options(network="drill-net", cleanup=True, rto=30)
    shown = drill.plan(vault, [vault.find("app-01")], begun)
    other = Options(network="other-net", point="latest", checks=(parsed("tcp:22"),), rto=60)
    assert kept(shown, other) == [
        "It stays in the network drill-net.",
        "The option point stays: latest-processed.",
        "The option rto stays: 30.",
        "The checks stay: -.",
        "It is cleaned up at its end, as it was begun with --cleanup.",
    ]
    assert kept(shown, begun) == kept(shown, Options(network="DRILL-NET", cleanup=True)) == []
    assert [
        line for line in kept(drill.plan(vault, [vault.find("app-01")], Options()), begun) if "not" in line
    ]
