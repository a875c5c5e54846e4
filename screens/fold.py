"""What is out of sight: how many lines are above and below the part of a page that is shown."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from screens.frame import OneLine
from screens.style import text
from services.text import _


class Fold(OneLine):
    """One line under something that scrolls; it is there only where not all of it is in sight.

    `more` names the key that shows the rest, where it does not scroll here.
    """

    DEFAULT_CSS = "Fold { display: none; }"

    class Looked(Message):
        """What is in sight may have changed."""

    def __init__(self, around: Widget, more: str = "PgDn") -> None:
        super().__init__()
        self._around, self._more = around, more

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _screen: self.look())
        self.watch(self._around, "scroll_y", self.look, init=False)

    @property
    def above(self) -> int:
        """Lines that have been scrolled out of sight."""
        return self._around.scroll_offset.y

    @property
    def below(self) -> int:
        """Lines that are still to come."""
        return max(0, self._around.virtual_size.height - self._around.size.height - self.above)

    def look(self) -> None:
        """Say how much is out of sight now."""
        parts = []
        if self.above:
            said = _("1 line above: PgUp") if self.above == 1 else _("{count} lines above: PgUp")
            parts.append(said.format(count=self.above))
        if self.below:
            said = _("1 more line below: {key}") if self.below == 1 else _("{count} more lines below: {key}")
            parts.append(said.format(count=self.below, key=self._more))
        self.show(text("   ".join(parts), "warn"))
        self.display = bool(parts)
        self.post_message(self.Looked())
