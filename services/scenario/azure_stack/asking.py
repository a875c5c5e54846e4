"""What fields about Azure have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.scenario.answers import Answers
from services.text import _, plain

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def guid_mistake(value: Any, _answers: Answers) -> str | None:
    """Why this is no id, or None."""
    if GUID.fullmatch(str(value).strip()):
        return None
    return _("is not an id such as 00000000-0000-0000-0000-000000000000: '{value}'").format(
        value=plain(str(value), 80)
    )


def known(key: str) -> Callable[[Answers], str]:
    """Suggests what the world knows under this key."""
    return lambda answers: answers.known.get(key, "")
