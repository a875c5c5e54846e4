"""The list of machines by plain prompts: one line a machine."""

from __future__ import annotations

from services.scenario.azure_stack.machine_list import COLUMNS, from_csv_file, from_line
from services.scenario.model import Field, Step
from services.scenario.validate import mistake
from services.scenario.walk import Walk
from services.secrets import complaint
from services.text import _
from tui.prompts import ask, say

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
            say(f"{_(item.caption)}: {wrong}")
        else:
            _change(tables, word, rest.strip(), typed)
            walk.save(step, {item.key: tables})


def _change(tables: list[dict[str, str]], word: str, rest: str, typed: str) -> None:
    if word == "remove":
        if rest.isdigit() and 1 <= int(rest) <= len(tables):
            del tables[int(rest) - 1]
        else:
            say(_("'{typed}' names no machine of the list.").format(typed=typed))
    elif word == "csv":
        listed = from_csv_file(rest)
        for sentence in listed.mistakes:
            say(sentence)
        if not listed.mistakes:
            tables += [dict(entry.values) for entry in listed.entries]
    else:
        tables.append(_without_secret(from_line(typed)))


def _without_secret(table: dict[str, str]) -> dict[str, str]:
    """A password that was typed where its source belongs is not kept."""
    if table.get("secret") and complaint(table["secret"]) is not None:
        say(_("The password is not kept; it is asked for when it is needed."))
        table["secret"] = "prompt"
    return table


def _explain(item: Field) -> None:
    say("  " + _(item.help))
    say("  " + _("A machine is typed as: {shape}").format(shape=", ".join(COLUMNS)))
