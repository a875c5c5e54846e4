"""Where secrets come from: references stand in answers, values stay in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.model import World

FORMS = "env:NAME, keyring:SERVICE/USER, file:PATH, prompt, practice:NAME"


def complaint(reference: str) -> str | None:
    """Why this is no secret reference, or None. The value itself must never stand here."""
    kind, _colon, rest = reference.partition(":")
    if reference == "prompt" or (kind in ("env", "file", "practice") and rest):
        return None
    if kind == "keyring" and "/" in rest:
        return None
    return _("this must say where the secret comes from, not the secret itself: {forms}").format(forms=FORMS)


def resolve(reference: str, caption: str, world: World, ask: Callable[[str], str] | None) -> str:
    """The value behind a reference; ProblemError names the field and what would do."""
    kind, _colon, rest = reference.partition(":")
    if reference == "prompt":
        return _prompted(caption, ask)
    if kind == "practice":
        return _practice(rest, caption, world)
    if world.practice:
        # Practice reads no credential from environment, file or keyring: what is typed here can only be
        # a practice secret.
        raise _missing(
            caption, _("the practice world takes only practice:NAME or prompt, not {ref}").format(ref=kind)
        )
    if kind == "env":
        value = os.environ.get(rest, "")
        if not value:
            raise _missing(
                caption, _("the environment variable {name} is empty or not set").format(name=rest)
            )
        return value
    if kind == "file":
        return _from_file(Path(rest).expanduser(), caption)
    if kind == "keyring":
        return _from_keyring(rest, caption)
    raise _missing(caption, complaint(reference) or "")


def _prompted(caption: str, ask: Callable[[str], str] | None) -> str:
    if ask is None:
        raise _missing(
            caption, _("it must be asked for, and nobody can be asked here; use env: or file: instead")
        )
    return ask(caption)


def _practice(name: str, caption: str, world: World) -> str:
    if name in world.secrets:
        return world.secrets[name]
    known = ", ".join(sorted(world.secrets)) or _("none: this is not the practice world")
    raise _missing(
        caption, _("there is no practice secret {name}; known: {known}").format(name=name, known=known)
    )


def _from_file(path: Path, caption: str) -> str:
    try:
        mode = path.stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise _missing(caption, _("cannot read {path}: {reason}").format(path=path, reason=reason)) from error
    if mode.st_uid != os.getuid() or stat.S_IMODE(mode.st_mode) & 0o077:
        raise _missing(caption, _("{path} must be yours and of mode 0600").format(path=path))
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _missing(caption, _("{path} holds no text that can be read").format(path=path)) from error


def _from_keyring(rest: str, caption: str) -> str:
    import keyring  # loads the desktop's back ends: only when asked for

    service, _slash, user = rest.partition("/")
    try:
        found = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise _missing(caption, _("this host has no usable keyring: {why}").format(why=error)) from error
    if not found:
        raise _missing(caption, _("the keyring has no entry for {entry}").format(entry=rest))
    return found


def _missing(caption: str, why: str) -> ProblemError:
    return ProblemError(Problem("secret-missing", caption, why))
