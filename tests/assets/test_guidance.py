"""The guidance of each step: plain text that fits a narrow page and repeats no known mistake."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from tests.assets.reading import STEPS, asset_text

WIDTH = 72
LEAD_LINES = 30
DETAILS = "## Details"
# What older and translated editions of the article say wrongly.
MISTAKES = (
    r"\bja\b",
    r"sottosistema",
    r"remove the subsystem",
    r"not fail over",
    r"borr\b",
    r"vacatures",
    r"kopieras|gekopieerd",
    r"ettrincipobjekt",
    r"as tabelas",
    r"rasgebruikerstoegang",
    r"configure the source environment",
    r"automatically clean",
    r"created in accordance with",
    r"discover machines you want",
    r"9433",
)


def guidance(step: str) -> str:
    return asset_text("guidance", "en", f"{step}.md")


def test_every_step_has_guidance_and_no_other_does() -> None:
    folder = resources.files("assets").joinpath("guidance", "en")
    names = {entry.name.removesuffix(".md") for entry in folder.iterdir() if entry.name.endswith(".md")}
    assert names == set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_it_is_plain_ascii_that_fits(step: str) -> None:
    text = guidance(step)
    assert text.isascii()
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert not re.search(r"</?(br|p|b|i|a|ul|li|div|span|table)\b", text)
    assert "\t" not in text
    assert not re.search(r"^\|", text, flags=re.MULTILINE)


@pytest.mark.parametrize("step", STEPS)
def test_prose_fits_a_narrow_column(step: str) -> None:
    prose = [line for line in guidance(step).splitlines() if not line.startswith("    ")]
    assert max(len(line) for line in prose) <= 50


@pytest.mark.parametrize("step", STEPS)
def test_the_lead_is_short_and_says_what_comes_next(step: str) -> None:
    lead = guidance(step).partition(DETAILS)[0]
    lines = [line for line in lead.splitlines() if line.strip()]
    assert 8 <= len(lines) <= LEAD_LINES + 1  # and the title
    assert re.search(r"[Aa]sked here|^Nothing is asked|answers, already chosen", lead, flags=re.MULTILINE)
    assert lead.rstrip().split("\n\n")[-1].startswith("Next: ")


@pytest.mark.parametrize("step", STEPS)
def test_no_known_mistake_is_repeated(step: str) -> None:
    text = " ".join(guidance(step).lower().split())
    for mistake in MISTAKES:
        assert not re.search(mistake, text), mistake


@pytest.mark.parametrize("step", STEPS)
def test_it_speaks_of_the_product_only(step: str) -> None:
    text = guidance(step).lower()
    for word in ("shared/", "/work", "AS-0".lower(), "todo", "language model"):
        assert word not in text


@pytest.mark.parametrize("step", sorted(set(STEPS) - {"hub", "sign-in", "goal", "key"}))
def test_claims_carry_a_date(step: str) -> None:
    assert re.search(r"\d{4}-\d\d-\d\d\)", guidance(step))


def test_both_sides_of_the_contradiction_are_told() -> None:
    lead = " ".join(guidance("welcome-support").partition(DETAILS)[0].split())
    for fact in ("March 15, 2026", "March 30, 2026", "2023-03-14", "2026-09-21", "contradict"):
        assert fact in lead


def test_the_eleven_pages_of_setup_are_numbered() -> None:
    pages = re.findall(r"^ ?(\d+)\. ", guidance("setup"), flags=re.MULTILINE)
    assert pages == [str(page) for page in range(1, 12)]


def test_linux_settings_are_the_right_ones() -> None:
    text = " ".join(guidance("readiness").split())
    assert "PasswordAuthentication is yes" in text
    assert "Subsystem line is uncommented" in text
    assert "File and Printer Sharing and WMI" in text
