"""Faults on demand: throttling, errors, resets around acceptance, slow or cut answers, failing jobs.

A rule is an object {"id", "method", "path", "times", "oncePerTarget", "do"}: `method` a verb or "*"
(default), `path` a regular expression searched in the URL's path without regard to case, `times` how often
in all (default once, or without limit where `oncePerTarget` is set), `do` one of
  {"status": 429, "retryAfter": 1, "code": "...", "message": "..."}   answer so, do nothing
  {"reset": "before"} or {"reset": "after"}   cut the connection, without or with doing it
  {"hold": SECONDS}                           do it, answer after so many real seconds
  {"truncate": true}                          do it, cut the connection in the body
  {"jobFails": {"code", "message", "possibleCauses", "recommendedAction", "taskId"}}
                                              the job it starts fails
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from services.practice.ledger import require_key
from services.practice.store import Store
from services.practice.web import Answer, Call, Refusal, Router

ACTIONS = {"status", "reset", "hold", "truncate", "jobFails"}
routes = Router()


def problem(rules: Any) -> str | None:
    """Why these are no rules; None if they are."""
    if not isinstance(rules, list):
        return "faults must be a JSON list of rules"
    for rule in rules:
        if not isinstance(rule, dict) or not rule.get("id") or not rule.get("path"):
            return f"a fault rule needs id and path: {rule}"
        if len(ACTIONS & set(rule.get("do") or {})) != 1:
            return f"rule {rule['id']}: do must name one of {', '.join(sorted(ACTIONS))}"
        try:
            re.compile(rule["path"])
        except re.error as error:
            return f"rule {rule['id']}: path is no regular expression: {error}"
    return None


def load(path: Path) -> list[dict[str, Any]]:
    """The rules of a file; ValueError with a sentence if it holds none."""
    rules = json.loads(path.read_text())
    if wrong := problem(rules):
        raise ValueError(wrong)
    return list(rules)


def claim(store: Store, call: Call) -> dict[str, Any]:
    """What the first rule that still applies to this request does; {} if none. Firing is stored at once."""
    for rule in store.setting("faults") or []:
        if applies(rule, call) and left(store, rule, call.url_path.lower()):
            store.database.execute(
                "INSERT INTO fired VALUES (?, ?, 1)"
                " ON CONFLICT (rule, target) DO UPDATE SET count = count + 1",
                (rule["id"], f"{call.method} {call.url_path.lower()}"),
            )
            return dict(rule["do"])
    return {}


def applies(rule: dict[str, Any], call: Call) -> bool:
    """Does the rule name this request?"""
    verb = rule.get("method", "*").upper()
    return verb in ("*", call.method) and bool(re.search(rule["path"], call.url_path, re.IGNORECASE))


def left(store: Store, rule: dict[str, Any], target: str) -> bool:
    """May the rule still fire (for this target)?"""
    rows = store.database.execute("SELECT target, count FROM fired WHERE rule = ?", (rule["id"],)).fetchall()
    once = bool(rule.get("oncePerTarget"))
    if once and any(name.endswith(" " + target) for name, _ in rows):
        return False
    times = rule.get("times", None if once else 1)
    return times is None or sum(count for _, count in rows) < times


@routes.on("GET", "/practice/faults")
def show(call: Call) -> Answer:
    """The rules, and how often each fired."""
    require_key(call)
    rows = call.store.database.execute("SELECT rule, target, count FROM fired ORDER BY rowid").fetchall()
    fired = [{"id": rule, "target": target, "count": count} for rule, target, count in rows]
    return Answer(body={"rules": call.store.setting("faults") or [], "fired": fired})


@routes.on("PUT", "/practice/faults")
def replace(call: Call) -> Answer:
    """Replace the rules; rules of the same id keep their counts."""
    require_key(call)
    rules = json.loads(call.raw or b"[]")
    if wrong := problem(rules):
        raise Refusal(400, "InvalidFaults", wrong)
    call.store.set_setting("faults", rules)
    return Answer(body={"rules": rules})
