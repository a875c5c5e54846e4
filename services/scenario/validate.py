"""Values of fields: read from text, and judged, with one sentence for each mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.problems.model import Problem
from services.scenario.answers import Answers
from services.scenario.model import Field, Kind, Step
from services.secrets import complaint
from services.text import _

WOULD_DO = re.compile(r"; (?=(?:give|save|use|choose|name) )")
YES = ("yes", "y", "true", "1")
SECRET_COLUMNS = ("secret", "passphrase")
"""Columns of a list of machines that say where a secret comes from, and never hold it."""
NO = ("no", "n", "false", "0")


def parsed(item: Field, text: str) -> Any:
    """The value that was typed, in the field's own type; what cannot be read stays text and is judged so."""
    typed = text.strip()
    if item.kind is Kind.NUMBER and typed.lstrip("-").isdigit():
        return int(typed)
    if item.kind is Kind.YES_NO and typed.lower() in YES + NO:
        return typed.lower() in YES
    return typed


def shown(item: Field, value: Any) -> str:
    """The value as a person types it: the inverse of `parsed`."""
    if item.kind is Kind.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def lacks(value: Any) -> bool:
    """Whether nothing was answered."""
    return value in ("", None, [])


def mistake(item: Field, value: Any, answers: Answers) -> str | None:
    """Why the value will not do: a sentence with what was given and what would do; None if it will.

    A list of machines can have several: each is a line of its own.
    """
    if lacks(value):
        return _("needs a value") if item.required else None
    wrong = _wrong_kind(item, value)
    if wrong:
        return wrong
    return item.check(value, answers) if item.check else None


def _wrong_kind(item: Field, value: Any) -> str | None:
    if item.kind is Kind.NUMBER and (not isinstance(value, int) or isinstance(value, bool)):
        return _("'{value}' is not a whole number").format(value=value)
    if item.kind is Kind.YES_NO and not isinstance(value, bool):
        return _("'{value}' is neither yes nor no").format(value=value)
    if item.kind is Kind.SECRET:
        return _("is no reference to a secret") if not isinstance(value, str) else complaint(value)
    if item.kind is Kind.MACHINES:
        return None if isinstance(value, list) else _("must be a list of machines")
    if item.choices and value not in [choice.value for choice in item.choices]:
        allowed = ", ".join(choice.value for choice in item.choices)
        return _("'{value}' is not one of: {allowed}").format(value=value, allowed=allowed)
    if item.kind in (Kind.TEXT, Kind.PATH, Kind.CHOICE, Kind.ACCEPTANCE) and not isinstance(value, str):
        return _("'{value}' must be text in quotes").format(value=value)
    return None


def problems_of(key: str, wrong: str) -> list[Problem]:
    """The mistakes of one answer as problems: one for each sentence."""
    return [_problem_of(key, sentence) for sentence in wrong.splitlines()]


def _problem_of(key: str, sentence: str) -> Problem:
    """What is wrong and what would do, which the sentence says behind a semicolon."""
    parts = WOULD_DO.split(sentence, maxsplit=1)
    if len(parts) == 1:
        return Problem("bad-value", key, sentence)
    return Problem("bad-value", key, f"{parts[0]}.", remedy=f"{parts[1][0].upper()}{parts[1][1:]}.")


def with_captions(problems: Iterable[Problem], answers: Answers) -> tuple[Problem, ...]:
    """The problems as a person reads them: a field is named as on its page. Machines read the ids."""
    return tuple(_with_caption(one, answers.field(one.subject)) for one in problems)


def _with_caption(problem: Problem, item: Field | None) -> Problem:
    return problem if item is None else replace(problem, subject=_(item.caption))


def without_secrets(step: Step, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they may be written down: a secret itself, typed where a reference belongs, is left out."""
    kinds = {item.key: item.kind for item in step.fields}
    return {key: _without_secret(kinds.get(key), value) for key, value in values.items()}


def _without_secret(kind: Kind | None, value: Any) -> Any:
    if kind is Kind.SECRET:
        return value if not isinstance(value, str) or not value or complaint(value) is None else ""
    if kind is Kind.MACHINES and isinstance(value, list):
        return [_safe_row(row) if isinstance(row, dict) else row for row in value]
    return value


def _safe_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_secret(Kind.SECRET, value) if key in SECRET_COLUMNS else value
        for key, value in row.items()
    }


def mistakes(step: Step, answers: Answers) -> dict[str, str]:
    """Every mistake of a step's fields that apply now, by field key."""
    found = {}
    for item in step.fields:
        if item.applies(answers):
            wrong = mistake(item, answers[f"{step.id}.{item.key}"], answers)
            if wrong:
                found[item.key] = wrong
    return found
