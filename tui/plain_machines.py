"""The list of machines by plain prompts: one line a machine."""

from __future__ import annotations

from services.scenario.azure_stack.machine_list import from_csv_file, from_line, from_tables, from_typed
from services.scenario.azure_stack.machine_rules import COLUMNS, by_line, sort_out
from services.scenario.model import Field, Step
from services.scenario.validate import SECRET_COLUMNS, mistake
from services.scenario.walk import Walk
from services.text import _
from tui.prompts import ask, confirmed, say

DONE = "done"


def ask_machines(walk: Walk, step: Step, item: Field) -> None:
    """Add, remove, read a file, until the list is good and the person is done."""
    key = f"{step.id}.{item.key}"
    tables = [dict(table) for table in walk.answers[key]]
    _explain(item)
    while True:
        for number, table in enumerate(tables, 1):
            say(f"  {number}  " + ", ".join(str(table[name]) for name in COLUMNS if table.get(name)))
        typed = ask(_("Machine, 'remove NUMBER', 'csv PATH' or 'done'"), DONE)
        word, _space, rest = typed.partition(" ")
        if typed == "?":
            _explain(item)
        elif typed == DONE:
            wrong = mistake(item, tables, walk.answers)
            if wrong is None:
                walk.save(step, {item.key: tables})
                return
            for sentence in wrong.splitlines():
                say(f"{_(item.caption)}: {sentence}")
        else:
            _change(tables, word, rest.strip(), typed)
            walk.save(step, {item.key: tables})


def _change(tables: list[dict[str, str]], word: str, rest: str, typed: str) -> None:
    if word == "remove":
        _remove(tables, rest, typed)
    elif word == "csv":
        _take_file(tables, rest)
    else:
        _add(tables, typed)


def _remove(tables: list[dict[str, str]], number: str, typed: str) -> None:
    if number.isdigit() and 1 <= int(number) <= len(tables):
        gone = tables.pop(int(number) - 1)
        said = _("Removed: {machine}. Type it again to have it back.")
        say(said.format(machine=", ".join(str(gone[name]) for name in COLUMNS if gone.get(name))))
    else:
        say(_("'{typed}' names no machine of the list.").format(typed=typed))


def _take_file(tables: list[dict[str, str]], path: str) -> None:
    """All machines of a file; where some have mistakes, the others only after a yes."""
    listed = from_csv_file(path)
    good, wrong = sort_out(listed.entries, from_tables(tables).entries)
    mistakes = by_line([*listed.mistakes, *wrong])
    for sentence in mistakes:
        say(sentence)
    question = _("Take the machines without a mistake ({count})?").format(count=len(good))
    if mistakes and not (good and confirmed(question)):
        say(_("Nothing was taken."))
        return
    for entry in good:
        tables.append({key: value for key, value in entry.values.items() if value})


def _add(tables: list[dict[str, str]], typed: str) -> None:
    given = from_line(typed)
    read = from_typed(typed, tables, len(tables) + 1)
    for sentence in read.mistakes:
        say(sentence)
    if read.mistakes:
        say(_("The machine was not added; type it again."))
        return
    if any(read.values.get(key) != given.get(key) for key in SECRET_COLUMNS):
        say(_("The password is not kept; it is asked for when it is needed."))
    tables.append(dict(read.values))


def _explain(item: Field) -> None:
    say("  " + _(item.help))
    say("  " + _("A machine is typed as: {shape}").format(shape=", ".join(COLUMNS)))
