"""The answers file: TOML, written with a comment for every key, read with every mistake named at once."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.problems.model import Problem, RefusedError, UsageError
from services.readiness.model import Waiver
from services.scenario import waivers
from services.scenario.answers import Answers
from services.scenario.examples import example
from services.scenario.model import Field, Kind, Scenario, Step
from services.scenario.validate import lacks, mistake, problems_of
from services.text import _
from services.world.model import World

HEAD = ("scenario", "world", "engagement", "waiver")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class AnswersFile:
    """What a file says: which scenario and engagement, values by `step.key`, waivers."""

    scenario: str
    engagement: str
    values: Mapping[str, Any]
    waivers: tuple[Waiver, ...] = field(default=())


def world_label(world: World, answers: Answers) -> str:
    """How answers, plans and evidence name their world: practice, or cloud/tenant/subscription."""
    if world.practice:
        return world.id
    parts = ("sign-in.cloud", "sign-in.tenant", "subscription.subscription")
    return "/".join(answers.text(key) for key in parts)


def read(path: Path, scenario: Scenario, world: World, until: str = "") -> AnswersFile:
    """Read a file; ProblemError holds every mistake in it, RefusedError says that it is for another world.

    With `until`, the id of a step, what the steps behind it lack is no mistake yet, and what will not do there
    is left out.
    """
    content = _content(path)
    values, problems = _values(content, scenario)
    answers = Answers(scenario, values, world.known)
    _refuse_other_world(content, path, world, answers)
    asked, later = _split(scenario, until)
    problems += [one for found in _mistakes(values, asked, answers).values() for one in found]
    early = {key: value for key, value in values.items() if key not in _mistakes(values, later, answers)}
    given, waiver_problems = waivers.read(content.get("waiver", []), scenario, answers)
    problems += waiver_problems
    if content.get("scenario") != scenario.id:
        problems.append(
            Problem(
                "bad-value",
                "scenario",
                _("'{given}' is not '{wanted}'").format(given=content.get("scenario"), wanted=scenario.id),
            )
        )
    if not isinstance(content.get("engagement", ""), str):
        problems.append(Problem("bad-value", "engagement", _("must be text in quotes.")))
    if problems:
        raise UsageError(*problems)
    vault = answers.text("vault.name")
    named = f"{scenario.id}/{vault}" if vault else scenario.id
    return AnswersFile(scenario.id, str(content.get("engagement") or named), early, given)


def _split(scenario: Scenario, until: str) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps up to this one, and those behind it; every step where none is named."""
    ids = [step.id for step in scenario.steps]
    count = ids.index(until) + 1 if until else len(ids)
    return scenario.steps[:count], scenario.steps[count:]


def scenario_of(path: Path) -> str:
    """Which scenario a file is for."""
    return str(_content(path).get("scenario", ""))


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            Problem("answers-unreadable", str(path), _("cannot be read: {why}").format(why=reason))
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            Problem("answers-unreadable", str(path), _("is not TOML: {why}").format(why=error))
        ) from error


def _refuse_other_world(content: Mapping[str, Any], path: Path, world: World, answers: Answers) -> None:
    given, here = str(content.get("world", "")), world_label(world, answers)
    remedy = _("Use the file in its own world, or write one for this world with 'lifeboat answers'.")
    if given == here and world.practice:
        given, here = practice_tenants(world, answers)
        remedy = _("Servers that were reset are a new world; 'lifeboat --practice answers' writes its file.")
    if given != here:
        what = _("is for the world '{given}', and this is '{here}'.").format(given=given, here=here)
        raise RefusedError(Problem("other-world", str(path), what, remedy=remedy))


def practice_tenants(world: World, answers: Answers) -> tuple[str, str]:
    """The practice world that these answers are for, and this one; both empty where nothing tells.

    Every practice world is called so; the tenant's id tells one from another. A name holds in each.
    """
    given, here = answers.text("sign-in.tenant").lower(), world.known.get("tenant", "").lower()
    if not here or not _ID.fullmatch(given):
        return "", ""
    named = _("{world}, tenant {tenant}")
    return named.format(world=world.id, tenant=given), named.format(world=world.id, tenant=here)


def _values(content: Mapping[str, Any], scenario: Scenario) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    known = {step.id: step for step in scenario.steps if step.fields}
    for name, table in content.items():
        if name in HEAD:
            continue
        step = known.get(name)
        if step is None:
            problems.append(_unknown(name, known))
            continue
        if not isinstance(table, dict):
            what = _("must be a table, [{name}], with its keys below it.").format(name=name)
            problems.append(Problem("bad-value", name, what))
            continue
        keys = {item.key for item in step.fields}
        for key, value in table.items():
            if key in keys:
                values[f"{name}.{key}"] = value
            else:
                problems.append(_unknown(f"{name}.{key}", keys))
    return values, problems


def _unknown(name: str, known: Mapping[str, Any] | set[str]) -> Problem:
    return Problem(
        "unknown-key",
        name,
        _("no such key."),
        remedy=_("Known here: {keys}.").format(keys=", ".join(sorted(known))),
    )


def _mistakes(values: Mapping[str, Any], steps: Sequence[Step], answers: Answers) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for step in steps:
        if not step.applies(answers):
            continue
        for item in step.fields:
            key = f"{step.id}.{item.key}"
            if item.applies(answers):
                value = values.get(key, answers.default(key))
                wrong = mistake(item, value, answers)
                if wrong:
                    found[key] = (
                        [_missing(key, step, item)] if lacks(value) else _told(key, item, value, wrong)
                    )
    return found


def _missing(key: str, step: Step, item: Field) -> Problem:
    """Which value is missing, what it is for, and how one looks."""
    what = _("{caption} needs a value.").format(caption=_(item.caption))
    line = example(step.id, item)
    looks = _("For example: {line}").format(line=line) if line else ""
    return Problem("bad-value", key, what, remedy=f"{_(item.help)} {looks}".strip())


def _told(key: str, item: Field, value: Any, wrong: str) -> list[Problem]:
    """The mistakes of one answer; those of what a file holds name that file too."""
    of_file = item.kind is Kind.PATH and isinstance(value, str)
    return [
        replace(one, what=f"{value}: {one.what}") if of_file and value not in one.what else one
        for one in problems_of(key, wrong)
    ]


def write(scenario: Scenario, world: World) -> str:
    """A commented file with every key of a scenario. On the practice world it runs as it is."""
    answers = Answers(scenario, {}, world.known)
    label = world.id if world.practice else "AzureCloud/TENANT/SUBSCRIPTION"
    lines = [
        f"# {_(scenario.title)}",
        f"# {_('Source')}: {scenario.source}",
        f"# {_('Secrets stand here only by reference: env:NAME, keyring:SERVICE/USER, file:PATH, prompt.')}",
        "",
        f"scenario = {json.dumps(scenario.id)}",
        f"# {_('CLOUD/TENANT/SUBSCRIPTION as they stand below, or practice. Another world refuses this file.')}",
        f"world = {json.dumps(label)}",
        f"# {_('Empty: named after the scenario and the vault.')}",
        'engagement = ""',
        "",
    ]
    for step in scenario.steps:
        if step.fields:
            lines += _step_lines(step, answers)
    lines += [f"# {_('A failed check can be accepted in writing:')}", "# [[waiver]]"]
    lines += [f'# {key} = ""' for key in waivers.KEYS]
    return "\n".join(lines) + "\n"


def _step_lines(step: Step, answers: Answers) -> list[str]:
    lines = [*_comment(f"{_(step.title)}. {_(step.excerpt)}"), f"[{step.id}]"]
    for item in step.fields:
        lines += _comment(f"{_(item.caption)}: {_(item.help)}")
        if item.choices:
            lines += _comment("; ".join(f"{choice.value} = {_(choice.label)}" for choice in item.choices))
        lines.append(f"{item.key} = {_toml(item, answers.default(f'{step.id}.{item.key}'))}")
    return [*lines, ""]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 100)]


def _toml(item: Field, value: Any) -> str:
    if item.kind is Kind.MACHINES:
        rows = [
            "  { " + ", ".join(f"{key} = {json.dumps(part)}" for key, part in row.items()) + " },"
            for row in value or []
        ]
        return "\n".join(["[", *rows, "]"])
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)
