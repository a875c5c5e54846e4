"""Findings and scripts as files of their own in a folder, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from services import host
from services.problems.model import Problem, ProblemError
from services.readiness.model import Finding
from services.readiness.report import as_csv, as_json, as_markdown
from services.text import _


def findings(folder: Path, found: Sequence[Finding], title: str) -> list[Path]:
    """Write findings.json, findings.csv and findings.md. ProblemError `export`."""
    return write(
        folder,
        {
            "findings.json": as_json(found),
            "findings.csv": as_csv(found),
            "findings.md": as_markdown(found, title),
        },
    )


def write(folder: Path, contents: Mapping[str, str]) -> list[Path]:
    """Write texts under their names, each whole or not at all; the folder is made where it is missing."""
    try:
        host.private_folder(folder)
        return [_whole(folder / name, text) for name, text in contents.items()]
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("export", str(folder), what)) from error


def _whole(path: Path, text: str) -> Path:
    new = path.with_name(f".{path.name}.new")
    # What an export that died has left is ours to replace.
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(host.private_file(new), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    new.replace(path)
    return path
