"""The errands of verbs over protected items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from screens.console.errand import Errand

if TYPE_CHECKING:
    from services.recovery.item import ProtectedItem

Make = Callable[[tuple["ProtectedItem", ...]], Errand]
ERRANDS: dict[str, Make] = {}
"""How each verb is made into an errand, by the verb's id."""
