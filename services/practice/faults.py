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
  {"foreign": {"when": "before" | "after", "scenario", "friendly", "seconds"}}
                                              somebody else's job begins on the same item: before, so that
                                              the request is refused, or after it was accepted

A rule about jobs names a scenario instead of a path, and may name an item or a plan by its friendly name:
{"id", "job": "TestFailoverCleanup", "item": "app-01", "times", "do"}, `do` one of
  {"jobFails": {...}}                         it fails at that task
  {"partially": {"taskId", "message", ...}}   that task fails, the job goes on and ends PartiallySucceeded
  {"leaves": "vm" | "nic" | "disk"}           a cleanup reports success and leaves something behind
  {"slow": FACTOR}                            its tasks take that many times as long
  {"foreign": {...}}                          as above, always after
Both forms may be written without "do": {"job": "TestFailoverCleanup", "leaves": "vm"}; "id" may be left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from services.practice.ledger import require_key
from services.practice.store import Store
from services.practice.web import Answer, Call, Refusal, Router

ACTIONS = {"status", "reset", "hold", "truncate", "jobFails", "foreign"}
JOB_ACTIONS = {"jobFails", "partially", "leaves", "slow", "foreign"}
RULE = {"id", "method", "path", "times", "oncePerTarget", "job", "item", "do"}
routes = Router()


def whole(rule: Any) -> Any:
    """A rule in its long form: with "id" and "do"."""
    if not isinstance(rule, dict):
        return rule
    done = {k: v for k, v in rule.items() if k not in RULE}
    long = {k: v for k, v in rule.items() if k in RULE} if "do" not in rule else dict(rule)
    if "do" not in rule and done:
        long["do"] = done
    if "job" in rule and not rule.get("id"):
        long["id"] = json.dumps(rule, sort_keys=True)
    return long


def problem(rules: Any) -> str | None:
    """Why these are no rules; None if they are."""
    if not isinstance(rules, list):
        return "faults must be a JSON list of rules"
    for rule in rules:
        if not isinstance(rule, dict) or not rule.get("id") or not (rule.get("path") or rule.get("job")):
            return f"a fault rule needs id and path: {rule}"
        actions = JOB_ACTIONS if rule.get("job") else ACTIONS
        if len(actions & set(rule.get("do") or {})) != 1:
            return f"rule {rule['id']}: do must name one of {', '.join(sorted(actions))}"
        try:
            re.compile(rule.get("path") or "")
        except re.error as error:
            return f"rule {rule['id']}: path is no regular expression: {error}"
    return None


def read(given: Any) -> Any:
    """Rules as they were written, each in its long form."""
    return [whole(rule) for rule in given] if isinstance(given, list) else given


def load(path: Path) -> list[dict[str, Any]]:
    """The rules of a file; ValueError with a sentence if it holds none."""
    rules = read(json.loads(path.read_text()))
    if wrong := problem(rules):
        raise ValueError(wrong)
    return list(rules)


def claim(store: Store, call: Call) -> dict[str, Any]:
    """What the first rule that still applies to this request does; {} if none. Firing is stored at once."""
    for rule in store.setting("faults") or []:
        if rule.get("path") and applies(rule, call) and left(store, rule, call.url_path.lower()):
            fire(store, rule, f"{call.method} {call.url_path.lower()}")
            return dict(rule["do"])
    return {}


def fire(store: Store, rule: dict[str, Any], target: str) -> None:
    """Count that a rule has fired."""
    store.database.execute(
        "INSERT INTO fired VALUES (?, ?, 1) ON CONFLICT (rule, target) DO UPDATE SET count = count + 1",
        (rule["id"], target),
    )


def claim_job(store: Store, scenario: str, target: str, plan: bool) -> dict[str, Any]:
    """What the first rule that still applies to a job of this kind on this target does; {} if none.

    The job of a recovery plan is only meant by its name: without one, a rule means the jobs of its items.
    """
    for rule in store.setting("faults") or []:
        named = str(rule.get("job") or "").lower() == scenario.lower()
        meant = named and str(rule.get("item") or ("" if plan else target)).lower() == target.lower()
        if meant and left(store, rule, target.lower()):
            fire(store, rule, f"{scenario} {target.lower()}")
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
    rules = read(json.loads(call.raw or b"[]"))
    if wrong := problem(rules):
        raise Refusal(400, "InvalidFaults", wrong)
    call.store.set_setting("faults", rules)
    return Answer(body={"rules": rules})
