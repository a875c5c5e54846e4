"""What is handed to somebody who helps: one zip, with every secret that is known here taken out."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sqlite3
import ssl
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.logs import FILE, HIDDEN, SHORTEST, known_secrets, without
from services.problems.model import Problem, ProblemError
from services.secrets import resolve
from services.text import _
from services.world.model import World

CRASHES = 5
"""The newest crash reports that are taken along."""
READABLE = ("env:", "file:")
"""References whose value is looked up to be taken out; a keyring might ask somebody."""

TOKENS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?i:(?<=sig=)|(?<=client_secret=)|(?<=password=)|(?<=refresh_token=)|(?<=access_token=)|(?<=bearer ))"
    r"[^&\s\"']{4,}"
)
"""What is a secret by its looks: a token, credentials in an address, a signature or password in a form."""


def versions() -> str:
    """Python, its libraries, the system and every installed distribution, one a line."""
    found = sorted(f"{one.name} {one.version}" for one in importlib.metadata.distributions())
    head = [
        f"python {platform.python_version()} on {platform.platform()}",
        f"sqlite {sqlite3.sqlite_version}",
        ssl.OPENSSL_VERSION,
    ]
    return "\n".join([*head, "", *found, ""])


def logs(world: World, root: Path) -> dict[str, str]:
    """The log with what was turned over, and the newest crash reports, by file name."""
    paths = [*sorted(world.state.glob(FILE + "*")), *sorted(root.glob("crash-*.txt"))[-CRASHES:]]
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in paths}


def secrets(world: World, answers: Iterable[object]) -> set[str]:
    """Every secret that can be known without asking anybody: of this process, of practice, of references."""
    found = {*known_secrets(), *world.secrets.values()}
    if not world.practice:
        for reference in _references(answers):
            try:
                found.add(resolve(reference, "", world, None))
            except ProblemError:
                continue
    return {value for value in found if len(value) >= SHORTEST}


def _references(answers: Iterable[object]) -> set[str]:
    """References to secrets, also those in lists of machines."""
    found: set[str] = set()
    for value in answers:
        if isinstance(value, str) and value.startswith(READABLE):
            found.add(value)
        elif isinstance(value, list | tuple):
            found |= _references(value)
        elif isinstance(value, Mapping):
            found |= _references(value.values())
    return found


def cleaned(text: str, known: Iterable[str]) -> str:
    """The text without known secrets, and without what is a secret by its looks."""
    return TOKENS.sub(HIDDEN, without(known, text))


def write(path: Path, texts: Mapping[str, str], journal: Path | None, known: Iterable[str]) -> bool:
    """Write the zip, of mode 0600; whether the journal is in it.

    A journal proves itself only as it is, so one that holds a known secret is left out whole. ProblemError:
    `path` exists or cannot be written.
    """
    known = set(known)
    takes = journal is not None and not _holds(journal, known)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, text in texts.items():
                packed.writestr(name, cleaned(text, known))
            if takes and journal is not None:
                packed.write(journal, "journal.sqlite")
    except FileExistsError as error:
        what = _("There is a file of this name already.")
        raise ProblemError(Problem("file-exists", str(path), what, remedy=_("Name another file."))) from error
    except OSError as error:
        why = _("cannot be written: {reason}.").format(reason=error.strerror or str(error))
        raise ProblemError(Problem("file-unwritable", str(path), why)) from error
    return takes


def _holds(journal: Path, known: Iterable[str]) -> bool:
    """Whether one of the values stands anywhere in a journal, as it is or as JSON writes it."""
    connection = sqlite3.connect(journal)
    try:
        text = "\n".join(connection.iterdump())
    finally:
        connection.close()
    forms = {form.replace("'", "''") for value in known for form in (value, json.dumps(value)[1:-1])}
    return any(form in text for form in forms)
