"""Evidence and the second person: evidence list, export, verify, attest; approve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, leave

FILE = click.Path(path_type=Path)


@click.group(short_help="List, export, verify, attest what drills left.")
def evidence() -> None:
    """What drills and failovers left for the auditor; export, verify and list --offline need no network."""


@evidence.command("list", short_help="List drills with their RTO and RPO.")
@click.option("--offline", is_flag=True, help="Do not ask Azure: only what has evidence here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def evidence_list(options: Globals, offline: bool, as_json: bool) -> None:
    """List drills and failovers with RTO and RPO, each drill against the one before, and overdue drills.

    Azure is asked what is protected and when it was last drilled, so that a drill that somebody else held
    counts, and a machine that was never drilled is named.
    """
    from tui.cli.evidence_list import list_evidence

    leave(options, lambda: list_evidence(options, offline=offline, as_json=as_json))


@evidence.command("export", short_help="Copy folders of evidence.")
@click.option("--output", type=FILE, metavar="DIR", required=True, help="Write the folders below DIR.")
@click.option("--run", default="", metavar="NAME", help="Only of this run, or only the folder of this name.")
@click.option(
    "--key",
    type=FILE,
    metavar="FILE",
    help="Sign with this key what nobody has signed; with a .pub file, by ssh-agent.",
)
@click.pass_obj
def evidence_export(options: Globals, output: Path, run: str, key: Path | None) -> None:
    """Copy folders of evidence below DIR and check the copies; exit 1 when one is altered."""
    from tui.cli.evidence import export_evidence

    leave(options, lambda: export_evidence(options, output, run, key))


@evidence.command("verify", short_help="Check a folder of evidence, offline.")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--allowed-signers",
    type=FILE,
    metavar="FILE",
    help="The people who may sign, in OpenSSH's format; one of them must have.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def evidence_verify(options: Globals, folder: Path, allowed_signers: Path | None, as_json: bool) -> None:
    """Check DIR, a folder of evidence or an export of several; exit 1 when something is wrong. DIR may be a name of
    `lifeboat evidence list`.

    It names the first thing that is altered, added or missing. It says three things apart: whether it is
    unaltered, who signed it, and which head of the log is recorded as written to Azure.
    """
    from tui.cli.evidence import verify_evidence

    leave(options, lambda: verify_evidence(options, folder, allowed_signers, as_json))


@evidence.command("attest", short_help="Say what you think of a drill, in its record.")
@click.argument("record", metavar="NAME")
@click.option(
    "--verdict", type=click.Choice(["pass", "qualified", "fail"]), required=True, help="Your verdict."
)
@click.option("--statement", required=True, metavar="TEXT", help="What you say, as a sentence.")
@click.option("--name", default="", metavar="NAME", help="Who you are; the user of this host unless told.")
@click.option("--role", default="", metavar="TEXT", help="As what you speak, such as owner or auditor.")
@click.option(
    "--finding",
    "findings",
    multiple=True,
    metavar="TEXT",
    help="As 'high; DNS is slow; OWNER; 2026-12-31; RETEST'; the last three as wanted.",
)
@click.option(
    "--key",
    type=FILE,
    metavar="FILE",
    help="Sign the new record with this key; with a .pub file, by ssh-agent.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def evidence_attest(options: Globals, /, **given: Any) -> None:
    """Add your verdict, and findings to be dealt with, to the record of NAME (see `lifeboat evidence list`).

    A newer record is written beside the one before. Where several people attest, the worst verdict stands.
    """

    def run() -> int:
        from tui.cli.attest import AttestOptions, attest_evidence

        return attest_evidence(options, AttestOptions(**given))

    leave(options, run)


@click.command(short_help="Sign a plan file as the second person.")
@click.argument("path", metavar="PLANFILE", type=FILE)
@click.option(
    "--key",
    type=FILE,
    metavar="FILE",
    help="Sign with this key; with a .pub file, by ssh-agent. Without: by the only key of ssh-agent.",
)
@click.option(
    "--output", type=FILE, metavar="FILE", help="Where to write the signature; PLANFILE.sig unless told."
)
@click.option("--yes", is_flag=True, help="Approve without being asked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def approve(options: Globals, /, **given: Any) -> None:
    """Show the plan of PLANFILE, ask, and sign it in OpenSSH's format. --save-plan of a command writes one.

    This is a procedural control: it keeps one person from acting alone, not somebody who is root.
    """

    def run() -> int:
        from tui.cli.approve import ApproveOptions
        from tui.cli.approve import approve as sign

        return sign(options, ApproveOptions(**given))

    leave(options, run)


COMMANDS = (evidence, approve)
