"""Keys in their order: one is dealt with before the next is looked at."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

KEY_SECONDS = 0.5
"""Real seconds that a key may take before the next one is looked at all the same."""

DEFAULT_THEME = "ansi-dark"
"""The terminal's own colours: right on light and on dark, with 16 colours, and half the bytes."""


class OrderedKeys(App[int]):
    """An application that hands on keys one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key] = deque()
        self._pump: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        """A key is dealt with before the next one is looked at.

        Textual hands each key to what has the focus when it arrives. Typed ahead over a slow link, `Tab Enter`
        would push the button that Tab has just left.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._waiting.append(event)
            if self._pump is None or self._pump.done():
                self._pump = asyncio.create_task(self._one_by_one(super().on_event))
        else:
            await super().on_event(event)

    async def _one_by_one(self, hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        while self._waiting and self.is_running:
            asked = self.focused or self.screen
            await hand_on(self._waiting.popleft())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_dealt_with(asked), KEY_SECONDS)

    @property
    def keys_idle(self) -> bool:
        """Whether every key has been dealt with."""
        return not self._waiting and (self._pump is None or self._pump.done())


async def _dealt_with(widget: Widget) -> None:
    """Wait until a widget and all around it, the application last, have handled what they were sent.

    Twice: a key that reaches the application makes it ask a page, whose answer comes the same way up.
    """
    for node in (*widget.ancestors_with_self, *widget.ancestors_with_self):
        if isinstance(node, MessagePump) and node.is_running:
            handled = asyncio.Event()
            node.call_later(handled.set)
            await handled.wait()
