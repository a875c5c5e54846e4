"""The command line: global options, and every command of tui/commands."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import click

from tui.cli.globals import Globals, guarded
from tui.commands import console, evidence, failover, plans, practice, readiness, recover, runs, upkeep, walk
from tui.commands.practice import practice_options
from tui.practice import PracticeOptions
from tui.themes import THEMES

NEAR = 0.8
"""How alike two names are before one is suggested for the other, 1 being the same."""


def _near(error: click.NoSuchOption) -> click.NoSuchOption:
    """The same error, with only those suggestions that are alike."""
    alike = difflib.get_close_matches(error.option_name, error.possibilities or (), cutoff=NEAR)
    return click.NoSuchOption(error.option_name, possibilities=alike, ctx=error.ctx)


class Console(click.Group):
    """The program; a global option that stands behind a command is told where it belongs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _near(error) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            names = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], names, n=1, cutoff=NEAR) if args else []
            meant = f" Did you mean '{near[0]}'?" if near else ""
            said = f"{error.message}{meant} Commands: {', '.join(names)}."
            raise click.UsageError(said, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            ours = {
                name for parameter in self.params for name in (*parameter.opts, *parameter.secondary_opts)
            }
            if error.option_name in ours:
                where = f"{error.option_name} stands before the command: lifeboat {error.option_name} ..."
                raise click.UsageError(where, error.ctx) from error
            raise _near(error) from error


@click.group(
    cls=Console,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[COMMAND [ARGUMENTS]...]",
)
@click.option("--practice", is_flag=True, help="Use the practice world: servers on this host, no Azure.")
@practice_options
@click.option(
    "--world",
    "world_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Practice: join the servers of this world file.",
)
@click.option("--read-only", is_flag=True, help="Change nothing, here or there.")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the journal and all that is kept.",
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file.")
@click.option(
    "--engagement", default="", metavar="NAME", help="Work on this one; `lifeboat engagements` lists them."
)
@click.option("--ascii", is_flag=True, help="Draw with plain ASCII.")
@click.option("--plain", is_flag=True, help="Ask line by line, without a screen; so does ACCESSIBLE=1.")
@click.option("--mouse/--no-mouse", default=None, help="Mouse; off over SSH unless asked.")
@click.option("--theme", type=click.Choice(THEMES), metavar="NAME", help="Colour theme.")
@click.option("--lang", default="", metavar="LANGUAGE", help="Language of messages.")
@click.version_option(package_name="lifeboat", prog_name="lifeboat")
@click.pass_context
def lifeboat(context: click.Context, /, **given: Any) -> None:
    """A terminal console for Azure Site Recovery.

    Without a command it opens the wizard and the console. The options below stand before the command:

    \b
      lifeboat --practice check --json

    Exit codes: 0 done; 1 findings, or it failed; 2 usage; 3 sign-in or connection; 4 refused by a safety rule;
    5 time is up; 130 interrupted.
    """
    keys = ("speed", "items", "hyperv", "faults", "record", "world_file")
    given["theme"] = given["theme"] or ""
    practised = PracticeOptions(**{key: given.pop(key) for key in keys})
    options = Globals(**given, practice_options=practised)
    context.obj = options
    if options.lang:
        _use_language(options.lang)
    if context.invoked_subcommand is None:
        context.exit(guarded(lambda: _console(options), options.root))


for _command in (
    *walk.COMMANDS,
    *console.COMMANDS,
    *plans.COMMANDS,
    *recover.COMMANDS,
    *failover.COMMANDS,
    *runs.COMMANDS,
    *evidence.COMMANDS,
    *readiness.COMMANDS,
    *upkeep.COMMANDS,
    *practice.COMMANDS,
):
    lifeboat.add_command(_command)


def _use_language(given: str) -> None:
    from services.text import languages, use_language

    known = languages()
    if given not in known:
        there = "only English, en" if known == ("en",) else ", ".join(known)
        raise click.BadParameter(f"'{given}' is not there yet; there is {there}.", param_hint="'--lang'")
    use_language(given)


def _console(options: Globals) -> int:
    from tui.console import open_console

    return open_console(options)


def main() -> None:
    """The entry point of the script."""
    lifeboat.main(prog_name="lifeboat")
