"""Standard input of a command: a pipe that somebody else fills."""

from __future__ import annotations

from dataclasses import dataclass


class Starved(Exception):
    """A program reads on where nothing has been sent yet and the pipe is still open."""


@dataclass
class Input:
    """What has been sent so far. Once `ended`, reading past it gives nothing instead of waiting."""

    data: bytes = b""
    ended: bool = True
    _at: int = 0

    def read(self, count: int) -> bytes:
        """At most `count` bytes; none at the end. Raises Starved where a real program would wait."""
        piece = self.data[self._at : self._at + count]
        if not piece and not self.ended:
            raise Starved
        self._at += len(piece)
        return piece

    def rewind(self) -> None:
        """Begin anew."""
        self._at = 0
