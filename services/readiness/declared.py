"""How a check of a machine is declared."""

from __future__ import annotations

from dataclasses import dataclass

from services.readiness.model import Check
from services.readiness.sources import ARTICLE
from services.readiness.visit import Visit

__all__ = ["ARTICLE", "GuestCheck"]


@dataclass(frozen=True)
class GuestCheck:
    """A check and the machines that it is for.

    `push_only` are those that push installation needs: a machine whose Mobility service came another way is
    not asked for them.
    """

    check: Check[Visit]
    systems: tuple[str, ...] = ("Linux", "Windows")
    push_only: bool = False

    def applies(self, visit: Visit) -> bool:
        """Whether this machine is asked."""
        wanted = not self.push_only or visit.machine.mobility == "push"
        return wanted and visit.machine.os_type in self.systems
