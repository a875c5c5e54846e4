"""Keys that sign for us: one in a file, or one that ssh-agent holds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.evidence.sshsig import Signature, Wire, armored, fingerprint, to_be_signed
from services.problems.model import Problem, ProblemError, UsageError
from services.text import _, plain

if TYPE_CHECKING:
    from services.evidence.sshkeys import PrivateKey

AGENT = "agent"
"""Typed for the only key that ssh-agent holds."""
Passphrase = Callable[[], str]
"""Asks for the passphrase of a key file, once."""


class Signer(Protocol):
    """A key that signs in OpenSSH's format."""

    @property
    def fingerprint(self) -> str: ...

    def sign(self, message: bytes, namespace: str) -> str: ...


class KeySigner:
    """A private key in memory."""

    def __init__(self, key: PrivateKey) -> None:
        from services.evidence.sshkeys import public_blob

        self._key = key
        self._public = public_blob(key)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self._public)

    def sign(self, message: bytes, namespace: str) -> str:
        """The text of the signature file."""
        from services.evidence.sshkeys import signed_with

        algorithm, raw = signed_with(self._key, to_be_signed(message, namespace))
        return armored(Signature(self._public, namespace, "sha512", algorithm, raw))


class AgentSigner:
    """A key that ssh-agent holds, known by its public half."""

    def __init__(self, public_key: bytes) -> None:
        self._public = public_key

    @property
    def fingerprint(self) -> str:
        return fingerprint(self._public)

    def sign(self, message: bytes, namespace: str) -> str:
        """The text of the signature file. ProblemError when the agent is gone or refuses."""
        from paramiko import Agent, SSHException

        agent = None
        try:
            agent = Agent()
            key = next((one for one in agent.get_keys() if one.asbytes() == self._public), None)
            if key is None:
                raise _trouble(self.fingerprint, _("The agent does not hold this key any more."))
            rsa = Wire(self._public).string() == b"ssh-rsa"
            content = to_be_signed(message, namespace)
            answer = Wire(bytes(key.sign_ssh_data(content, "rsa-sha2-512" if rsa else None)))
            algorithm = answer.string()
            raw = answer.rest()
        except (SSHException, OSError, ValueError) as error:
            what = _("The agent did not sign: {why}.").format(why=plain(str(error), 200))
            raise _trouble(self.fingerprint, what) from error
        finally:
            if agent is not None:
                agent.close()
        return armored(Signature(self._public, namespace, "sha512", algorithm.decode("ascii"), raw))


def named(typed: str, passphrase: Callable[[Path], str]) -> Signer | None:
    """Who signs, as it is typed: `agent`, the file of a key, or nothing for nobody. As of `signer`.

    `passphrase` asks for the one of this file.
    """
    if not typed:
        return None
    if typed == AGENT:
        return signer(None, lambda: "")
    path = Path(typed).expanduser()
    return signer(path, lambda: passphrase(path))


def signer(path: Path | None, passphrase: Passphrase) -> Signer:
    """The key to sign with: a private key's file, a public key's file for the agent, or the agent's only key.

    UsageError when the file holds no key that can sign; ProblemError when the agent has not exactly one.
    """
    if path is None:
        return _only_key()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _usage(path, error.strerror or str(error)) from error
    if b"PRIVATE KEY" in content:
        return KeySigner(_private(path, content, passphrase))
    words = content.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
        if Wire(blob).string() != words[0]:
            raise ValueError
    except (IndexError, ValueError, binascii.Error) as error:
        raise _usage(path, _("it holds no key of OpenSSH")) from error
    return AgentSigner(blob)


def _private(path: Path, content: bytes, passphrase: Passphrase) -> PrivateKey:
    from cryptography.hazmat.primitives import serialization

    from services.evidence.sshkeys import CURVES, PrivateKey, public_blob

    openssh = b"OPENSSH" in content
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        try:
            key = load(content, None)
        except (TypeError, ValueError):  # cryptography's way to say that it is encrypted
            key = load(content, passphrase().encode("utf-8"))
        if isinstance(key, PrivateKey):
            kind = Wire(public_blob(key)).string().decode("ascii")
            if kind in ("ssh-ed25519", "ssh-rsa", *CURVES):
                return key
    except ProblemError:  # nobody could be asked for the passphrase
        raise
    except Exception as error:  # a wrong passphrase, or a file that is cut off: cryptography has many ways
        raise _usage(path, _("it cannot be read, or the passphrase is wrong")) from error
    raise _usage(path, _("it is of a kind that does not sign here; take Ed25519, ECDSA or RSA"))


def _only_key() -> Signer:
    from paramiko import Agent, SSHException

    try:
        agent = Agent()
        keys = [one.asbytes() for one in agent.get_keys()]
        agent.close()
    except (SSHException, OSError) as error:
        raise _trouble("ssh-agent", plain(str(error), 200)) from error
    if len(keys) != 1:
        what = _("The agent holds {count} keys.").format(count=len(keys))
        raise _trouble("ssh-agent", what)
    return AgentSigner(keys[0])


def _trouble(subject: str, what: str) -> ProblemError:
    return ProblemError(
        Problem("no-signer", subject, what, remedy=_("Name a key file, or the .pub file of the agent's key."))
    )


def _usage(path: Path, why: str) -> UsageError:
    what = _("does not serve as a key: {why}.").format(why=plain(why, 200))
    return UsageError(Problem("bad-key", str(path), what))
