"""Signing in over SSH: with a password, a private key and its certificate, or the keys of an agent."""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import stat
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from paramiko.agent import AgentSSH

from services.guests import trouble
from services.guests.ssh_config import NONE, SshConfig
from services.guests.ssh_link import Place, await_event
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline

AGENT = "agent"
AGENT_WAIT = 20.0
"""Real seconds that an agent may take, which may ask somebody to touch a key."""
MOST_KEYS = 5
"""Keys that are offered; OpenSSH ends the connection after six attempts unless told otherwise."""
# What paramiko makes of SSH_MSG_USERAUTH_PASSWD_CHANGEREQ (RFC 4252, section 8), whose number is also another's.
_ASKS_FOR_A_NEW_ONE = "Illegal info request from server"


@dataclass(frozen=True)
class Login:
    """Who signs in and with what. Without `key` and `password`, with the keys of the configuration."""

    user: str
    password: str | None = None
    key: str = ""
    passphrase: str | None = None


class Agent(AgentSSH):
    """The SSH agent at a socket; without keys where none listens."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(AGENT_WAIT)
        with contextlib.suppress(OSError, paramiko.SSHException):
            self._socket.connect(path)
            self._connect(self._socket)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Let go of the agent."""
        self._socket.close()


def sign_in(
    transport: paramiko.Transport, place: Place, login: Login, config: SshConfig, deadline: Deadline
) -> str:
    """Sign in; says by what. One attempt with a password.

    ProblemError: `wrong-password`, `password-off`, `password-expired`, `key-refused`, `key-missing`,
    `key-passphrase`, `key-unusable`, `no-secret`.
    """
    if login.key:
        with contextlib.closing(_agent(config)) as agent:
            keys = list(agent.get_keys()) if login.key == AGENT else [_loaded(place, login, config)]
            return _by_keys(transport, place, login.user, keys, deadline)
    if login.password is not None:
        return _by_password(transport, place, login, deadline)
    if not config.by:
        raise trouble.no_account(place.name)
    with contextlib.closing(_agent(config)) as agent:
        keys = list(_configured(agent.get_keys(), config))
        return _by_keys(transport, place, login.user, keys, deadline)


def _by_password(transport: paramiko.Transport, place: Place, login: Login, deadline: Deadline) -> str:
    done = threading.Event()
    transport.auth_password(login.user, login.password or "", event=done)
    await_event(done, transport, place, deadline)
    refused = transport.get_exception()
    if transport.is_authenticated():
        return _("password")
    if _ASKS_FOR_A_NEW_ONE in str(refused):
        raise trouble.password_expired(place.name, login.user)
    if not transport.is_active() and not isinstance(refused, paramiko.AuthenticationException):
        raise trouble.link_lost(place.name, str(refused or "closed"))
    if not isinstance(refused, paramiko.BadAuthenticationType):
        raise trouble.wrong_password(place.name, login.user)
    if "keyboard-interactive" not in refused.allowed_types:
        raise trouble.password_off(place.name, refused.allowed_types)
    return _by_questions(transport, place, login, refused.allowed_types, deadline)


def _by_questions(
    transport: paramiko.Transport, place: Place, login: Login, allowed: Sequence[str], deadline: Deadline
) -> str:
    """Servers that ask for the password as a question, as PAM does. Only a hidden one is answered, once."""
    deadline.check()
    asked: list[str] = []

    def answer(_title: str, _text: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        asked.extend(prompt for prompt, _echo in prompts)
        hidden = [not echo for _prompt, echo in prompts]
        if len(asked) > 1 or not all(hidden):
            raise paramiko.AuthenticationException("more is asked than a password")
        return [login.password or "" for _each in prompts]

    try:
        transport.auth_interactive(login.user, answer)
    except (paramiko.SSHException, EOFError, OSError) as error:
        deadline.check()
        if any("new password" in prompt.lower() or "expired" in prompt.lower() for prompt in asked):
            raise trouble.password_expired(place.name, login.user) from error
        if not asked:
            raise trouble.password_off(place.name, allowed) from error
        raise trouble.wrong_password(place.name, login.user) from error
    if not transport.is_authenticated():
        raise trouble.wrong_password(place.name, login.user)
    return _("password")


def _by_keys(
    transport: paramiko.Transport, place: Place, user: str, keys: Sequence[paramiko.PKey], deadline: Deadline
) -> str:
    tried = []
    for key in keys[:MOST_KEYS]:
        done = threading.Event()
        transport.auth_publickey(user, key, event=done)
        await_event(done, transport, place, deadline)
        if transport.is_authenticated():
            return _("key {kind}").format(kind=_kind(key))
        tried.append(_kind(key))
        if not transport.is_active():
            break
    if not tried:
        what = _("there is neither a password nor a key for this machine.")
        cause = _("The agent has no keys, and the key files of the configuration are missing or encrypted.")
        remedy = _("Add the key to the agent with ssh-add, or name a password or a key file.")
        raise ProblemError(Problem("no-secret", place.name, what, cause, remedy, "ssh-add -l"))
    what = _("the machine accepts none of the keys tried for {user}: {kinds}.")
    raise ProblemError(
        Problem(
            "key-refused",
            place.name,
            what.format(user=plain(user, 60), kinds=", ".join(tried)),
            _(
                "The public key is not in its authorized_keys, or its sshd_config does not allow keys or this user."
            ),
            _("Add the public key for this user on the machine, or give a password."),
            "ssh-add -L",
        )
    )


def _kind(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.fingerprint}"


def _agent(config: SshConfig) -> Agent:
    path = config.agent or os.environ.get("SSH_AUTH_SOCK", "")
    return Agent("" if path == NONE else path)


def _configured(held: Sequence[paramiko.PKey], config: SshConfig) -> Iterator[paramiko.PKey]:
    """Keys in ssh's order: of the agent those that the configuration names, then its others, then files."""
    named = [_public(path) for path in config.identities]
    first = [key for key in held if key.asbytes() in named]
    yield from first
    if not config.only_identities:
        yield from (key for key in held if key not in first)
    for path in config.identities:
        if path.is_file() and _public(path) not in [key.asbytes() for key in first]:
            # An encrypted file is for the agent, or for the column key with its passphrase.
            with contextlib.suppress(Exception):
                yield _with_certificate(paramiko.PKey.from_path(path), config)


def _public(path: Path) -> bytes:
    """The public half beside a private key, empty where there is none."""
    try:
        text = Path(f"{path}.pub").read_text(encoding="utf-8")
        return bytes(paramiko.pkey.PublicBlob.from_string(text).key_blob)
    except (OSError, ValueError):
        return b""


def _loaded(place: Place, login: Login, config: SshConfig) -> paramiko.PKey:
    """The private key of a file that was named, with its certificate if there is one."""
    path = Path(login.key).expanduser()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise _unusable("key-missing", place, path, _("cannot be read."), _("Check the path.")) from error
    if mode & 0o077:
        what, remedy = _("may be read by others."), _("Close it to them.")
        raise _unusable("key-unusable", place, path, what, remedy, f"chmod 600 {shlex.quote(str(path))}")
    phrase = login.passphrase.encode() if login.passphrase else None
    try:
        key = paramiko.PKey.from_path(path, phrase)  # type: ignore[arg-type]  # bytes are what cryptography takes
    except (TypeError, paramiko.PasswordRequiredException) as error:
        what, remedy = (
            _("is encrypted."),
            _("Give its passphrase: column passphrase of the list of machines."),
        )
        raise _unusable("key-passphrase", place, path, what, remedy) from error
    except Exception as error:
        # Whatever the parsers raise on a damaged file; its text may hold parts of it.
        if phrase:
            what = _("does not open with the passphrase that was given.")
            raise _unusable("key-passphrase", place, path, what, _("Correct the passphrase.")) from error
        what, remedy = (
            _("is no private key that can be used."),
            _("Name the private key, not the public one."),
        )
        raise _unusable(
            "key-unusable", place, path, what, remedy, f"ssh-keygen -lf {shlex.quote(str(path))}"
        ) from error
    return _with_certificate(key, config)


def _with_certificate(key: paramiko.PKey, config: SshConfig) -> paramiko.PKey:
    """The key with the certificate of the configuration that was made for it."""
    for path in config.certificates:
        with contextlib.suppress(Exception):
            made = serialization.load_ssh_public_identity(path.read_bytes())
            public = made.public_key().public_bytes(  # type: ignore[union-attr]
                serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
            )
            if public.split()[1].decode() == key.get_base64():
                key.load_certificate(str(path))
                break
    return key


def _unusable(code: str, place: Place, path: Path, what: str, remedy: str, check: str = "") -> ProblemError:
    said = _("the key file {path} {what}").format(path=path, what=what)
    cause = _("This key is what signs in to the machine.")
    return ProblemError(Problem(code, place.name, said, cause, remedy, check))
