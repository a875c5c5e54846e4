"""Every verb over one protected item, as an errand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from screens.console.drill_errands import CleanupErrand, DrillErrand
from screens.console.errand import Errand
from screens.console.verb_errands import errands
from services.recovery.target import Target

if TYPE_CHECKING:
    from services.recovery.item import ProtectedItem


def errands_of(item: ProtectedItem) -> dict[str, Callable[[], Errand]]:
    """The errands of an item, by the verb's id; the item is read again for each."""
    found = errands(item.title, lambda vault: Target((vault.again(item),)))
    return {"drill": lambda: DrillErrand((item,)), "cleanup": lambda: CleanupErrand((item,)), **found}
