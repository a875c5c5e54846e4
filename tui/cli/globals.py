"""What every command is given: the global options, and the world and journal they lead to."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tui.cli.pasted import pasted
from tui.practice import PracticeOptions, find_or_start

if TYPE_CHECKING:
    from services.journal.journal import Journal
    from services.problems.model import Problem
    from services.world.model import World


FAILED, INTERRUPTED = 1, 130


@dataclass
class Globals:
    """The global options of one process."""

    practice: bool = False
    read_only: bool = False
    state: Path | None = None
    config: Path | None = None
    engagement: str = ""
    ascii: bool = False
    plain: bool = False
    mouse: bool | None = None
    theme: str = ""
    lang: str = ""
    practice_options: PracticeOptions = field(default_factory=PracticeOptions)

    @property
    def root(self) -> Path:
        """The state folder: as given, else the platform's."""
        if self.state is not None:
            return self.state.absolute()
        from platformdirs import user_state_path

        return user_state_path("lifeboat", appauthor=False)

    @property
    def leading(self) -> tuple[str, ...]:
        """The options that lead another command to the same world, journal and engagement."""
        given = {
            "--world": self.practice_options.world_file,
            "--state": self.state,
            "--config": self.config,
            "--engagement": self.engagement,
        }
        pairs = [part for name, value in given.items() if value for part in (name, str(value))]
        return ("--practice", *pairs) if self.practice else tuple(pairs)

    def world(self) -> World:
        """Build the one world of this process; ProblemError when practice servers do not start."""
        from services.world.build import live_world, practice_world

        if self.practice:
            description = find_or_start(self.root, self.practice_options)
            return practice_world(description, self.root, read_only=self.read_only)
        from services.world.settings import load

        return live_world(self.root, load(os.environ, self.config), read_only=self.read_only)

    def journal(self, world: World, *, read_only: bool = False) -> Journal:
        """Open the journal of a world."""
        from services.journal.journal import Journal
        from services.journal.model import Actor
        from services.logs import open_log

        open_log(world.state)
        actor = Actor.here(world.known.get("account", ""))
        return Journal.open(world.state, world.id, actor, read_only=read_only or self.read_only)


def guarded(command: Callable[[], int], state: Path) -> int:
    """Run a command; problems become sentences on stderr and an exit code, never a traceback."""
    from services.problems.model import ProblemError

    try:
        return command()
    except ProblemError as error:
        # The engine is heavy, and the first frame of the pages comes before it.
        from services.scenario.run import exit_of

        for problem in error.problems:
            tell(problem)
        return int(exit_of(error))
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our lines has gone; what was asked for is in the journal.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return INTERRUPTED
    except Exception as error:
        from services.logs import known_secrets
        from tui.crash import sentence, write_report

        click.echo(f"lifeboat: {sentence(write_report(state, error, known_secrets()))}", err=True)
        return FAILED


def leave(options: Globals, command: Callable[[], int]) -> NoReturn:
    """Run a command and end the process with its exit code."""
    sys.exit(guarded(command, options.root))


def tell(problem: Problem) -> None:
    """A problem on stderr: what, why, what would do, where it is documented."""
    from services.text import _, plain

    click.echo(plain(pasted(problem.sentence())), err=True)
    for label, text in ((_("check"), problem.check), (_("source"), problem.source)):
        if text:
            click.echo(f"  {label}: {plain(pasted(text))}", err=True)
    if problem.request_id:
        click.echo(f"  {_('request')}: {plain(problem.request_id)}", err=True)


class SecretPrompt:
    """Asks on the terminal, without echo, once for each answer."""

    def __init__(self) -> None:
        self._typed: dict[str, str] = {}

    def __call__(self, key: str, caption: str) -> str:
        if key not in self._typed:
            self._typed[key] = getpass.getpass(f"{caption}: ")
        return self._typed[key]


def can_ask() -> bool:
    """Whether somebody sits at this terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def json_line(event: Any) -> None:
    """One JSON object a line, written out at once, so that a reader sees it when it happens."""
    import json

    sys.stdout.write(json.dumps(event, ensure_ascii=True) + "\n")
    sys.stdout.flush()
