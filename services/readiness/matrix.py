"""The support matrix: which dated edition of the documents allows a system."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any

from services.readiness.system import GuestSystem
from services.readiness.versions import (
    Kernel,
    Version,
    kernel,
    kernel_at_least,
    kernel_within,
    version,
    within,
)

AZURE_STACK = "azure-stack-to-azure"


class Fit(IntEnum):
    """How well a system fits a row of the matrix, or all rows of an edition."""

    OTHER = 0
    """The row is about another system."""
    REFUSED = 1
    """The row is about this system and a limit of it is not met."""
    UNPROVEN = 2
    """The documents do not say enough to tell."""
    ALLOWED = 3


@dataclass(frozen=True)
class Edition:
    id: str
    title: str
    date: str
    note: str

    @property
    def named(self) -> str:
        return f"{self.title}, {self.date}"


@dataclass(frozen=True)
class Answer:
    """What one edition says of a system, with its reasons and its conditions as sentences."""

    edition: Edition
    fit: Fit
    reasons: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """Editions newest first, the rows of each, and kernel lists by edition."""

    editions: tuple[Edition, ...]
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]
    kernels: Mapping[str, Any]

    def answers(self, system: GuestSystem) -> list[Answer]:
        """What every edition says of a system, the newest first."""
        return [self._answer(edition, system) for edition in self.editions]

    def _answer(self, edition: Edition, system: GuestSystem) -> Answer:
        best = Answer(edition, Fit.OTHER)
        for row in self.rows.get(edition.id, ()):
            fit, reason = self._fit(row, system)
            if fit > best.fit:
                best = Answer(edition, fit, (reason,) if reason else (), conditions(row))
        return best

    def _fit(self, row: Mapping[str, Any], system: GuestSystem) -> tuple[Fit, str]:
        covered = _covers(row, system)
        if not covered:
            reason = f"of {system.distribution} {system.version} the minor release is not known"
            return (Fit.OTHER, "") if covered is False else (Fit.UNPROVEN, reason)
        refusal = next(_refusals(row, system), "")
        if refusal:
            return Fit.REFUSED, refusal
        return self._kernel_fit(row, system)

    def _kernel_fit(self, row: Mapping[str, Any], system: GuestSystem) -> tuple[Fit, str]:
        listed = self._kernel_list(row, system)
        running = kernel(system.kernel)
        if listed is None:
            return Fit.ALLOWED, ""
        if running is None:
            return Fit.UNPROVEN, "the running kernel could not be read"
        if _in_list(listed, running, system.kernel):
            return Fit.ALLOWED, ""
        if listed["complete"]:
            return Fit.REFUSED, f"kernel {system.kernel} is not in the list of supported kernels"
        silent = "the documents list only what later updates added, and are silent on kernel"
        return Fit.UNPROVEN, f"{silent} {system.kernel}"

    def _kernel_list(self, row: Mapping[str, Any], system: GuestSystem) -> Mapping[str, Any] | None:
        if "kernels" not in row:
            return None
        releases = self.kernels[row["kernels"]]["releases"].get(system.distribution, {})
        given = version(system.version)
        ranges = [content for key, content in releases.items() if _is_release(given, key)]
        return _merged(ranges)


@cache
def matrix(scenario: str = AZURE_STACK) -> Matrix:
    """The matrix that comes with the product, for one scenario."""
    path = resources.files("assets") / "matrices" / f"{scenario}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    editions = tuple(
        Edition(item["id"], item["title"], item["date"], item["note"]) for item in content["editions"]
    )
    rows: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for row in content["entries"]:
        rows[row["edition"]] = (*rows.get(row["edition"], ()), row)
    return Matrix(editions, rows, content["kernels"])


def conditions(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row asks for beside the version, as sentences."""
    found = []
    updates, since = row.get("required_updates"), row.get("required_updates_from_mobility")
    if updates:
        found.append(f"Mobility service {since} and later need {' and '.join(updates)}.")
    if row.get("min_mobility_version"):
        found.append(f"Needs Mobility service {row['min_mobility_version']} or later.")
    if row.get("experience") == "unstated":
        found.append("The page does not say whether this holds for the classic configuration server.")
    return tuple(found)


def _is_release(given: Version | None, key: str) -> bool:
    # `12 SP1 LTSS` is a list of its own for the same release.
    listed = version(key)
    return given is not None and listed is not None and given.cut(len(listed.numbers)) == listed


def _merged(lists: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The kernel lists of a release as one; without any, nothing is proven."""
    names = [name for one in lists for each in one.get("by_mobility", {}).values() for name in each]
    return {
        "complete": bool(lists) and all(one["complete"] for one in lists),
        "ranges": [span for one in lists for span in one.get("ranges", ())],
        "names": frozenset(names),
        "stock": any("base" in one for one in lists),
    }


def _covers(row: Mapping[str, Any], system: GuestSystem) -> bool | None:
    given = version(system.version)
    same = row["family"] == system.family and row["distribution"] == system.distribution
    other_variant = row.get("variant") == "Pro" and system.variant != "Pro"
    if given is None or not same or other_variant:
        return False
    if "versions" not in row:
        return _between(given, row["version_from"], row["version_to"])
    each = [_between(given, text, text) for text in row["versions"]]
    return True if True in each else None if None in each else False


def _between(given: Version, lowest: str, highest: str) -> bool | None:
    first, last = version(lowest), version(highest)
    return first is not None and last is not None and within(given, first, last)


def _refusals(row: Mapping[str, Any], system: GuestSystem) -> Iterator[str]:
    if system.architecture not in row["architectures"]:
        yield f"only 64-bit systems are supported, this one is {system.architecture or 'unknown'}"
    least = int(str(row.get("min_service_pack", "SP0")).removeprefix("SP"))
    if system.service_pack < least:
        yield f"Service Pack {least} is needed, the machine has {system.service_pack or 'none'}"
    if row.get("experience") == "modernized":
        yield "it is supported only with the modernized appliance, not with a configuration server"
    if row.get("scope") == "migration_only":
        yield "it is supported only for migration, not for disaster recovery"
    for release, lowest in row.get("min_kernel", {}).items():
        given, wanted = version(system.version), version(release)
        if given and wanted and given.cut(2) == wanted and not kernel_at_least(system.kernel, lowest):
            yield f"the kernel must be {lowest} or later, it is {system.kernel or 'unknown'}"


def _in_list(listed: Mapping[str, Any], running: Kernel, text: str) -> bool:
    for span in listed["ranges"]:
        first, last = kernel(span["from"]), kernel(span["to"])
        if first and last and kernel_within(running, first, last):
            return True
    # "All stock kernels" of SUSE are those of the default flavour.
    return text in listed["names"] or (listed["stock"] and running.words[-1:] == ("default",))
