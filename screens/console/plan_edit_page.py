"""A recovery plan under edit: groups, machines and actions in their order; nothing is asked until it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console.plan_rows import plan_rows, titles_of
from screens.console.vault_desk import Draft, VaultDesk
from screens.lines import Menu, Row
from screens.page import Heading, Page
from screens.reader import Text
from screens.step.fields import TextEntry, TextRow, Typed
from services.problems.model import RefusedError
from services.recovery import plan_draft as draft
from services.recovery.plan_draft import AFTER, BEFORE, Place
from services.scenario.model import Field
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.plans import RecoveryPlan

UP = Command("up", "left_square_bracket", "earlier", "Move it to the group before, or an action up")
DOWN = Command("down", "right_square_bracket", "later", "Move it to the group behind, or an action down")
ADD = Command("group", "plus", "group", "A new boot group behind this one")
ITEM = Command("item", "i", "machine", "Put the picked items into this group")
ACT_BEFORE = Command("action-before", "a", "action", "A manual action before this group")
ACT_AFTER = Command("action-after", "A", "action after", "A manual action behind this group")
REMOVE = Command("remove", "minus", "remove", "Take it out of the recovery plan")
UNDO = Command("undo", "backspace", "undo", "Take the last change back")
WRITE = Command("write", "w", "write", "Show what would change, then write it")
NAME = Field("name", "Name", "Letters, digits, hyphens, spaces and dots; it cannot be changed later.")


class PlanEditPage(Page):
    """The lines of a plan as a menu; letters change the marked one."""

    DEFAULT_CSS = """
    PlanEditPage Menu { height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    PlanEditPage TextRow { display: none; }
    PlanEditPage TextRow.open { display: block; }
    """

    def __init__(self, console: VaultDesk, plan: RecoveryPlan, *, new: bool = False) -> None:
        super().__init__()
        kept = console.drafts.get(plan.id.lower())
        if kept is None or kept.plan.groups == plan.groups:
            kept = Draft(plan, (), plan.name)
        self.console, self.new, self._plan_id = console, new, plan.id.lower()
        self.plan, self._before, self._plan_name = kept.plan, list(kept.before), kept.name
        self._said = ""
        self._acting: tuple[int, str] | None = None

    def compose(self) -> ComposeResult:
        if self.new:
            row = TextRow(NAME, self._plan_name)
            row.add_class("open")
            yield row
        menu = Menu(self._rows, keys=_("Up/Down move"))
        menu.bar = Text.bar
        yield menu
        yield TextRow(
            Field("action", "Instructions", "What the person does; the job waits until it is confirmed."), ""
        )

    @property
    def heading(self) -> Heading:
        state = _("not written yet") if self._before or self.new else _("as it is in Azure")
        return Heading(_("Recovery plan {name}").format(name=plain(self.plan.name, 40)), state)

    @property
    def commands(self) -> tuple[Command, ...]:
        undo = (UNDO,) if self._before else ()
        return (WRITE, *undo, REMOVE, UP, DOWN, ADD, ITEM, ACT_BEFORE, ACT_AFTER, BACK)

    @property
    def hint(self) -> str:
        return _("Groups start one after another, the machines of a group side by side.")

    def error(self, _focused: Widget | None) -> str:
        return self._said

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    def _rows(self, width: int) -> Sequence[Row]:
        drawn = plan_rows(self.plan, titles_of(self.console), width)
        return [Row(_key(place), tuple(lines)) for place, lines in drawn]

    @property
    def place(self) -> Place:
        """Where the mark stands."""
        group, part, number = self.query_one(Menu).marked.split(" ")
        return Place(int(group), part, int(number))

    def _become(self, plan: RecoveryPlan, mark: Place | None = None) -> None:
        if plan != self.plan:
            self._before.append(self.plan)
        self._redraw(plan, mark)

    def _redraw(self, plan: RecoveryPlan, mark: Place | None = None) -> None:
        self.plan, self._said = plan, ""
        self._keep()
        self.query_one(Menu).show_rows(self._rows, _key(mark) if mark else None)
        self.post_message(self.Reframe())

    def _keep(self) -> None:
        """Remember the draft, so that it is there again after help, after picking, after a plan that was refused."""
        if self._before or self.new:
            self.console.drafts[self._plan_id] = Draft(self.plan, tuple(self._before), self._plan_name)
        else:
            self.console.drafts.pop(self._plan_id, None)

    def on_typed(self, event: Typed) -> None:
        event.stop()
        if event.row.item is NAME:
            self._plan_name = str(event.row.value).strip()
            self._keep()

    def _refused(self, error: RefusedError) -> None:
        self._said = " ".join(f"{one.what} {one.remedy}".strip() for one in error.problems)
        self.post_message(self.Reframe())

    def _move(self, by: int) -> None:
        try:
            self._become(*draft.move(self.plan, self.place, by))
        except RefusedError as error:
            self._refused(error)

    def do_up(self) -> None:
        self._move(-1)

    def do_down(self) -> None:
        self._move(1)

    def do_group(self) -> None:
        try:
            self._become(draft.add_group(self.plan, self.place.group))
        except RefusedError as error:
            self._refused(error)

    def do_item(self) -> None:
        seen, plan, group = self.console.seen, self.plan, self.place.group
        picked = (
            [item for id_, item in seen.items.items() if id_ in self.console.marked]
            if seen is not None
            else []
        )
        if not picked:
            self._said = _("No item is picked. Pick some on the items page, by Space; this draft is kept.")
            self.post_message(self.Reframe())
            return
        try:
            for item in picked:
                plan = draft.add_item(plan, group, item)
            self._become(plan)
        except RefusedError as error:
            self._refused(error)

    def do_remove(self) -> None:
        try:
            self._become(draft.remove(self.plan, self.place))
        except RefusedError as error:
            self._refused(error)

    def do_undo(self) -> None:
        if self._before:
            self._redraw(self._before.pop())

    def do_action_before(self) -> None:
        self._ask_action(BEFORE)

    def do_action_after(self) -> None:
        self._ask_action(AFTER)

    def _ask_action(self, part: str) -> None:
        self._acting = (self.place.group, part)
        row = self.query_one("#field-action", TextRow)
        row.add_class("open")
        row.input.focus()

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.query_one(Menu).focus()

    def on_descendant_blur(self) -> None:
        """Instructions that were typed become an action when the field is left."""
        row = self.query_one("#field-action", TextRow)
        said = str(row.value).strip()
        if self._acting and not row.input.has_focus:
            (group, part), self._acting = self._acting, None
            row.remove_class("open")
            row.input.value = ""
            if said:
                name = f"manual-{sum(1 for _one in self.plan.actions('TestFailover')) + 1}"
                self._become(draft.add_manual(self.plan, group, part, name, said))

    def do_write(self) -> None:
        from screens.console.errand_page import ErrandPage
        from screens.console.plan_errands import WriteErrand

        wanted = self.plan
        if self.new and not draft.good_name(self._plan_name):
            said = _("The name {name} will not do: {rule}")
            self._said = said.format(name=repr(plain(self._plan_name, 40)), rule=draft.name_rule())
            self.query_one(f"#field-{NAME.key}", TextRow).input.focus()
            self.post_message(self.Reframe())
            return
        if self.new:
            wanted = replace(
                wanted, name=self._plan_name, id=f"{wanted.id.rpartition('/')[0]}/{self._plan_name}"
            )
        self.post_message(self.Go(lambda: ErrandPage(self.console, WriteErrand(wanted)), replace=True))


def _key(place: Place) -> str:
    return f"{place.group} {place.part} {place.number}"
