"""`lifeboat servers`: configuration and process servers against the documented limits."""

from __future__ import annotations

from dataclasses import asdict

import click

from services.readiness.model import Status
from services.recovery.infrastructure import servers
from services.text import _, plain
from services.world.deadline import Deadline
from tui.cli.globals import Globals, json_line
from tui.cli.vaults import opened_vault


def list_servers(options: Globals, *, as_json: bool) -> int:
    """Every server with its readings; 1 when one of them failed."""
    with opened_vault(options, Deadline(), lambda _event: None) as vault:
        found = servers(vault.reads.fabrics(), vault.world.clock.now())
    for server in found:
        if as_json:
            json_line({**asdict(server), "status": server.status})
            continue
        click.echo(
            plain(f"{server.status:<8} {server.name}  {server.kind}  {server.address}  {server.version}")
        )
        for reading in server.readings:
            click.echo(
                plain(f"  {reading.status:<8} {reading.caption:<14} {reading.value}  {reading.note}").rstrip()
            )
    if not found and not as_json:
        click.echo(_("No configuration server is registered in this vault."), err=True)
    return int(any(server.status is Status.FAILED for server in found))
