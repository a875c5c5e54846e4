"""Commands that a sentence gives to paste: they carry the global options that lead to this world and journal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence

import click


def pasted(text: str) -> str:
    """The text with the options in use in each of its commands; as it is where no command runs."""
    context = click.get_current_context(silent=True)
    root = context.find_root() if context else None
    if root is None or not isinstance(root.command, click.Group):
        return text
    leading = getattr(root.obj, "leading", ())
    return with_leading(text, leading, root.command.commands) if leading else text


def with_leading(text: str, leading: Sequence[str], names: Collection[str]) -> str:
    """`lifeboat NAME` as `lifeboat LEADING NAME`; flags that stand there already stay, and stand once."""
    known = "|".join(re.escape(name) for name in names)

    def fill(found: re.Match[str]) -> str:
        flags = [flag for flag in found[1].split() if flag not in leading]
        return " ".join(["lifeboat", *flags, shlex.join(leading), ""])

    return re.sub(rf"\blifeboat ((?:--[a-z-]+ )*)(?=(?:{known})\b)", fill, text)
