"""One key means one thing on every page of the console; the table in the package's docstring says which."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

import pytest

import screens.console
from screens.commands import GLOBAL, KEY_LABELS, Command, key_line
from screens.console.item_lines import KEYS
from services.recovery.verbs import verb

_ROW = re.compile(r"^    (\S+) +(\S+(?: \S+)*)  +\S", re.MULTILINE)


def _table() -> list[tuple[str, str]]:
    """The rows of the docstring: a key as it is printed, and what it means."""
    return _ROW.findall(screens.console.__doc__ or "")


def _commands() -> list[tuple[str, str]]:
    """Every command of every page, and the verbs: key as it is printed, word of the key line."""
    found = [(KEY_LABELS.get(key, key), verb(id_).title.lower()) for id_, key in KEYS.items()]
    for module in pkgutil.iter_modules(screens.console.__path__):
        names = vars(importlib.import_module(f"screens.console.{module.name}"))
        found += [(one.label, one.word) for one in names.values() if isinstance(one, Command)]
    return found


def test_a_key_stands_once_in_the_table() -> None:
    assert [key for key, count in Counter(key for key, _means in _table()).items() if count > 1] == []


def test_every_command_is_as_the_table_says() -> None:
    table = dict(_table())
    wrong = {(key, word) for key, word in _commands() if not word.startswith(table.get(key, "?"))}
    assert wrong == set()


def test_the_table_names_no_key_that_does_nothing() -> None:
    used = {key for key, _word in _commands()}
    assert {key for key, _means in _table()} - used == set()


@pytest.mark.parametrize("width", [24, 40, 80])
def test_a_key_line_that_is_cut_names_help(width: int) -> None:
    commands = tuple(Command(f"c{n}", letter, "something", "") for n, letter in enumerate("abcdefghij"))
    line = key_line((*commands, *GLOBAL), width, "Up/Down move")
    assert line.endswith("  ? help")
    assert len(line) <= width


def test_a_key_line_that_fits_is_whole() -> None:
    assert key_line((*GLOBAL[:3],), 80) == "? help  / find  q quit"
