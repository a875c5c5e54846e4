"""An export of several folders of evidence, with an index, so that a whole folder is missed too."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from services import host
from services.evidence import folder as names
from services.evidence.verify import Verdict, Wrong, verify
from services.journal import chain
from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _

INDEX = "index.json"
KIND = "lifeboat-evidence-index"
FORMAT = 1


@dataclass(frozen=True)
class Named:
    """What an index names: SHA-256 of the manifest, and of its signature (empty: none), by folder. An index that was
    written before signatures were named says nothing of them.
    """

    folders: dict[str, str]
    signatures: dict[str, str]


@dataclass(frozen=True)
class Collection:
    """The first thing wrong in an export, and the verdict on each of its folders by name."""

    wrong: Wrong | None
    verdicts: dict[str, Verdict]


def is_collection(path: Path) -> bool:
    """Whether this is an export of folders rather than one folder."""
    if (path / names.MANIFEST).exists():
        return False
    try:
        return (path / INDEX).exists() or any((one / names.MANIFEST).exists() for one in path.iterdir())
    except OSError:
        return False


def add_to_index(output: Path, exported: list[Path]) -> None:
    """Name these folders in the index of an export, beside those that it names. ProblemError, RefusedError."""
    path = output / INDEX
    known = Named({}, {})
    if path.exists():
        try:
            known = _read(path.read_bytes())
        except (OSError, ValueError) as error:
            what = _("is altered, so nothing was added to it.")
            raise RefusedError(Problem("index-altered", str(path), what)) from error
    folders = known.folders | {one.name: _digest(one, names.MANIFEST) for one in exported}
    signatures = known.signatures | {one.name: _digest(one, names.SIGNATURE) for one in exported}
    body = {"kind": KIND, "format": FORMAT, "folders": folders, "signatures": signatures}
    unfinished = path.with_name(f".{INDEX}.part")
    try:
        with os.fdopen(host.private_file(unfinished), "wb") as file:
            file.truncate()
            file.write(_text(body | {"self": chain.digest(body)}))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        host.sync_folder(output)
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("evidence-unwritable", str(path), what)) from error


def verify_all(
    output: Path, allowed_signers: Path | None = None, at: datetime | None = None, *, indexed: bool = True
) -> Collection:
    """Check an export: its index, then each folder in order of name. Raises as verify does.

    `indexed` False: the folder where a program keeps its own, which has no index; a missing one is not noticed.
    """
    present = {one.name: one for one in sorted(output.iterdir()) if one.name != INDEX}
    try:
        index, wrong = _read((output / INDEX).read_bytes()), None
    except FileNotFoundError:
        index, wrong = Named({}, {}), Wrong(INDEX, "missing") if indexed else None
    except ValueError:
        index, wrong = Named({}, {}), Wrong(INDEX, "altered")
    named = index.folders
    verdicts: dict[str, Verdict] = {}
    for name in sorted({*present, *named} if named else present):
        if name not in present:
            wrong = wrong or Wrong(name, "missing")
        elif not (present[name] / names.MANIFEST).is_file():
            lost = Wrong(f"{name}/{names.MANIFEST}", "missing")
            wrong = wrong or (lost if name in named else Wrong(name, "added"))
        elif named and name not in named:
            wrong = wrong or Wrong(name, "added")
        else:
            verdicts[name] = verify(present[name], allowed_signers, at)
            wrong = wrong or _inner(present[name], verdicts[name], index)
    return Collection(wrong, verdicts)


def verify_one(folder: Path, allowed_signers: Path | None = None, at: datetime | None = None) -> Verdict:
    """Check one folder, and where it lies in an export, whether it is as the index beside it says: a signature that
    was taken away shows only there. Raises as verify does.
    """
    verdict, place = verify(folder, allowed_signers, at), folder.resolve()
    try:
        content = (place.parent / INDEX).read_bytes()
    except OSError:
        return verdict
    try:
        wrong = _unlike(place, _read(content))
    except ValueError:
        wrong = Wrong(f"../{INDEX}", "altered") if KIND.encode() in content else None
    return replace(verdict, wrong=verdict.wrong or wrong)


def _inner(folder: Path, verdict: Verdict, index: Named) -> Wrong | None:
    wrong = verdict.wrong or _unlike(folder, index)
    return replace(wrong, file=f"{folder.name}/{wrong.file}") if wrong else None


def _unlike(folder: Path, index: Named) -> Wrong | None:
    """What of a folder is not as an index says."""
    known = index.folders.get(folder.name)
    if known is not None and _digest(folder, names.MANIFEST) != known:
        return Wrong(names.MANIFEST, "altered", why="other-folder")
    signed = index.signatures.get(folder.name)
    now = _digest(folder, names.SIGNATURE)
    if signed is not None and now != signed:
        how = "altered" if now and signed else "missing" if signed else "added"
        return Wrong(names.SIGNATURE, how)
    return None


def _digest(folder: Path, name: str) -> str:
    """Of one file; empty where there is none. The manifest stands for all of a folder but the signature."""
    try:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()
    except OSError:
        return ""


def _read(content: bytes) -> Named:
    """What an index names. ValueError when one byte of it is not as it was written."""
    try:
        body = json.loads(content)
        itself = body.pop("self")
        parts: list[Any] = [body["folders"], body.get("signatures", {})]
        whole = _text(body | {"self": itself}) == content and chain.digest(body) == itself
        typed = all(
            isinstance(part, dict) and all(isinstance(one, str) for one in part.values()) for part in parts
        )
        if not (whole and typed and (body["kind"], body["format"]) == (KIND, FORMAT)):
            raise ValueError("altered")
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("no index") from error
    return Named(dict(parts[0]), dict(parts[1]))


def _text(body: Any) -> bytes:
    return (chain.canonical(body) + "\n").encode("ascii")
