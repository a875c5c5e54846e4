"""The documented links of each step."""

from __future__ import annotations

import re
from typing import Any

from tests.assets.reading import STEPS, asset_json, reference

LINKS: dict[str, list[dict[str, Any]]] = asset_json("links", "azure-stack-to-azure.json")
PROCEDURE: dict[str, Any] = asset_json("procedures", "azure-stack-to-azure.json")


def test_every_step_has_an_entry() -> None:
    assert set(STEPS) <= set(LINKS)


def test_a_link_has_title_url_and_known_id() -> None:
    ids = {entry["id"] for entry in PROCEDURE["items"] + PROCEDURE["chapters"]}
    for link in (link for links in LINKS.values() for link in links):
        assert set(link) == {"title", "url", "id"}
        assert link["url"].startswith("https://")
        assert link["id"] in ids
        assert link["title"]


def test_every_id_of_the_reference_table_has_its_link() -> None:
    page = reference("procedure-azure-stack-to-azure.md")
    table = page[page.index("* AS-2.9") : page.index("## AS-3")]
    documented = {
        identifier
        for row in table.splitlines()
        if row.startswith("| AS-")
        for identifier in re.findall(r"AS-[\d.]+", row.split("|")[1])
    }
    ours = {link["id"] for links in LINKS.values() for link in links}
    assert documented == ours
