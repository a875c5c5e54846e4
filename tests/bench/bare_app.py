"""The peer of the first paint: a bare Textual application of two Statics."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """Two lines."""

    def compose(self) -> ComposeResult:
        yield Static("What now?")
        yield Static("A bare application")


if __name__ == "__main__":
    Bare().run(mouse=False)
