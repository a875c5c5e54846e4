"""Events of a failover, and of what follows it, as lines for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from services.evidence.sections import span
from services.text import _, plain
from tui.cli import event_lines


def say(event: Mapping[str, Any]) -> None:
    """An event as lines; what every run says is said as there."""
    teller = _SENTENCES.get(str(event["event"]))
    if teller is None:
        event_lines.say(event)
        return
    for line in teller(event):
        click.echo(plain(line.rstrip()))


def _machine(event: Mapping[str, Any]) -> list[str]:
    where = f"{event['network']}/{event['subnet']} {event['address']}"
    first = f"    {event['machine']}: {event['vm']} {event['power']}, {event['size']}, {where}"
    return [first, *(f"      {line}" for line in (*event["wrong"], *event["connect"]))]


def _check(event: Mapping[str, Any]) -> list[str]:
    told = str(event["actual"])
    if event["state"] != "ok":
        told = _("expected {expected}, got {actual}").format(expected=event["expected"], actual=told)
    return [f"    {event['state']:<8} {event['machine']}: {event['name']} ({told})"]


def _measures(event: Mapping[str, Any]) -> list[str]:
    def told(value: float | None) -> str:
        return _("not measured") if value is None else span(value)

    lost = ", ".join(f"{name} {told(value)}" for name, value in event["rpo"].items())
    waited = (
        _("; waited for people: {span}").format(span=span(event["paused"])) if event.get("paused") else ""
    )
    return [f"    RTO {told(event['rto'])}{waited}; RPO {lost}"]


def _manual(event: Mapping[str, Any]) -> list[str]:
    first = _("The job waits for a person: {name}. {instructions}").format(
        name=event["name"], instructions=event["instructions"]
    )
    if event["answered"]:
        return [f"    {first}", "    " + _("Answered with what was given.")]
    # This command holds the journal as long as it runs.
    return [
        f"    {first}",
        "    " + _("When it is done: end this with Ctrl+C, which stops nothing in Azure, then"),
        f"    {event['resume']}",
        "    " + _("and give this command again. From another host it can be answered at once."),
    ]


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "machine": _machine,
    "check": _check,
    "measures": _measures,
    "manual-action": _manual,
    "collision": lambda event: [
        "    "
        + _("COLLISION: somebody else's job {scenario} ({job}) runs on {target}.").format(
            scenario=event["scenario"], job=event["job"], target=event["target"]
        )
    ],
    "going-on": lambda event: [
        _("Going on with the {verb} of {target} begun {since}.").format(
            verb=event["verb"], target=event["target"], since=event["since"]
        ),
        *event.get("kept", ()),
    ],
    "run-closed": lambda event: [
        _("The {verb} of {target}, begun {since}, is over in Azure and closed: {outcome}.").format(
            verb=event["verb"], target=event["target"], since=event["since"], outcome=event["outcome"]
        )
    ],
}
