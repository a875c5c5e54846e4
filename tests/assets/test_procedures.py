"""The ids of the documented procedure, held against the reference page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.assets.reading import asset_json, reference

PROCEDURE: dict[str, Any] = asset_json("procedures", "azure-stack-to-azure.json")
ITEMS: list[dict[str, Any]] = PROCEDURE["items"]
CHAPTERS: list[dict[str, Any]] = PROCEDURE["chapters"]


def sort_key(identifier: str) -> list[int]:
    return [int(part) for part in identifier.removeprefix("AS-").split(".")]


def test_ids_are_those_of_the_reference_in_both_directions() -> None:
    page = reference("procedure-azure-stack-to-azure.md")
    documented = set(re.findall(r"AS-\d+(?:\.\d+)?", page))
    ours = {entry["id"] for entry in CHAPTERS + ITEMS}
    assert sorted(documented - ours, key=sort_key) == []
    assert sorted(ours - documented, key=sort_key) == []


def test_ids_are_unique_and_in_order() -> None:
    ids = [entry["id"] for entry in ITEMS]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids, key=sort_key)


@pytest.mark.parametrize("entry", ITEMS, ids=lambda entry: str(entry["id"]))
def test_an_item_has_all_its_parts(entry: dict[str, Any]) -> None:
    assert set(entry) == {"id", "title", "source", "date", "kind", "automation"}
    assert entry["title"]
    assert len(entry["title"]) <= 72
    assert entry["kind"] in PROCEDURE["kinds"]
    assert set(entry["automation"]) == {"program", "human"}
    assert entry["kind"] == "summary" or any(entry["automation"].values())


@pytest.mark.parametrize("entry", CHAPTERS + ITEMS, ids=lambda entry: str(entry["id"]))
def test_source_and_date_are_listed(entry: dict[str, Any]) -> None:
    dates = {source["title"]: source["dates"] for source in PROCEDURE["sources"]}
    assert entry["date"] in dates[entry["source"]]


def test_manual_items_tell_a_human_what_to_do() -> None:
    manual = [entry for entry in ITEMS if entry["kind"] == "manual"]
    assert {entry["id"] for entry in manual} == {"AS-4.13", "AS-6.9", "AS-9.6", "AS-11.2"}
    assert all(entry["automation"]["human"] for entry in manual)


def test_every_chapter_that_has_items_is_listed() -> None:
    with_items = {entry["id"].split(".")[0] for entry in ITEMS if "." in entry["id"]}
    assert with_items == {entry["id"] for entry in CHAPTERS}
