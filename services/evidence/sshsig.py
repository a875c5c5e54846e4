"""Signatures in OpenSSH's format, as `ssh-keygen -Y sign` makes and `ssh-keygen -Y verify` checks them.

Source: OpenSSH, PROTOCOL.sshsig (version 1) and PROTOCOL.u2f (hardware keys), as of OpenSSH 9.2.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from dataclasses import dataclass

from services.problems.model import Problem, ProblemError
from services.text import _, plain

MAGIC = b"SSHSIG"
VERSION = 1
HASHES = ("sha512", "sha256")
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
LINE = 70
LARGEST = 100_000


@dataclass(frozen=True)
class Signature:
    """What a signature says of itself. `public_key` is the key as OpenSSH writes it on the wire."""

    public_key: bytes
    namespace: str
    hash_algorithm: str
    algorithm: str
    raw: bytes

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_key)

    @property
    def key_type(self) -> str:
        return Wire(self.public_key).string().decode("ascii", "replace")


class Wire:
    """Reads the parts of a message of SSH (RFC 4251). ValueError where it ends too soon."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, size: int) -> bytes:
        part = self._content[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("too short")
        self._at += size
        return part

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._content) - self._at)

    def end(self) -> None:
        """Refuse what stands behind the last part."""
        if self._at != len(self._content):
            raise ValueError("too long")


def packed(value: bytes | str) -> bytes:
    """A string of SSH's wire format."""
    content = value.encode("utf-8") if isinstance(value, str) else value
    return len(content).to_bytes(4, "big") + content


def fingerprint(public_key: bytes) -> str:
    """The SHA-256 fingerprint as `ssh-keygen -l` prints it."""
    digest = hashlib.sha256(public_key).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def to_be_signed(message: bytes, namespace: str, hash_algorithm: str = HASHES[0]) -> bytes:
    """What the key really signs: the digest of the message with its namespace."""
    digest = hashlib.new(hash_algorithm, message).digest()
    return MAGIC + packed(namespace) + packed(b"") + packed(hash_algorithm) + packed(digest)


def armored(signature: Signature) -> str:
    """The text of a signature file."""
    blob = MAGIC + VERSION.to_bytes(4, "big")
    for part in (signature.public_key, signature.namespace, b"", signature.hash_algorithm):
        blob += packed(part)
    blob += packed(packed(signature.algorithm) + signature.raw)
    body = "\n".join(textwrap.wrap(base64.b64encode(blob).decode("ascii"), LINE))
    return f"{BEGIN}\n{body}\n{END}\n"


def parse(text: bytes) -> Signature:
    """The signature of a signature file. ValueError when one byte of it is not as OpenSSH writes it."""
    lines = text.decode("ascii").split("\n") if len(text) <= LARGEST else []
    if len(lines) < 4 or lines[0] != BEGIN or lines[-2:] != [END, ""]:
        raise ValueError("no signature of OpenSSH")
    wire = Wire(base64.b64decode("".join(lines[1:-2]), validate=True))
    if wire.take(len(MAGIC)) != MAGIC or wire.number() != VERSION:
        raise ValueError("another version")
    key, namespace, reserved = wire.string(), wire.string().decode("utf-8"), wire.string()
    hashed, inner = wire.string().decode("ascii"), wire.string()
    wire.end()
    if reserved or hashed not in HASHES:
        raise ValueError("another hash")
    part = Wire(inner)
    algorithm = part.string().decode("ascii")
    found = Signature(key, namespace, hashed, algorithm, part.rest())
    if armored(found).encode("ascii") != text:
        raise ValueError("not as OpenSSH writes it")
    return found


def verify(message: bytes, text: bytes, namespace: str) -> Signature:
    """The signature of these bytes, made with the key that it names; who that is, allowed signers tell.

    ProblemError: `signature-malformed`, `signature-namespace`, `signature-key` (a kind of key that cannot
    be checked here), `signature-bad`.
    """
    from services.evidence import sshkeys

    try:
        found = parse(text)
    except ValueError as error:
        raise _problem(
            "signature-malformed", _("It is no signature of OpenSSH, or it was altered.")
        ) from error
    if found.namespace != namespace:
        what = _("It was signed for '{found}', not for '{wanted}'.")
        raise _problem("signature-namespace", what.format(found=plain(found.namespace, 80), wanted=namespace))
    signed = to_be_signed(message, namespace, found.hash_algorithm)
    try:
        good = sshkeys.verified(found.public_key, found.algorithm, found.raw, signed)
    except sshkeys.UnknownKeyError as error:
        what = _("It was made by a kind of key that cannot be checked here ({kind}).")
        raise _problem("signature-key", what.format(kind=plain(str(error), 80))) from error
    if not good:
        raise _problem("signature-bad", _("It does not belong to these bytes, or it was altered."))
    return found


def _problem(code: str, what: str) -> ProblemError:
    return ProblemError(Problem(code, _("signature"), what))
