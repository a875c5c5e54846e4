"""`lifeboat evidence attest`: what a person says of a drill or a failover, put into its record. Asks no server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from services import host
from services.evidence.entries import Attested
from services.journal.journal import Journal
from services.journal.model import Actor
from services.recovery.attestation import Said, attest, finding
from services.text import _
from services.world.build import LIVE, PRACTICE
from tui.cli.evidence import kept_in, key_of
from tui.cli.globals import Globals, json_line


@dataclass(frozen=True)
class AttestOptions:
    """What `evidence attest` was given; without a name the user of the host speaks."""

    record: str
    verdict: str
    statement: str
    name: str = ""
    role: str = ""
    findings: tuple[str, ...] = ()
    key: Path | None = None
    as_json: bool = False


def attest_evidence(options: Globals, given: AttestOptions) -> int:
    """Write the newer record, and say where."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    person = Attested(given.name or host.user(), given.role, at, given.statement)
    said = Said(given.verdict, person, tuple(finding(one) for one in given.findings))
    key = key_of(given.key) if given.key else None
    world = PRACTICE if options.practice else LIVE
    journal = Journal.open(options.root / world, world, Actor.here(), read_only=options.read_only)
    try:
        path = attest(journal, kept_in(options), given.record, said, key)
    finally:
        journal.close()
    if given.as_json:
        json_line({"attested": {"evidence": str(path), "verdict": given.verdict, "name": person.name}})
    else:
        click.echo(_("attested: {verdict}, by {name}").format(verdict=given.verdict, name=person.name))
        click.echo(str(path))
    return 0
