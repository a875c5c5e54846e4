"""The command line. Each command's code is imported when it is called: --help and --version load nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, guarded
from tui.practice import PracticeOptions

PRACTICE_OPTIONS = [
    click.option("--speed", type=float, help="Practice: world seconds per real second (60)."),
    click.option("--items", type=int, help="Practice: a vault with this many protected items."),
    click.option(
        "--faults", type=click.Path(path_type=Path, exists=True), help="Practice: faults to inject."
    ),
    click.option("--record", type=click.Path(path_type=Path), help="Practice: record each exchange there."),
]


def practice_options(command: Any) -> Any:
    """The options of the practice servers, for --practice and `practice serve` alike."""
    for option in reversed(PRACTICE_OPTIONS):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--practice", is_flag=True, help="Use the practice world: servers on this host, no Azure.")
@practice_options
@click.option(
    "--world", "world_file", type=click.Path(path_type=Path), help="Practice: join this world file."
)
@click.option("--read-only", is_flag=True, help="Change nothing, here or there.")
@click.option("--state", type=click.Path(path_type=Path), help="State folder.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--engagement", default="", help="Name of what is being set up.")
@click.option("--ascii", is_flag=True, help="Draw with plain ASCII.")
@click.option("--plain", is_flag=True, help="Ask line by line, without a screen.")
@click.option("--mouse/--no-mouse", default=None, help="Mouse; off over SSH unless asked.")
@click.option("--theme", default="", help="Colour theme.")
@click.option("--lang", default="", help="Language of messages.")
@click.version_option(package_name="lifeboat", prog_name="lifeboat")
@click.pass_context
def lifeboat(context: click.Context, /, **given: Any) -> None:
    """A terminal console for Azure Site Recovery."""
    keys = ("speed", "items", "faults", "record", "world_file")
    practice = PracticeOptions(**{key: given.pop(key) for key in keys})
    options = Globals(**given, practice_options=practice)
    context.obj = options
    if options.lang:
        from services.text import use_language

        use_language(options.lang)
    if context.invoked_subcommand is None:
        context.exit(guarded(lambda: _console(options), options.root))


def _console(options: Globals) -> int:
    from tui.console import open_console

    return open_console(options)


@lifeboat.command()
@click.argument("name", metavar="SCENARIO")
@click.pass_obj
def answers(options: Globals, name: str) -> None:
    """Print a commented answers file; on the practice world it runs as it is."""
    from tui.cli.walk import print_answers

    sys.exit(guarded(lambda: print_answers(options, name), options.root))


@lifeboat.command()
@click.option("--answers", "path", type=click.Path(path_type=Path), required=True, help="Answers file.")
@click.option("--until", default="", metavar="STEP", help="Stop after this step.")
@click.option("--json", "as_json", is_flag=True, help="One JSON event a line.")
@click.option("--yes", is_flag=True, help="Confirm ordinary plans.")
@click.option("--timeout", type=float, help="Seconds after which to stop; jobs in Azure go on.")
@click.pass_obj
def run(options: Globals, path: Path, until: str, as_json: bool, yes: bool, timeout: float | None) -> None:
    """Walk a scenario without screens."""
    from tui.cli.walk import run_file

    sys.exit(
        guarded(
            lambda: run_file(options, path, until=until, as_json=as_json, yes=yes, timeout=timeout),
            options.root,
        )
    )


@lifeboat.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def engagements(options: Globals, as_json: bool) -> None:
    """List what is being set up."""
    from tui.cli.walk import list_engagements

    sys.exit(guarded(lambda: list_engagements(options, as_json), options.root))


WHICH_OPTIONS = [
    click.option(
        "--machines", type=click.Path(path_type=Path), metavar="FILE", help="Machines of this CSV file."
    ),
    click.option("--engagement", default="", metavar="NAME", help="Machines and answers of this engagement."),
    click.option("--accept-new-host-keys", "accept_new", is_flag=True, help="Let in new SSH host keys."),
]


def which_options(command: Any) -> Any:
    """Which machines a command of readiness is about."""
    for option in reversed(WHICH_OPTIONS):
        command = option(command)
    return command


@lifeboat.command()
@which_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all findings.")
@click.option(
    "--export",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write findings.json, .csv and .md there.",
)
@click.pass_obj
def check(options: Globals, /, export: Path | None, as_json: bool, **which: Any) -> None:
    """Look whether machines are ready; exit 1 when something blocks.

    Without --machines and --engagement: the machines of the only engagement, in practice all machines of the
    practice world.
    """

    def run() -> int:
        from tui.cli.check import CheckOptions, wanted
        from tui.cli.check import check as look

        return look(options, CheckOptions(wanted(options, **which), as_json, export))

    sys.exit(guarded(run, options.root))


@lifeboat.command()
@click.argument("check", default="")
@which_options
@click.option("--machine", "names", multiple=True, metavar="NAME", help="Only this machine; may be repeated.")
@click.option("--all-of-kind", "kind", default="", metavar="CHECK", help="One consent for all machines.")
@click.option("--plan-only", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Confirm; what weakens a machine only where CHECK is named.")
@click.option("--list", "listing", is_flag=True, help="List the fixes that stand.")
@click.option(
    "--export", type=click.Path(path_type=Path), metavar="DIR", help="Write the fixes as scripts there."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def fix(
    options: Globals,
    /,
    names: tuple[str, ...],
    listing: bool,
    export: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Mend what CHECK (without it: any check) found: shown first, made with consent, undone by undo."""

    def run() -> int:
        from tui.cli import fix as fixes
        from tui.cli.check import wanted

        which = wanted(options, *(given.pop(key) for key in ("machines", "engagement", "accept_new")))
        if listing:
            return fixes.listed(options, which, as_json=as_json)
        chosen = fixes.FixOptions(which, machines=names, as_json=as_json, **given)
        return fixes.export(options, chosen, export) if export else fixes.fix(options, chosen)

    sys.exit(guarded(run, options.root))


@lifeboat.command()
@which_options
@click.option("--machine", "names", multiple=True, metavar="NAME", help="Only on this machine.")
@click.option("--fix", "fixes", multiple=True, metavar="FIX", help="Only this fix.")
@click.option("--list", "listing", is_flag=True, help="List what stands, and do nothing.")
@click.option("--yes", is_flag=True, help="Confirm.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def undo(
    options: Globals,
    /,
    names: tuple[str, ...],
    fixes: tuple[str, ...],
    listing: bool,
    yes: bool,
    as_json: bool,
    **which: Any,
) -> None:
    """Take fixes back: the machine is then as it was before them."""

    def run() -> int:
        from tui.cli.check import wanted
        from tui.cli.undo import UndoOptions
        from tui.cli.undo import undo as take_back

        return take_back(options, UndoOptions(wanted(options, **which), names, fixes, listing, yes, as_json))

    sys.exit(guarded(run, options.root))


@lifeboat.command()
@click.argument("check")
@click.argument("target")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--by", default="", help="Who accepts it; you, unless told.")
@click.option(
    "--until", default="", metavar="DAY", help="Until this day, as 2027-01-31; for good unless told."
)
@click.option("--engagement", default="", metavar="NAME", help="In this engagement.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def waive(options: Globals, /, engagement: str, as_json: bool, **given: str) -> None:
    """Accept what CHECK found on TARGET ('*': everywhere), in writing."""

    def run() -> int:
        from services.readiness.model import Waiver
        from tui.cli.waive import WaiveOptions
        from tui.cli.waive import waive as accept

        return accept(options, WaiveOptions(Waiver(**given), engagement, as_json))

    sys.exit(guarded(run, options.root))


@lifeboat.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def doctor(options: Globals, as_json: bool) -> None:
    """Show what this host gives the program, and where each value came from."""
    from tui.cli.doctor import doctor as examine

    sys.exit(guarded(lambda: examine(options, as_json=as_json), options.root))


@lifeboat.group()
def journal() -> None:
    """The durable memory: copy it, check a copy."""


@journal.command("export")
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def journal_export(options: Globals, path: Path) -> None:
    """Copy the journal whole into one file, checked by its chain; no secrets are in it."""
    from tui.cli.journal import export_journal

    sys.exit(guarded(lambda: export_journal(options, path), options.root))


@journal.command("take-over")
@click.pass_obj
def journal_take_over(options: Globals) -> None:
    """Ask the console that holds the journal to leave, and wait for it."""
    from tui.cli.journal import take_over_journal

    sys.exit(guarded(lambda: take_over_journal(options), options.root))


@journal.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def journal_verify(options: Globals, path: Path) -> None:
    """Check a copy: exit 0 when it is unaltered, else 1 and the first broken event."""
    from tui.cli.journal import verify_journal

    sys.exit(guarded(lambda: verify_journal(path), options.root))


@lifeboat.group()
def practice() -> None:
    """The practice servers alone, for any client."""


@practice.command()
@practice_options
@click.pass_obj
def serve(options: Globals, /, **given: Any) -> None:
    """Serve the practice world until interrupted; prints it as one JSON object."""
    from tui.practice import serve_here

    sys.exit(serve_here(options.root, PracticeOptions(**given)))


@practice.command()
@click.pass_obj
def reset(options: Globals) -> None:
    """Stop the practice servers and start afresh with new secrets; journals of practice are kept aside."""
    from tui.practice import reset_world

    sys.exit(guarded(lambda: reset_world(options.root), options.root))


def main() -> None:
    """The entry point of the script."""
    lifeboat.main(prog_name="lifeboat")
