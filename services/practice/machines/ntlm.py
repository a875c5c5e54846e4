"""The NTLM door of WS-Management: who comes in, and sealed messages afterwards (MS-WSMV 2.2.9.1)."""

from __future__ import annotations

import base64
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import spnego
from spnego.exceptions import SpnegoError

BOUNDARY = b"--Encrypted Boundary"
PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
# pyspnego's acceptor takes its accounts from a file that an environment variable names, so that only one
# exchange at a time may look at it.
_ACCOUNTS = threading.Lock()


class Door:
    """One connection's handshake and sealing.

    `accounts` is a file with lines DOMAIN:USER:PASSWORD; `refused` is called for each wrong password.
    """

    def __init__(self, accounts: Path, refused: Callable[[], None]) -> None:
        self._accounts = accounts
        self._refused = refused
        self._context: spnego.ContextProxy | None = None
        self.open = False

    def knock(self, header: str) -> str | None:
        """Take an Authorization header; the WWW-Authenticate answer, or None once the door is open.

        A wrong password, or anything that is no NTLM, starts over with a bare `Negotiate`.
        """
        scheme, _blank, token = header.partition(" ")
        if scheme.lower() not in ("negotiate", "ntlm") or not token:
            return "Negotiate"
        try:
            reply = self._step(base64.b64decode(token))
        except (SpnegoError, ValueError, struct.error):
            self._context = None
            self._refused()
            return "Negotiate"
        if reply is not None:
            return f"{scheme} {base64.b64encode(reply).decode()}"
        self.open = True
        return None

    def _step(self, token: bytes) -> bytes | None:
        with _ACCOUNTS:
            os.environ["NTLM_USER_FILE"] = str(self._accounts)
            if self._context is None:
                self._context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            reply: bytes | None = self._context.step(token)
            return reply

    def unseal(self, body: bytes) -> bytes:
        """The message in a multipart/encrypted body; ValueError when it is not sealed for this connection."""
        _head, found, sealed = body.partition(b"application/octet-stream\r\n")
        if not found or self._context is None:
            raise ValueError("not a sealed message")
        sealed = sealed.removesuffix(BOUNDARY + b"--\r\n")
        length = struct.unpack("<i", sealed[:4])[0]
        try:
            message: bytes = self._context.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])
        except SpnegoError as error:
            raise ValueError("broken seal") from error
        return message

    def seal(self, message: bytes) -> bytes:
        """A multipart/encrypted body for a message."""
        assert self._context is not None
        sealed = self._context.wrap_winrm(message)
        kind = f"type=application/soap+xml;charset=UTF-8;Length={len(message)}"
        return b"".join(
            (
                BOUNDARY,
                f"\r\n\tContent-Type: {PROTOCOL}\r\n\tOriginalContent: {kind}\r\n".encode(),
                BOUNDARY,
                b"\r\n\tContent-Type: application/octet-stream\r\n",
                struct.pack("<i", len(sealed.header)) + sealed.header + sealed.data,
                BOUNDARY,
                b"--\r\n",
            )
        )
