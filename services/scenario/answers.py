"""The answers of one engagement: `step.key` to value, defaults filled in from the declarations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from services.scenario.model import Field, Scenario, Step


class Answers:
    """What has been answered, with the defaults of what has not.

    `known` is what the world can suggest (tenant, subscription and so on).
    """

    def __init__(self, scenario: Scenario, given: Mapping[str, Any], known: Mapping[str, str]) -> None:
        self.scenario = scenario
        self.given = dict(given)
        self.known = known
        self._fields = {f"{step.id}.{item.key}": item for step in scenario.steps for item in step.fields}

    def __getitem__(self, key: str) -> Any:
        """The value of `step.key`: as given, else suggested, else the default."""
        return self.given[key] if key in self.given else self.default(key)

    def default(self, key: str) -> Any:
        """What stands in a field that nobody has filled in."""
        item = self._fields[key]
        return item.suggest(self) if item.suggest else item.default

    def text(self, key: str) -> str:
        return str(self[key]).strip()

    def number(self, key: str) -> int:
        return int(self[key])

    def flag(self, key: str) -> bool:
        return bool(self[key])

    def field(self, key: str) -> Field | None:
        return self._fields.get(key)

    def of_step(self, step: Step) -> dict[str, Any]:
        """All values of the fields of a step that apply now, by field key."""
        return {item.key: self[f"{step.id}.{item.key}"] for item in step.fields if item.applies(self)}

    def digest(self, step: Step) -> str:
        """Changes when an answer changes of the step or of one that it depends on."""
        seen: dict[str, Any] = {}
        waiting = [step.id]
        while waiting:
            step_id = waiting.pop()
            if step_id not in seen:
                one = self.scenario.step(step_id)
                seen[step_id] = self.of_step(one)
                waiting.extend(one.after)
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
