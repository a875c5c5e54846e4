from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from services.evidence import folder
from services.evidence.signing import KeySigner
from services.journal.journal import Actor, Journal
from tests.evidence import samples


@pytest.fixture(scope="session")
def signer() -> KeySigner:
    return KeySigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "state", "practice", Actor(account="op@contoso.example"))
    yield opened
    opened.close()


@pytest.fixture
def run(journal: Journal) -> int:
    """An engagement with a log, after another one's events."""
    other = journal.engagement("set-up", "azure-stack-to-azure")
    journal.event("note", {"text": "earlier"}, other.id)
    begun = journal.engagement(samples.RUN, "recovery")
    for number in range(5):
        journal.event("note", {"number": number}, begun.id)
    return begun.id


@pytest.fixture
def written(journal: Journal, run: int, tmp_path: Path) -> Path:
    """An unsigned folder."""
    return folder.write(journal, run, samples.record(), tmp_path / "evidence")


@pytest.fixture
def signed(journal: Journal, run: int, tmp_path: Path, signer: KeySigner) -> Path:
    """A signed folder."""
    return folder.write(journal, run, samples.record(), tmp_path / "signed", signer)


@pytest.fixture
def copied(tmp_path: Path, written: Path) -> Path:
    """A copy that may be spoiled."""
    return Path(shutil.copytree(written, tmp_path / "copy"))
