"""Events of the engine as lines for a person who reads or hears them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.text import _
from tui.prompts import say

_last: dict[str, str] = {}


def tell_event(event: Mapping[str, Any]) -> None:
    """Say what has happened; the same thing is not said twice in a row."""
    teller = _TELLERS.get(str(event["event"]))
    if teller is None:
        return
    sentence = teller(event)
    key = f"{event['event']} {event.get('id', '')} {event.get('target', '')}"
    if sentence and _last.get(key) != sentence:
        _last[key] = sentence
        say(sentence)


def _finding(event: Mapping[str, Any]) -> str:
    parts = [f"  {_(event['status'])}: {event['target']}: {_(event['what'])}"]
    if event["status"] in ("failed", "unknown"):
        parts += [_(event[key]) for key in ("cause", "fix") if event[key]]
    return " ".join(parts)


def _job(event: Mapping[str, Any]) -> str:
    running = ", ".join(task["title"] for task in event["tasks"] if task["state"] == "InProgress")
    words = {"InProgress": _("runs"), "Succeeded": _("done"), "Failed": _("failed")}
    state = words.get(event["state"], event["state"])
    return f"  {event['title']} {event['target']}: {state}" + (f", {running}" if running else "")


def _code(event: Mapping[str, Any]) -> str:
    return _("Open {url} in a browser and type this code: {code}").format(
        url=event["url"], code=event["code"]
    )


_TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "finding": _finding,
    "job": _job,
    "device-code": _code,
    "wait": lambda event: "  " + _("waiting for {thing}").format(thing=event["for"]),
    "item": lambda event: f"  {event['name']}: {event['description']}",
}
