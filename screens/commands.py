"""Commands: one declaration gives the key, the key line, the entry of the palette and the help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.text import _


@dataclass(frozen=True)
class Command:
    """Something that a person can ask for. A page runs it by its method `do_<id>`.

    `key` is a Textual key name; a letter acts only outside text fields. `aliases` act everywhere and are
    never the only way. `word` stands in the key line, in few letters; `title` in palette and help.
    """

    id: str
    key: str
    word: str
    title: str
    aliases: tuple[str, ...] = ()
    shown: bool = True

    @property
    def label(self) -> str:
        """The key as it is printed on a keyboard."""
        return KEY_LABELS.get(self.key, self.key)


KEY_LABELS = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "backspace": "Bksp",
    "plus": "+",
    "minus": "-",
}

HELP = Command("help", "question_mark", "help", "Help for what has the focus", ("f1",))
FIND = Command("find", "slash", "find", "Find a command", ("ctrl+p",))
QUIT = Command("quit", "q", "quit", "Save and leave the program", ("ctrl+q",))
SUSPEND = Command("suspend", "", "", "Suspend the program (fg brings it back)", ("ctrl+z",), shown=False)
BACK = Command("back", "b", "back", "Go back")
GLOBAL = (HELP, FIND, QUIT, SUSPEND)


def key_line(commands: tuple[Command, ...], width: int, lead: str = "") -> str:
    """What the letters do, as far as it fits; what comes first matters most, and help names the rest."""
    parts = lead.split("  ") if lead else []
    for command in commands:
        if command.shown and command.key:
            parts.append(f"{command.label} {_(command.word)}")
    more = f"{HELP.label} {_(HELP.word)}"
    line = fitting(parts, width)
    if HELP not in commands or more in line.split("  "):
        return line
    return fitting((fitting(parts, width - len(more) - 2), more), width)


def fitting(parts: Iterable[str], width: int) -> str:
    """As many of the parts as a line has room for."""
    line = ""
    for part in parts:
        longer = f"{line}  {part}" if line else part
        if len(longer) > width:
            break
        line = longer
    return line
