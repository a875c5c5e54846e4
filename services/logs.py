"""The one log: in the state folder, for its owner only, rotated, and without secrets."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from functools import lru_cache
from logging.handlers import RotatingFileHandler
from pathlib import Path

from services.text import plain

FILE = "lifeboat.log"
SIZE, KEPT = 1_000_000, 3
HIDDEN = "[hidden]"
SHORTEST = 4
"""Shorter values are not hidden: they would tear holes into everything else."""

_FOREIGN = ("azure", "msal", "paramiko", "urllib3", "winrm", "requests_ntlm", "spnego")
_secrets: set[str] = set()


def hide(values: Iterable[str]) -> None:
    """Never write these values to the log from now on."""
    _secrets.update(value for value in values if len(value) >= SHORTEST)


def known_secrets() -> frozenset[str]:
    """The values that are hidden in this process."""
    return frozenset(_secrets)


def redacted(text: str) -> str:
    """A text without the secrets that are known in this process."""
    return without(_secrets, text)


def without(secrets: Iterable[str], text: str, mark: str = HIDDEN) -> str:
    """The text with every secret taken out, the longest first, also as Python and JSON quote it."""
    for shape in _sought(frozenset(secrets)):
        text = text.replace(shape, mark)
    return text


@lru_cache(maxsize=4)
def _sought(secrets: frozenset[str]) -> tuple[str, ...]:
    """What is taken out for these secrets; kept, since a sweep of many machines asks for each finding."""
    shapes = {shape for value in secrets if len(value) >= SHORTEST for shape in _shapes(value)}
    return tuple(sorted(shapes, key=len, reverse=True))


def _shapes(value: str) -> set[str]:
    """How a value stands in texts: as it is, quoted by Python or by JSON, and its lines alone."""
    found = {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return found | {line for line in value.splitlines() if len(line) >= SHORTEST}


class _Lines(logging.Formatter):
    """One harmless line a record; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(redacted(super().format(record)), 4000)


class _Private(RotatingFileHandler):
    """A log file of mode 0600, also after it was turned over."""

    def _open(self):  # type: ignore[no-untyped-def]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def open_log(folder: Path) -> None:
    """Send our records and those of Azure's and paramiko's loggers there, and none to the terminal.

    A folder that cannot be written leaves no log; the journal says so in its own words.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _Private(folder / FILE, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    for name in ("lifeboat", *_FOREIGN):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO if name == "lifeboat" else logging.WARNING)
        logger.handlers = [handler]
        logger.propagate = False


def log() -> logging.Logger:
    """Our own logger."""
    return logging.getLogger("lifeboat")
