"""The operating-system matrix, held against the compiled reference matrix."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.assets.reading import asset_json, reference

MATRIX: dict[str, Any] = asset_json("matrices", "azure-stack-to-azure.json")
EDITIONS: list[dict[str, Any]] = MATRIX["editions"]
ENTRIES: list[dict[str, Any]] = MATRIX["entries"]
OTHER_PRODUCTS = {"hub_asr_2024"}
KERNEL = re.compile(r"^\d+\.\d+\.\d+-[\w.-]+$")
DISTRIBUTIONS = {
    "windows": {"Windows Server", "Windows client"},
    "linux": {
        "CentOS",
        "Debian",
        "Oracle Linux",
        "Red Hat Enterprise Linux",
        "Rocky Linux",
        "SUSE Linux Enterprise Server",
        "Ubuntu",
    },
}


def plain(version: str) -> str:
    """A documented version without the words that are kept in fields of their own."""
    return re.sub(r" (LTS|Pro)$", "", version).replace("2008 R2 SP1", "2008 R2")


def identity(entry: dict[str, Any], edition: str) -> tuple[str, str, str, str, str]:
    distribution = entry["distribution"].replace("Ubuntu Server", "Ubuntu")
    architectures = entry.get("architecture") or ",".join(entry["architectures"])
    return edition, distribution, plain(entry["version_from"]), plain(entry["version_to"]), architectures


def test_editions_are_newest_first_and_the_azure_stack_article_leads() -> None:
    dates = [edition["date"] for edition in EDITIONS]
    assert dates == sorted(dates, reverse=True)
    assert EDITIONS[0]["id"] == "azure_stack_article_2026"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates)


def test_editions_that_only_add_name_what_they_extend() -> None:
    known = {edition["id"] for edition in EDITIONS}
    for edition in EDITIONS:
        assert edition["complete"] == (edition["extends"] is None)
        assert edition["extends"] is None or edition["extends"] in known


def test_every_entry_of_the_reference_is_accounted_for() -> None:
    compiled = json.loads(reference("support-matrix.json"))
    documented = Counter(
        identity(entry, entry["source"])
        for entry in compiled["entries"]
        if entry["source"] not in OTHER_PRODUCTS
    )
    assert Counter(identity(entry, entry["edition"]) for entry in ENTRIES) == documented


def test_limits_of_the_reference_are_kept() -> None:
    compiled = json.loads(reference("support-matrix.json"))
    documented = [entry for entry in compiled["entries"] if entry["source"] not in OTHER_PRODUCTS]
    for field in ("min_mobility_version", "required_updates", "min_kernel", "scope", "rollup"):
        theirs = Counter(json.dumps(entry[field]) for entry in documented if field in entry)
        ours = Counter(json.dumps(entry[field]) for entry in ENTRIES if field in entry)
        assert ours == theirs, field
    modernized = sum(entry.get("experience") == "modernized_only" for entry in documented)
    assert sum(entry.get("experience") == "modernized" for entry in ENTRIES) == modernized


def test_no_kernel_of_the_reference_is_lost() -> None:
    def kernels(tree: object) -> set[str]:
        if isinstance(tree, dict):
            return {kernel for value in tree.values() for kernel in kernels(value)}
        if isinstance(tree, list):
            return {kernel for value in tree for kernel in kernels(value)}
        name = str(tree).partition(":")[0]
        return {name} if KERNEL.match(name) else set()

    compiled = json.loads(reference("support-matrix.json"))
    for edition in ("matrix_2019", "matrix_2023"):
        documented = kernels(compiled["kernels"][edition])
        assert len(documented) > 30
        assert kernels(MATRIX["kernels"][edition]) == documented


@pytest.mark.parametrize(
    "entry", ENTRIES, ids=lambda entry: f"{entry['edition']}-{entry['distribution']}-{entry['version_from']}"
)
def test_an_entry_is_normalised(entry: dict[str, Any]) -> None:
    assert entry["edition"] in {edition["id"] for edition in EDITIONS}
    assert entry["distribution"] in DISTRIBUTIONS[entry["family"]]
    assert entry.get("experience", "modernized") in {"modernized", "unstated"}
    assert set(entry["architectures"]) <= {"x86_64", "x86"}
    assert "LTS" not in entry["version_from"] + entry["version_to"]


def test_kernel_references_lead_to_a_list_for_the_release() -> None:
    for entry in ENTRIES:
        if "kernels" not in entry:
            continue
        releases = MATRIX["kernels"][entry["kernels"]]["releases"][entry["distribution"]]
        for version in entry.get("versions", [entry["version_from"]]):
            assert version in releases or version.split(".")[0] in releases, (entry, version)


def test_the_newest_azure_stack_edition_is_the_narrow_list() -> None:
    newest = {
        (entry["distribution"], entry["version_from"])
        for entry in ENTRIES
        if entry["edition"] == EDITIONS[0]["id"]
    }
    windows = {"2019", "2016", "2012 R2", "2012", "2008 R2"}
    assert newest == {("Windows Server", version) for version in windows} | {
        ("Ubuntu", "14.04"),
        ("Ubuntu", "16.04"),
    }
