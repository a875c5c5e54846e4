"""An errand on its way from its first question to its end, whichever page shows it.

A page is made anew when one comes back to it from the help; what was shown, typed and begun stays here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screens.console.ended import path_lines
from screens.console.errand import Consent, Errand, Outcome, Shown
from screens.style import Line
from services.azure.jobs import AWAITS_CLEANUP
from services.problems.model import CancelledError, Problem, RefusedError, UsageError
from services.text import _, plain

if TYPE_CHECKING:
    from screens.console.vault_desk import VaultDesk
    from services.evidence.model import Approved
    from services.evidence.signing import Signer
    from services.problems.model import ProblemError
    from services.recovery.vault import Vault
    from services.scenario.model import Field
    from services.world.deadline import Deadline

PASSPHRASE = "evidence.passphrase"
"""Under which a typed passphrase is held in memory."""


class Phase(StrEnum):
    PREPARING = "preparing"
    ASKING = "asking"
    PLANNING = "planning"
    PLANNED = "planned"
    DOING = "doing"
    OVER = "over"
    REFUSED = "refused"


@dataclass
class Course:
    """`values`: of the fields, `typed`: of what consent asks, by key. `opened`: the parts of the consent that
    were asked for. `said`: what has just been done beside the errand. `checking`: what was typed is looked at.
    `broken`: it ended while it was done, and not by a refusal.
    """

    console: VaultDesk
    errand: Errand
    phase: Phase = Phase.PREPARING
    fields: Sequence[tuple[Field, Any]] = ()
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    shown: Shown | None = None
    outcome: Outcome | None = None
    trouble: tuple[Problem, ...] = ()
    said: str = ""
    seen_end: bool = False
    checking: bool = False
    left: bool = False
    broken: bool = False
    _deadline: Deadline | None = None

    @property
    def keeps_form(self) -> bool:
        """Whether what was refused was filled in here, so that one goes back to that; nothing was sent."""
        return self.phase is Phase.REFUSED and bool(self.fields) and not self.broken

    def ask_again(self) -> None:
        """Back to the form, with everything that was typed."""
        self.trouble = ()
        self._enter(Phase.ASKING)

    def begin(self) -> None:
        """Look whether it is possible, and what is to be asked first."""
        self.console.events = []
        self._deadline = self.console.ask("prepare", self.errand.prepare, self._prepared, self._refused)

    def plan(self, values: Mapping[str, Any]) -> None:
        """Look what would be done."""
        self.values = dict(values)
        self._enter(Phase.PLANNING)
        self._deadline = self.console.ask(
            "plan",
            lambda vault, deadline: self.errand.plan(vault, values, deadline),
            self._planned,
            self._refused,
        )

    def do(self) -> None:
        """Look at the approval and at the key, where they were given; then do what was shown."""
        self.trouble, self.said = (), ""
        given = self.text("approval"), self.text("signers"), self.text("sign")
        if not any(given):
            self._apply(None, None)
            return
        self._check(*given)

    def save_plan(self) -> None:
        """Write the plan for a second person."""
        shown, path = self.shown, Path(self.text("plan")).expanduser()
        assert shown is not None
        signable, change = shown.signable, str(self.values.get("change") or "")
        assert signable is not None

        def call(vault: Vault, _deadline: Deadline) -> Path:
            from services.recovery import second_person

            second_person.save(vault, signable, path, change)
            return path

        self._beside(call, self._saved)

    @property
    def waits(self) -> str:
        """The job that waits for a person now; empty where none does."""
        events = self.console.events
        met = [event for event in events if event["event"] == "manual-action" and not event["answered"]]
        if self.phase is not Phase.DOING or not met:
            return ""
        job = str(met[-1]["job"])
        told = [event for event in events if event["event"] == "job" and event["id"] == job]
        states = [event["state"] for event in told if event.get("description") != AWAITS_CLEANUP]
        return job if states == ["Suspended"] else ""

    def resume(self) -> None:
        """Say to the job that waits that it is done, as from the jobs of the vault."""
        job, values = self.waits, {"comments": self.text("comments")}

        def call(vault: Vault, deadline: Deadline) -> None:
            from screens.console.errands import JobErrand
            from services.recovery import jobs

            errand = JobErrand("resume", jobs.job_named(vault, job))
            shown = errand.plan(vault, values, deadline)
            errand.apply(vault, shown, Consent(values), deadline)

        self._beside(call, lambda _done: self._resumed())

    def keep_notes(self) -> None:
        """Keep what was noted with the record."""
        outcome, typed = self.outcome, self.text("notes")
        assert outcome is not None
        keep = outcome.keep
        assert keep is not None
        self._beside(lambda _vault, _deadline: keep(typed), self._kept)

    def stop(self) -> None:
        """Follow no longer."""
        if self._deadline is not None:
            self._deadline.cancel()

    def leave(self) -> None:
        """The person has left it; what still arrives is not shown."""
        self.left = True
        self.stop()

    def text(self, key: str) -> str:
        """What consent was told under a key."""
        return str(self.typed.get(key) or "").strip()

    def _check(self, approval: str, signers: str, sign: str) -> None:
        shown, passphrase = self.shown, self.text("passphrase")
        assert shown is not None

        def call(vault: Vault, _deadline: Deadline) -> tuple[Approved | None, Signer | None]:
            from services.evidence.signing import named
            from services.recovery import second_person

            signer = named(sign, lambda path: self._passphrase(vault, passphrase, path))
            if not approval or shown.signable is None:
                return None, signer
            allowed = Path(signers).expanduser() if signers else None
            file = Path(approval).expanduser()
            return second_person.approved(vault, shown.signable, file, allowed), signer

        self._beside(call, lambda found: self._apply(*found))

    def _passphrase(self, vault: Vault, reference: str, path: Path) -> str:
        from services.secrets import resolve

        caption, typed = _("Passphrase of {path}").format(path=path), self.console.desk.typed.get(PASSPHRASE)
        if not reference or (reference == "prompt" and typed is None):
            what, remedy = _("This key has a passphrase."), _("Say where it comes from, or type it.")
            raise UsageError(Problem("passphrase", str(path), what, remedy=remedy))
        return resolve(reference, caption, vault.world, lambda _asked: typed or "")

    def _apply(self, approved: Approved | None, signer: Signer | None) -> None:
        shown = self.shown
        assert shown is not None
        consent = Consent(dict(self.values), self.text("name"), self.text("reason"), approved, signer)
        self._enter(Phase.DOING)
        self._deadline = self.console.ask(
            "errand",
            lambda vault, deadline: self.errand.apply(vault, shown, consent, deadline),
            self._over,
            self._refused,
            seconds=None,
        )

    def _beside(self, call: Any, then: Any) -> None:
        """Something short beside the errand; where it is refused, the page stays and says why."""
        self.checking, self.trouble, self.said = True, (), ""

        def ended(result: Any) -> None:
            self.checking = False
            if not self.left:
                then(result)
                self.console.desk.moved()

        def failed(error: ProblemError) -> None:
            self.checking, self.trouble = False, error.problems
            self.console.desk.moved()

        self.console.ask("beside", call, ended, failed)
        self.console.desk.moved()

    def _saved(self, path: Path) -> None:
        said = _("Written: {path}. The second person runs: lifeboat approve {path}")
        self.said = said.format(path=plain(str(path)))
        self.typed["plan"] = ""
        self.typed["approval"] = self.text("approval") or str(path)

    def _resumed(self) -> None:
        self.typed["comments"] = ""
        self.opened.clear()

    def _kept(self, path: Path) -> None:
        assert self.outcome is not None
        before = self.outcome.lines
        said = _("The notes stand in a newer record. Evidence: {path}")

        def lines(width: int) -> list[Line]:
            return [*before(width), *path_lines(said, path, width)]

        self.outcome = replace(self.outcome, lines=lines, keep=None)

    def _prepared(self, fields: Sequence[tuple[Field, Any]]) -> None:
        if self.left:
            return
        if not fields:
            self.plan({})
            return
        self.fields = fields
        self.values = {item.key: value for item, value in fields}
        self._enter(Phase.ASKING)

    def _planned(self, shown: Shown) -> None:
        if not self.left:
            self.shown, self.seen_end = shown, False
            self._enter(Phase.PLANNED)

    def _over(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.console.hurry()
        self._enter(Phase.OVER)

    def _refused(self, error: ProblemError) -> None:
        if self.phase is Phase.DOING and isinstance(error, CancelledError):
            from screens.console.unfollowed import stopped

            self._over(stopped(self))
            return
        self.trouble = error.problems
        self.broken = self.phase is Phase.DOING and not isinstance(error, (RefusedError, UsageError))
        self.console.hurry()
        self._enter(Phase.OVER if isinstance(error, CancelledError) else Phase.REFUSED)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.console.desk.moved()
