"""manifest.json: what a folder of evidence holds, byte for byte, and what its log and record come down to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from services.evidence.log import Part
from services.journal import chain

KIND = "lifeboat-evidence"
FORMAT = 1
SHORT = 16
"""Hexadecimal digits of the digest of a part of the record: enough to find what changed."""


@dataclass(frozen=True)
class Manifest:
    """`files` are SHA-256 and size by name; `record` is the digest of the record's canonical JSON.

    `maker` is what made the reports. `parts` are short digests by path into the record. `signer` is the
    fingerprint of the key that was to sign, empty for none.
    """

    world: str
    version: str
    maker: str
    record: str
    log: Part
    files: Mapping[str, tuple[str, int]]
    parts: Mapping[str, str] = field(default_factory=dict)
    signer: str = ""

    def content(self) -> bytes:
        """The one text of this manifest, with a digest of itself."""
        body = asdict(self) | {"kind": KIND, "format": FORMAT}
        return _text(body | {"self": chain.digest(body)})


def read(content: bytes) -> Manifest:
    """The manifest of these bytes. ValueError when a single one of them is not as it was written."""
    try:
        body = json.loads(content)
        itself = body.pop("self")
        if _text(body | {"self": itself}) != content or chain.digest(body) != itself:
            raise ValueError("altered")
        if (body.pop("kind"), body.pop("format")) != (KIND, FORMAT):
            raise ValueError("another format")
        files = {name: (one[0], one[1]) for name, one in body.pop("files").items()}
        found = Manifest(**body | {"log": Part(**body["log"]), "files": files})
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("no manifest") from error
    if not _typed(found):
        raise ValueError("no manifest")
    return found


def _typed(found: Manifest) -> bool:
    """A manifest whose digest fits can still hold anything."""
    texts = [
        found.world,
        found.version,
        found.maker,
        found.record,
        found.signer,
        found.log.previous,
        found.log.head,
    ]
    texts += [one[0] for one in found.files.values()]
    numbers = [found.log.first, found.log.last, *(one[1] for one in found.files.values())]
    return (
        isinstance(found.parts, dict)
        and all(isinstance(text, str) for text in (*texts, *found.parts.values()))
        and all(type(number) is int for number in numbers)
    )


def described(contents: Mapping[str, bytes]) -> dict[str, tuple[str, int]]:
    """SHA-256 and size of each content."""
    return {name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in contents.items()}


def parts_of(document: Any) -> dict[str, str]:
    """Short digests of a record's parts by path: each value of a section, each entry of a list."""
    return {path: chain.digest(value)[:SHORT] for path, value in _parts(document, "")}


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _parts(value[key], f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        yield from ((f"{path}.{number}", entry) for number, entry in enumerate(value))
    else:
        yield path, value


def _text(body: Any) -> bytes:
    return (chain.canonical(body) + "\n").encode("ascii")
