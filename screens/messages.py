"""What workers tell the program: messages, sent from any thread."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from textual.message import Message


@dataclass
class Opened(Message):
    """The journal is open, or cannot be opened."""


@dataclass
class Moved(Message):
    """Something that pages show has changed; `step` names whose, empty for all."""

    step: str = ""


@dataclass
class Happened(Message):
    """An event of the engine."""

    step: str
    event: Mapping[str, Any]


@dataclass
class Asked(Message):
    """A secret is needed now; the answer goes into `reply`, None gives up."""

    caption: str
    reply: queue.SimpleQueue[str | None]


@dataclass
class Revealed(Message):
    """A secret is to be shown once; it is kept nowhere."""

    caption: str
    value: str

    def __rich_repr__(self) -> Iterator[str]:
        yield self.caption
