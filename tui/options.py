"""What the terminal face is started with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.book import Book


@dataclass(frozen=True)
class LaunchOptions:
    """The options of one start. Nothing here opens anything: the first frame comes before the journal.

    `open_book` builds the world and opens its journal; it is called once, in a worker, after the first
    frame (before the first question in plain mode), and may raise ProblemError. `state` is the root of the
    state folders, where a crash report goes. `theme` and `lang` are empty where nobody has chosen.
    """

    open_book: Callable[[], Book] = field(repr=False)
    state: Path
    practice: bool = False
    read_only: bool = False
    engagement: str = ""
    ascii: bool = False
    plain: bool = False
    mouse: bool | None = None
    theme: str = ""
    lang: str = ""
