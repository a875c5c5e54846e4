"""The walk as plain prompts: lines in, lines out, no escape code. For dumb terminals and screen readers."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.journal.trouble import writer
from services.problems.model import CancelledError, Problem, ProblemError
from services.scenario.model import Action, Field, Kind, Step
from services.scenario.validate import shown, with_captions
from services.scenario.walk import DONE, Walk
from services.secrets import complaint
from services.text import _
from services.world.deadline import Deadline
from tui.cli.pasted import pasted
from tui.options import LaunchOptions
from tui.plain_events import tell_event
from tui.plain_fields import caption, chosen_value, guide, list_choices, objection, standing, tell_help
from tui.prompts import Back, Leave, ask, ask_secret, confirmed, say

if TYPE_CHECKING:
    from screens.book import Book
    from services.changes.plan import Plan

INTERRUPTED = 130
LIST = "list"
OFFER_SECONDS = 40.0
"""Real seconds that a list of choices may take to arrive."""
WORDS = "? help, ?? guidance, back, quit"


def ask_through(options: LaunchOptions) -> int:
    """Walk a scenario by questions; returns the exit code."""
    where = "PRACTICE" if options.practice else _("live")
    say(f"Lifeboat  {where}" + ("  " + _("READ-ONLY") if options.read_only else ""))
    try:
        book = options.open_book()
    except ProblemError as error:
        tell_problems(error)
        return 1
    holder = book.journal.holder
    if holder is not None:
        say(writer(holder))
    prompter = Prompter(book)
    try:
        return prompter.run()
    except Leave:
        tell_end(prompter.walk)
        return 0
    except KeyboardInterrupt:
        say()
        say(_("Interrupted. What was typed is saved; jobs in Azure go on."))
        return INTERRUPTED
    finally:
        book.journal.close()


class Prompter:
    """One run of questions over one walk."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.typed: dict[str, str] = {}
        """Secrets that were typed, by answer key; in memory only."""
        self.walk: Walk | None = None

    def run(self) -> int:
        """Choose what to walk, then take step after step."""
        walk = self.walk = self._chosen()
        say(_("At every question: {words}.").format(words=WORDS))
        step = walk.current()
        while step is not None:
            try:
                self._step(walk, step)
            except Back:
                step = _before(walk, step)
                continue
            step = walk.current() if walk.state(step) == DONE else step
        say()
        for sentence in self._left(walk, walk.steps()[-1]):
            say(sentence)
        say(_("Every step is done."))
        return 0

    def _chosen(self) -> Walk:
        entries = [(one, self.book.scenarios[one.scenario]) for one in self.book.engagements()]
        titles = [
            _("Continue: {title} ({name})").format(title=_(s.title), name=one.name) for one, s in entries
        ]
        scenarios = list(self.book.scenarios.values())
        titles += [_("New: {title}").format(title=_(scenario.title)) for scenario in scenarios]
        number = self._pick(_("What now?"), titles)
        engagement = (
            entries[number][0] if number < len(entries) else self.book.begin(scenarios[number - len(entries)])
        )
        return self.book.walk(engagement, tell_event, self._secret, self._reveal)

    def _pick(self, question: str, titles: Sequence[str]) -> int:
        """The number of the title that is chosen, from 0."""
        while True:
            say(question)
            for number, title in enumerate(titles, 1):
                say(f"  {number}  {title}")
            try:
                typed = ask(_("Number"), "1")
            except Back:
                continue
            if typed.isdigit() and 1 <= int(typed) <= len(titles):
                return int(typed) - 1
            say(
                _("'{typed}' is none of these; type a number from 1 to {count}, or quit.").format(
                    typed=typed, count=len(titles)
                )
            )

    # A step -----------------------------------------------------------------------------------------

    def _step(self, walk: Walk, step: Step) -> None:
        numbered = [one.id for one in walk.steps()]
        say()
        say(
            _("Step {number} of {count}: {title}").format(
                number=numbered.index(step.id) + 1, count=len(numbered), title=_(step.title)
            )
        )
        say(_(step.excerpt))
        if not (step.checks or step.actions):
            # Its point is to be read, as on its page.
            guide(step, details=False)
            if not step.fields:
                self._pause(step)
        self._fields(walk, step)
        self._finish(walk, step)

    def _pause(self, step: Step) -> None:
        while ask(_("Enter goes on")) in ("?", "??"):
            guide(step)

    def _fields(self, walk: Walk, step: Step) -> None:
        """Every field that applies; back goes to the one before, and from the first one to the step before."""
        number = 0
        while number < len(fields := [item for item in step.fields if item.applies(walk.answers)]):
            try:
                self._field(walk, step, fields[number])
                number += 1
            except Back:
                if number == 0:
                    raise
                number -= 1

    def _field(self, walk: Walk, step: Step, item: Field) -> None:
        if item.kind is Kind.MACHINES:
            from tui.plain_machines import ask_machines

            ask_machines(walk, step, item)
            return
        list_choices(item)
        default = shown(item, standing(walk, step, item))
        while True:
            typed = ask(caption(item), default)
            if typed in ("?", "??"):
                tell_help(item) if typed == "?" else guide(step)
                continue
            if typed == LIST and item.offer is not None:
                self._list_offered(walk, item)
                continue
            if typed == "-" and not item.required:
                typed = ""
            if item.kind is Kind.SECRET and typed and complaint(typed) is not None:
                if not self._typed_unseen(f"{step.id}.{item.key}", item):
                    continue
                typed = "prompt"
            answer = chosen_value(item, typed)
            wrong = objection(walk, step, item, answer)
            if wrong is None:
                walk.save(step, {item.key: answer})
                return
            for sentence in wrong.splitlines():
                say(f"{_(item.caption)}: {sentence}")

    def _list_offered(self, walk: Walk, item: Field) -> None:
        """What Azure offers for a field, one a line."""
        assert item.offer is not None
        try:
            offered = item.offer(walk.session(Deadline(OFFER_SECONDS)))
        except ProblemError as error:
            tell_problems(error)
            return
        for one in offered:
            say("  " + "  ".join(filter(None, (one.value, one.label, one.note))))
        if not offered:
            say("  " + _("Nothing is offered."))

    def _typed_unseen(self, key: str, item: Field) -> bool:
        """Take a secret itself, without echo and only after a yes; whether one was typed."""
        say(_("That is no reference, and it was not kept."))
        if not confirmed(_("Type the secret itself now, without echo?")):
            return False
        value = ask_secret(_(item.caption))
        if not value:
            return False
        self.typed[key] = value
        if self.walk is not None:
            self.walk.forget()
        say(_("Kept in memory until the program ends; the answer is 'prompt'."))
        return True

    def _reveal(self, caption: str, value: str) -> None:
        """Show a secret once: it is on the terminal, and nowhere else."""
        say(f"  {caption}: {value}")

    def _secret(self, key: str, caption: str) -> str:
        if key not in self.typed:
            self.typed[key] = ask_secret(caption)
        return self.typed[key]

    # Its end ----------------------------------------------------------------------------------------

    def _finish(self, walk: Walk, step: Step) -> None:
        """Checks, plan, confirmation, actions: as often as the person wants to try."""
        while True:
            try:
                walk.go(step, Deadline(), self._confirm)
            except (CancelledError, Back):
                raise
            except ProblemError as error:
                if error.problems[0].code == "not-confirmed":
                    say(_("Nothing was changed."))
                else:
                    tell_problems(ProblemError(*with_captions(error.problems, walk.answers)))
                if self._again() == "change":
                    raise Back from error
                continue
            for sentence in self._left(walk, step):
                say(sentence)
            return

    def _left(self, walk: Walk, step: Step) -> Sequence[str]:
        """What a step has left behind."""
        return step.left(walk.journal.facts(walk.engagement.id)) if step.left is not None else ()

    def _again(self) -> str:
        titles = [_("Try again"), _("Go back to the questions"), _("End for now")]
        number = self._pick(_("What now?"), titles)
        if number == 2:
            raise Leave
        return "again" if number == 0 else "change"

    def _confirm(self, _step: Step, plans: Sequence[tuple[Action, Plan]]) -> bool:
        say()
        say(_("Plan: nothing has been done yet"))
        for action, plan in plans:
            for change in plan.changes:
                say(f"  {_(change.kind)}  {_(change.thing)} {change.name}  {_(change.detail)}")
            for note in plan.notes:
                say(f"  {_(note)}")
            if plan.needs:
                say("  " + _("Needs {permissions}").format(permissions=", ".join(plan.needs)))
            if action.manual and not plan.empty:
                say(_("You do this") + ": " + _(action.manual))
        return confirmed(_("Go on with this plan?"))


def tell_end(walk: Walk | None) -> None:
    """What is kept, and how to go on."""
    if walk is None:
        say(_("Nothing was begun."))
    else:
        steps, current = walk.steps(), walk.current()
        kept = _("Saved: {name}, {done} of {count} steps done.").format(
            name=walk.engagement.name, done=sum(walk.state(step) == DONE for step in steps), count=len(steps)
        )
        say(kept + (" " + _("Next: {title}.").format(title=_(current.title)) if current else ""))
    say(_("To go on: {command}").format(command=shlex.join(["lifeboat", *sys.argv[1:]])))


def tell_problems(error: ProblemError) -> None:
    """What stands in the way, each as a sentence with what would do."""
    for problem in error.problems:
        _tell(problem)


def _tell(problem: Problem) -> None:
    say(_("Problem") + ": " + pasted(problem.sentence()))
    rows = ((_("check"), problem.check), (_("source"), problem.source), (_("request"), problem.request_id))
    for label, text in rows:
        if text:
            say(f"  {label}: {text}")


def _before(walk: Walk, step: Step) -> Step:
    steps = walk.steps()
    place = [one.id for one in steps].index(step.id)
    return steps[max(0, place - 1)]
