"""Events of a run as lines for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from services.problems.model import Problem
from services.scenario.titles import with_vault
from services.text import _, plain
from tui.cli.pasted import pasted
from tui.plain_events import handed_over, job_state


def say(event: Mapping[str, Any]) -> None:
    """An event as a line for a person; one that says nothing gives none."""
    teller = _SENTENCES.get(str(event["event"]))
    line = teller(event) if teller else ""
    if line:
        click.echo(plain(pasted(line.rstrip())))


def _finding(event: Mapping[str, Any]) -> str:
    return f"    {event['status']:<8} {event['target']}: {_(str(event['what']))}"


def _plan(event: Mapping[str, Any]) -> str:
    rows = [f"{one['kind']} {one['thing']} {one['name']} ({one['detail']})" for one in event["changes"]]
    return "    " + _("plan") + ": " + "; ".join(rows)


def _job(event: Mapping[str, Any]) -> str:
    return f"    {event['title']}  {event['target']}  {job_state(event)}"


def _health(event: Mapping[str, Any]) -> str:
    kinds = ("protectedItemsHealth", "fabricsHealth")
    issues = [str(issue) for kind in kinds for issue in event[kind]["issues"]]
    return f"    {event['vault']}: " + "; ".join(issues) if issues else ""


def _problem(event: Mapping[str, Any]) -> str:
    named = ("code", "subject", "what", "cause", "remedy")
    return Problem(**{key: str(event[key]) for key in named}).sentence()


def _end(event: Mapping[str, Any]) -> str:
    names = ", ".join(item["name"] for item in event["items"])
    return f"{event['outcome']}: {names}" if names else str(event["outcome"])


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "start": lambda event: f"{event['scenario']}: {with_vault(event['engagement'], event['vault'])}",
    "step": lambda event: f"{event['step']:<16} {event['state']}  {event.get('reason', '')}",
    "finding": _finding,
    "plan": _plan,
    "operation": lambda event: f"    {event['verb']}: {event['state']}",
    "job": _job,
    "item": lambda event: f"    {event['name']}: {event['description']}",
    "wait": lambda event: "    " + _("waiting for {what}").format(what=event["for"]),
    "health": _health,
    "server": lambda event: (
        "    "
        + _("{name}: last contact {at}; it takes 15 minutes or longer until an account shows").format(
            name=event["name"], at=event["lastContact"]
        )
    ),
    "setup": lambda event: f"    {event['line']}",
    "hand-over": lambda event: "    " + handed_over(event),
    "device-code": lambda event: _("Open {url} and enter {code}").format(
        url=event["url"], code=event["code"]
    ),
    "problem": _problem,
    "end": _end,
}
