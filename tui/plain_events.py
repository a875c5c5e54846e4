"""Events of the engine as lines for a person who reads or hears them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.azure.jobs import state_word
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


def job_state(event: Mapping[str, Any]) -> str:
    """The state of a job in a word, and the tasks that run now; a task named as its job adds nothing."""
    running = [
        task["title"]
        for task in event["tasks"]
        if task["state"] == "InProgress" and task["title"] != event["title"]
    ]
    words = {"InProgress": _("runs"), "Succeeded": _("done"), "Failed": _("failed")}
    word = words.get(event["state"]) or state_word(str(event["state"]), str(event.get("description") or ""))
    return ", ".join([word, *running])


def _job(event: Mapping[str, Any]) -> str:
    return f"  {event['title']} {event['target']}: {job_state(event)}"


def handed_over(event: Mapping[str, Any]) -> str:
    """Where the papers lie for the person who sets the server up."""
    return _("What to do at the server: {path}; the registration key: {key}").format(
        path=event["path"], key=event["key"]
    )


def _code(event: Mapping[str, Any]) -> str:
    return _("Open {url} in a browser and type this code: {code}").format(
        url=event["url"], code=event["code"]
    )


_TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "finding": _finding,
    "job": _job,
    "hand-over": lambda event: "  " + handed_over(event),
    "device-code": _code,
    "wait": lambda event: "  " + _("waiting for {thing}").format(thing=event["for"]),
    "item": lambda event: f"  {event['name']}: {event['description']}",
}
