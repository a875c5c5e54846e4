"""What fields about Azure have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.scenario.answers import Answers
from services.scenario.model import Always, Field, Kind
from services.text import _, plain

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def guid_mistake(value: Any, _answers: Answers) -> str | None:
    """Why this is no id, or None."""
    if GUID.fullmatch(str(value).strip()):
        return None
    return _("is not an id such as 00000000-0000-0000-0000-000000000000: '{value}'").format(
        value=plain(str(value), 80)
    )


def known(key: str) -> Callable[[Answers], str]:
    """Suggests what the world knows under this key."""
    return lambda answers: answers.known.get(key, "")


def app_secrets(practice_key: str, with_secret: Always, with_certificate: Always) -> tuple[Field, ...]:
    """The fields `secret`, `certificate` and `certificate-password` of a service principal.

    The practice world's own secret is suggested where the world knows `practice_key`.
    """
    return (
        Field(
            "secret",
            "Client secret",
            "Where the secret comes from. Its value is not kept.",
            Kind.SECRET,
            suggest=lambda answers: (
                "practice:service-principal" if practice_key in answers.known else "prompt"
            ),
            applies=with_secret,
        ),
        Field(
            "certificate",
            "Certificate file",
            "PEM or PKCS #12, with the private key.",
            Kind.PATH,
            suggest=known("certificate"),
            check=_no_file,
            applies=with_certificate,
        ),
        Field(
            "certificate-password",
            "Certificate password",
            "Where the file's password comes from; empty if it has none.",
            Kind.SECRET,
            required=False,
            applies=with_certificate,
        ),
    )


def _no_file(value: Any, _answers: Answers) -> str | None:
    path = Path(str(value)).expanduser()
    return None if path.is_file() else _("there is no file {path}").format(path=path)
