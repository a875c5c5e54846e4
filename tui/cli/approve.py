"""`lifeboat approve`: a second person looks at a plan file and signs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from services.changes import approval
from services.changes.approval import Request
from services.changes.plan_words import looked_lines, short
from services.evidence.signing import Signer
from services.evidence.signing import signer as agent_or_file
from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _, plain
from services.world.build import LIVE, PRACTICE
from tui import prompts
from tui.cli.evidence import key_of
from tui.cli.globals import Globals, can_ask, json_line


@dataclass(frozen=True)
class ApproveOptions:
    """What `approve` was given. Without `key` the only key of ssh-agent signs."""

    path: Path
    key: Path | None = None
    output: Path | None = None
    yes: bool = False
    as_json: bool = False


def approve(options: Globals, given: ApproveOptions) -> int:
    """Show the plan, ask, and write the signature beside the plan file."""
    if options.read_only:
        what = _("An approval is a file, and this program was started read-only.")
        raise RefusedError(Problem("read-only", "approve", what, remedy=_("Leave out --read-only.")))
    found, document = approval.read(given.path)
    _refuse(found, given, PRACTICE if options.practice else LIVE)
    if not given.as_json:
        for line in shown(found):
            click.echo(plain(line, 1000))
    if not _consent(given):
        click.echo(_("Not approved; nothing was written."), err=True)
        return 1
    key = _key(given)
    output = given.output or approval.signature_path(given.path)
    _write(output, approval.approve(document, key))
    if given.as_json:
        signed = {"plan": str(given.path), "signature": str(output), "key": key.fingerprint}
        json_line({"approved": signed | {"digest": found.digest, "expires": found.expires}})
    else:
        click.echo(_("approved with the key {key}: {path}").format(key=key.fingerprint, path=output))
    return 0


def shown(found: Request) -> list[str]:
    """A plan file as lines: all that is signed."""
    asked, who = found.asked, found.requester
    lines = [
        f"{_('world')}: {asked.world}",
        f"{_('verb')}: {asked.verb}",
        f"{_('target')}: {short(asked.target)}",
        *([f"{_('target id')}: {asked.target}"] if short(asked.target) != asked.target else []),
        f"{_('asked by')}: {', '.join(who.identities) or '-'}",
        f"{_('change reference')}: {found.change_reference or '-'}",
        f"{_('expires')}: {found.expires}",
        f"{_('digest')}: {found.digest}",
        f"{_('one-time number')}: {found.number}",
        f"{_('plan')}: {found.plan.action}",
    ]
    for change in found.plan.changes:
        detail = f" ({change.detail})" if change.detail else ""
        lines.append(f"  {change.kind} {change.thing} {change.name}{detail}")
    lines += [f"  {note}" for note in found.plan.notes]
    lines += [f"  {_('needs')} {need}" for need in found.plan.needs]
    return lines + [f"  {_('looked at')} {line}" for line in looked_lines(found.plan)]


def _refuse(found: Request, given: ApproveOptions, world: str) -> None:
    if found.asked.world != world:
        what = _("The plan is of the world {theirs}, and this program works in {ours}.")
        shown_ = what.format(theirs=plain(found.asked.world, 100), ours=world)
        raise RefusedError(Problem("other-world", str(given.path), shown_))
    if datetime.now(UTC) >= found.expiry:
        what = _("The plan expired at {time}.").format(time=found.expires)
        raise RefusedError(Problem("approval-expired", str(given.path), what))


def _consent(given: ApproveOptions) -> bool:
    if given.yes:
        return True
    if given.as_json or not can_ask():
        what = _("An approval is a decision, and nobody can be asked here.")
        raise RefusedError(Problem("no-consent", str(given.path), what, remedy=_("Add --yes to approve.")))
    try:
        return prompts.confirmed(_("Approve this plan?"))
    except (prompts.Leave, prompts.Back):
        return False


def _key(given: ApproveOptions) -> Signer:
    return key_of(given.key) if given.key else agent_or_file(None, lambda: "")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(text)
    except FileExistsError as error:
        what = _("There is a signature of this name already.")
        remedy = _("Look at who made it; remove it to approve again.")
        raise RefusedError(Problem("file-exists", str(path), what, remedy=remedy)) from error
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        remedy = _("Name another file with --output.")
        raise ProblemError(Problem("approval-unwritable", str(path), what, remedy=remedy)) from error
