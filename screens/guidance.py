"""Guidance and documentation links of a step, read from assets."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple


class Link(NamedTuple):
    title: str
    url: str
    id: str


def guidance(step_id: str, lang: str = "") -> str:
    """The guidance of a step in a language, else in English; empty where there is none."""
    for language in filter(None, (lang, "en")):
        path = resources.files("assets") / "guidance" / language / f"{step_id}.md"
        try:
            return path.read_text(encoding="utf-8")
        except OSError:
            continue
    return ""


@cache
def links(scenario_id: str) -> dict[str, tuple[Link, ...]]:
    """The documented links of a scenario, by step."""
    path = resources.files("assets") / "links" / f"{scenario_id}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    return {
        step: tuple(Link(one["title"], one["url"], one["id"]) for one in found)
        for step, found in content.items()
    }
