"""The known errors, held against the reference page."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.assets.reading import asset_json, reference

KNOWN: list[dict[str, Any]] = asset_json("errors", "known.json")["errors"]
IDS = {entry["id"] for entry in asset_json("procedures", "azure-stack-to-azure.json")["items"]}
AREAS = {1: "push", 2: "vss", 3: "registration", 4: "health", 5: "failover"}
SIGN_IN = (
    "50020 50034 50053 50055 50056 50057 50076 50079 50105 50126 50158 53000 53001 53003 65001 70011 "
    "700016 7000215 7000222 700027 90002 90072 500011 530032"
)
ARM = (
    "AuthorizationFailed SubscriptionNotFound ResourceNotFound ResourceGroupNotFound "
    "InvalidAuthenticationToken ExpiredAuthenticationToken ResourceExtendedInfoNotFound "
    "RequestDisallowedByPolicy QuotaExceeded MissingSubscriptionRegistration StorageAccountAlreadyTaken "
    "ReadOnlyDisabledSubscription TooManyRequests NoRegisteredProviderFound"
)


def codes(area: str | None = None) -> set[str]:
    return {code for entry in KNOWN if area in (None, entry["area"]) for code in entry["codes"]}


def documented_rows() -> dict[str, list[str]]:
    """First cells of the tables of sections 1 to 5, by area."""
    sections = re.split(r"^## ", reference("errors.md"), flags=re.MULTILINE)
    rows: dict[str, list[str]] = {}
    for section in sections:
        number = re.match(r"([1-5])\.", section)
        if number:
            cells = re.findall(r"^\| (?!-)(.+?) \|", section, flags=re.MULTILINE)
            rows[AREAS[int(number[1])]] = cells[1:]
    return rows


def test_every_documented_row_has_an_entry() -> None:
    rows = {area: len(cells) for area, cells in documented_rows().items()}
    rows["push"] += 1  # the wrapper code 78007 stands in the introduction
    rows["vss"] += 1  # missing drivers stand under the table
    ours = Counter(entry["area"] for entry in KNOWN if entry["area"] in AREAS.values())
    assert ours == rows


def test_every_documented_code_is_known() -> None:
    pattern = r"\bEP\d{4}\b|\b\d{5,6}\b|\b0x[0-9A-F]+\b|\b806\b"
    for area, cells in documented_rows().items():
        if area == "registration":
            continue
        documented = {code for cell in cells for code in re.findall(pattern, cell)}
        missing = {code for code in documented - codes(area) if f"vss-exit-{code}" not in codes(area)}
        assert missing == set()


def test_sign_in_and_resource_manager_codes_are_known() -> None:
    assert {f"AADSTS{code}" for code in SIGN_IN.split()} == codes("sign-in")
    assert set(ARM.split()) <= codes("arm")


def test_a_code_leads_to_one_answer() -> None:
    counted = Counter(code for entry in KNOWN for code in entry["codes"])
    assert {code for code, count in counted.items() if count > 1} == {"vss-exit-511"}


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: str(entry["codes"][0]))
def test_an_entry_has_all_its_parts(entry: dict[str, Any]) -> None:
    assert set(entry) == {
        "area",
        "codes",
        "title",
        "cause",
        "fix",
        "check",
        "prevented_by",
        "source",
        "date",
        "match",
    }
    for field in ("title", "cause", "fix"):
        assert entry[field].isascii()
        assert entry[field] == entry[field].strip() != ""
    assert not entry["title"].endswith(".")
    assert entry["prevented_by"] is None or entry["prevented_by"] in IDS
    assert re.fullmatch(r"\d{4}(-\d\d-\d\d)?|undated", entry["date"])
    assert entry["source"]


def test_texts_that_are_matched_name_one_entry() -> None:
    texts = Counter(text for entry in KNOWN for text in entry["match"])
    assert texts
    assert set(texts.values()) == {1}
    assert min(len(text) for text in texts) >= 10
