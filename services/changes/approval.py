"""A second person's consent to one plan: a plan file, signed in OpenSSH's format, used once.

It is a procedural control: it keeps an operator from acting alone by accident or habit. Whoever is root on
this host, or holds both keys, gets around it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.changes.plan import Change, Plan
from services.changes.plan_words import differences, short
from services.changes.signers_file import who_may_write
from services.evidence import signers, sshsig
from services.evidence.model import Approved
from services.evidence.signing import Signer
from services.journal.base import Base
from services.journal.model import Actor
from services.problems.model import Problem, ProblemError, RefusedError, UsageError
from services.text import _, plain

KIND = "lifeboat-plan"
FORMAT = 1
NAMESPACE = "lifeboat-approval"
"""The namespace of the signature: ssh-keygen -Y sign -n lifeboat-approval PLANFILE."""
LIFETIME = timedelta(hours=8)
EVENT = "approval-used"
Used = Callable[[str], bool]


@dataclass(frozen=True)
class Requester:
    """Who wants to act: Entra object id and account, and the host's user."""

    object_id: str = ""
    account: str = ""
    host_user: str = ""

    @classmethod
    def of(cls, actor: Actor) -> Requester:
        return cls(actor.object_id, actor.account, actor.sudo_user or actor.host_user)

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(one for one in (self.object_id, self.account, self.host_user) if one)


@dataclass(frozen=True)
class Asked:
    """What a plan file is about. `world` is the world's id, `target` the full name of what is acted on."""

    world: str
    verb: str
    target: str


@dataclass(frozen=True)
class Request:
    """A plan that waits for a second person. `expires` is UTC in ISO 8601; `number` is used once."""

    asked: Asked
    plan: Plan
    requester: Requester
    expires: str
    number: str
    change_reference: str = ""
    digest: str = field(default="")

    @property
    def expiry(self) -> datetime:
        return datetime.fromisoformat(self.expires)

    def content(self) -> bytes:
        """The one text of this plan file: what is signed."""
        body = asdict(self) | {"kind": KIND, "format": FORMAT}
        return (json.dumps(body, indent=1, sort_keys=True, default=str) + "\n").encode("ascii")


def request(
    asked: Asked,
    plan: Plan,
    requester: Requester,
    *,
    now: datetime | None = None,
    lifetime: timedelta = LIFETIME,
    change_reference: str = "",
) -> Request:
    """A plan file's contents, with a fresh one-time number. Expiry is by real time, in practice too."""
    expires = ((now or datetime.now(UTC)) + lifetime).astimezone(UTC).isoformat(timespec="seconds")
    number = secrets.token_hex(16)
    return Request(asked, plan, requester, expires, number, change_reference, plan.digest)


def save(path: Path, made: Request) -> None:
    """Write a new plan file, readable by the second person. ProblemError when it cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(made.content())
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        remedy = _("Name a file that does not exist yet.")
        raise ProblemError(Problem("plan-unwritable", str(path), what, remedy=remedy)) from error


def read(path: Path) -> tuple[Request, bytes]:
    """A plan file and its bytes. UsageError when it is none; RefusedError when it was edited."""
    try:
        document = path.read_bytes()
    except OSError as error:
        what = _("cannot be read: {why}").format(why=error.strerror or str(error))
        raise UsageError(Problem("plan-unreadable", str(path), what)) from error
    try:
        found = _parsed(json.loads(document))
        if found.expiry.tzinfo is None:
            raise ValueError("a time without its zone")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(Problem("no-plan", str(path), _("is no plan file."))) from error
    if found.plan.digest != found.digest or found.content() != document:
        what = _("was changed after it was written: its digest does not fit what it says.")
        raise RefusedError(Problem("plan-edited", str(path), what, remedy=_("Have the plan written again.")))
    return found, document


def signature_path(path: Path) -> Path:
    """Where the signature of a plan file stands: beside it, as ssh-keygen puts it."""
    return path.with_name(path.name + ".sig")


def approve(document: bytes, signer: Signer) -> str:
    """The text of the signature of a plan file. ProblemError when the key cannot sign."""
    return signer.sign(document, NAMESPACE)


def check(
    path: Path,
    asked: Asked,
    fresh: Plan,
    requester: Requester,
    allowed_signers: Path,
    used: Used,
    *,
    now: datetime | None = None,
    writers: Callable[[Path], str] = who_may_write,
) -> Approved:
    """The approval of a plan file for exactly this plan, or RefusedError with the reason.

    `fresh` is what would be done now. `used` says whether a one-time number was used by another run. `writers`
    says why the requester could change the allowed signers, or nothing.
    """
    now = now or datetime.now(UTC)
    found, document = read(path)
    _refuse_other(path, found, asked, fresh)
    if now >= found.expiry:
        what = _("The approval expired at {time}.").format(time=plain(found.expires, 40))
        raise _refused("approval-expired", path, what)
    writable = writers(allowed_signers)
    if writable:
        raise _refused("approval-signers-writable", allowed_signers, writable)
    line, key = _signer(path, document, allowed_signers, now)
    for identity in {*requester.identities, *found.requester.identities}:
        if line.speaks_for(identity):
            what = _(
                "The key is {principals}'s, which is also who asks ({identity}); a second person must sign."
            )
            shown = what.format(principals=plain(line.principals, 200), identity=plain(identity, 200))
            raise _refused("approval-same-person", path, shown)
    if used(found.number):
        what = _("The approval was used already; each serves once.")
        raise _refused("approval-used", path, what)
    return Approved(line.principals, key, found.digest, found.number, found.expires)


def used_elsewhere(journal: Base, engagement_id: int) -> Used:
    """Whether another run of this journal used a one-time number; the run itself may go on with its own."""

    def used(number: str) -> bool:
        sql = "SELECT data FROM event WHERE kind = ? AND engagement IS NOT ?"
        rows = journal.read(sql, (EVENT, engagement_id))
        return any(json.loads(row[0]).get("number") == number for row in rows)

    return used


def note_used(journal: Base, engagement_id: int, approved: Approved, *, now: datetime | None = None) -> None:
    """Write down that a run uses this approval, before anything is sent. ProblemError; RefusedError where it has
    expired, or was used, since it was checked: a question may have stood on the screen for hours.
    """
    subject = plain(approved.principal, 200)
    if (now or datetime.now(UTC)) >= datetime.fromisoformat(approved.expires):
        what = _("The approval expired at {time}.").format(time=plain(approved.expires, 40))
        raise RefusedError(Problem("approval-expired", subject, what))
    if used_elsewhere(journal, engagement_id)(approved.number):
        raise RefusedError(
            Problem("approval-used", subject, _("The approval was used already; each serves once."))
        )
    journal.event(EVENT, asdict(approved), engagement_id)


def _signer(path: Path, document: bytes, allowed_signers: Path, now: datetime) -> tuple[signers.Allowed, str]:
    place = signature_path(path)
    try:
        text = place.read_bytes()
    except OSError as error:
        what = _("Nobody approved this plan: there is no {name}.").format(name=place.name)
        remedy = _("A second person runs 'lifeboat approve' on the plan file.")
        raise RefusedError(Problem("approval-missing", str(path), what, remedy=remedy)) from error
    try:
        made = sshsig.verify(document, text, NAMESPACE)
        return signers.allowed(signers.load(allowed_signers), made, NAMESPACE, now), made.fingerprint
    except ProblemError as error:
        problem = error.problems[0]
        raise RefusedError(Problem(problem.code, str(place), problem.what)) from error


def _refuse_other(path: Path, found: Request, asked: Asked, fresh: Plan) -> None:
    pairs = (
        (_("the world"), found.asked.world, asked.world),
        (_("the verb"), found.asked.verb, asked.verb),
        (_("the target"), found.asked.target, asked.target),
    )
    for name, theirs, ours in pairs:
        if theirs != ours:
            what = _("The approval is for another plan: {name} is {theirs}, not {ours}.")
            shown = what.format(name=name, theirs=plain(short(theirs), 300), ours=plain(short(ours), 300))
            raise _refused("approval-other", path, shown)
    if found.digest != fresh.digest:
        said = plain("; ".join(differences(found.plan, fresh)), 600)
        what = _("What would be done now is not what was approved: {what}.").format(what=said)
        remedy = _(
            "Give the options that were approved; or have the plan written again, and that one approved."
        )
        raise RefusedError(Problem("approval-moved", str(path), what, remedy=remedy))


def _parsed(body: dict[str, Any]) -> Request:
    if (body.pop("kind"), body.pop("format")) != (KIND, FORMAT):
        raise ValueError("another kind")
    given: dict[str, Any] = body.pop("plan")
    given |= {key: tuple(part) for key, part in given.items() if isinstance(part, list)}
    given["changes"] = tuple(Change(**one) for one in given["changes"])
    plan = Plan(**given)
    asked, requester = Asked(**body.pop("asked")), Requester(**body.pop("requester"))
    found = Request(asked, plan, requester, **body)
    texts = (*vars(asked).values(), *vars(requester).values(), found.expires, found.number, found.digest)
    if not all(isinstance(text, str) for text in texts) or not found.number:
        raise ValueError("not a text")
    return found


def _refused(code: str, subject: Path, what: str) -> RefusedError:
    return RefusedError(Problem(code, str(subject), what))
