"""Step 3, first part: the vault registration key."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from services.azure import registration_key
from services.azure.ids import deterministic
from services.azure.replication import Replication
from services.changes.plan import Change, Plan
from services.operations.asking import ask, now
from services.operations.model import LostAnswer
from services.operations.resolve import finish
from services.problems.model import Problem, ProblemError
from services.readiness.model import Evidence, Finding, Status
from services.scenario.azure_stack.permission_steps import needed_by, permission_check
from services.scenario.azure_stack.vault import VAULTS_API, replication, vault_ref
from services.scenario.azure_stack.vault_classic import CLASSIC_CHECK
from services.scenario.model import Action, Step, StepCheck
from services.scenario.session import Session
from services.text import _

_DETAIL = "valid for five days; a secret file that only you can read, in {folder}"
DELETED = "key.deleted"
"""Fact: the key files that were deleted here, SHA-256 in hex by path."""
ATTEMPTS = 8
RUN_OUT = "The registration key has run out: it lives five days."


def folder(session: Session) -> Path:
    """Where keys lie: a private folder of the engagement."""
    path = session.world.state / "keys" / str(session.engagement_id)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def key_expires(session: Session) -> datetime | None:
    """When the registration key runs out (aware UTC), or None where there is none."""
    text = session.facts.get("key.expires")
    return datetime.fromisoformat(text) if text else None


def life_left(session: Session) -> timedelta | None:
    expires = key_expires(session)
    return expires - now(session) if expires else None


def key_path(session: Session) -> Path:
    """The key file, unharmed and not expired; ProblemError says what is wrong with it."""
    why = useless(session)
    if why:
        raise ProblemError(Problem("key", "key", why, remedy=_("Make a new key in step 'key'.")))
    return Path(session.facts["key.path"])


def require_life(session: Session) -> None:
    """Raise ProblemError where the key has run out: whatever waits for it would wait for nothing."""
    left = life_left(session)
    if left is not None and left <= timedelta(0):
        raise ProblemError(Problem("key", "key", _(RUN_OUT), remedy=_("Make a new key in step 'key'.")))


def useless(session: Session) -> str | None:
    """Why the key cannot be used any more, or None."""
    facts, left = session.facts, life_left(session)
    path = Path(facts.get("key.path") or "")
    if left is None or not path.is_file():
        return _("There is no registration key on this host.")
    if left <= timedelta(0):
        return _(RUN_OUT)
    if hashlib.sha256(path.read_bytes()).hexdigest() != facts.get("key.sha256"):
        return _("The registration key's file has been changed since it was made.")
    if facts.get("key.vault", "").lower() != vault_ref(session).id.lower():
        return _("The registration key belongs to another vault.")
    return None


def _stale(session: Session) -> str | None:
    # Once the server is registered the key has served; that it runs out then is as it should be.
    return None if session.facts.get("server.fabric") else useless(session)


def _plan(session: Session) -> Plan:
    if session.facts.get("server.fabric"):
        return Plan("make-key")
    why = useless(session)
    vault = vault_ref(session).name
    change = Change("create", "registration key", vault, _DETAIL.format(folder=folder(session)))
    return Plan(
        "make-key",
        (change,) if why else (),
        needs=needed_by("register-certificate") if why else (),
        looked_at={"useless": why},
    )


def _make(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    channel_key = _channel_key(session)
    certificate, registered = _register(session)
    ref = vault_ref(session)
    place = {
        "subscription": ref.subscription,
        "group": ref.group,
        "name": ref.name,
        "location": session.facts["vault.location"],
    }
    text = registration_key.credentials_file(place, registered, certificate.pfx, channel_key)
    path = folder(session) / registration_key.file_name(ref.name, now(session))
    write_private(path, text)
    return {
        "key.path": str(path),
        "key.sha256": hashlib.sha256(text.encode()).hexdigest(),
        "key.expires": certificate.expires.isoformat(),
        "key.vault": ref.id,
    }


def _channel_key(session: Session) -> str:
    """The vault's channel integrity key, put there where the vault has none yet."""
    reads = replication(session)
    group = session.azure.recovery_services.vault_extended_info
    target = reads.vault.child("extendedInformation", "vaultExtendedInfo")

    def found() -> dict[str, Any] | None:
        answer = session.azure.arm.get(target, VAULTS_API)
        return (answer or {}).get("properties") or None

    properties = found()
    if properties is None:
        body = {"properties": {"integrityKey": registration_key.integrity_key(), "algorithm": "None"}}
        row = ask(
            session,
            "create-extended-info",
            target,
            "PUT",
            body,
            lambda sdk: group.create_or_update(*reads.scope, body, **sdk),
            lambda: found() is not None,
            polled=False,
        )
        finish(session.journal, row, "succeeded")
        properties = found() or {}
    if properties.get("algorithm") != "None":
        raise ProblemError(
            Problem(
                "integrity-key-encrypted",
                reads.vault.name,
                _("The vault's channel integrity key was made by the portal and is encrypted."),
                remedy=_("Download the key in the portal: vault > Site Recovery > Prepare infrastructure."),
            )
        )
    return str(properties["integrityKey"])


def _register(session: Session) -> tuple[registration_key.Certificate, Mapping[str, Any]]:
    """Register a certificate. The answer is part of the key, so a lost one is replaced by a new try."""
    reads = replication(session)
    owner = deterministic(session.world.id, str(session.world.state), str(session.engagement_id))[:8]
    for _attempt in range(ATTEMPTS):
        certificate = registration_key.new_certificate(reads.vault.name, owner, now(session))
        session.journal.forbid([certificate.pfx])
        body = {"properties": {"authType": "AAD", "certificate": certificate.public}}
        answers: list[Any] = []
        try:
            row = ask(
                session,
                "register-certificate",
                reads.vault.child("certificates", certificate.name),
                "PUT",
                body,
                partial(_send_certificate, reads, certificate.name, body, answers),
                None,
                polled=False,
            )
        except LostAnswer:
            continue
        finish(session.journal, row, "succeeded")
        return certificate, answers[-1].as_dict()["properties"]
    raise ProblemError(
        Problem(
            "certificate-lost",
            reads.vault.name,
            _("Azure's answer to the certificate was lost {times} times.").format(times=ATTEMPTS),
            remedy=_("Look at the connection, then run this step again."),
        )
    )


def _send_certificate(
    reads: Replication, name: str, body: Mapping[str, Any], answers: list[Any], sdk: dict[str, Any]
) -> None:
    answers.append(reads.azure.recovery_services.vault_certificates.create(*reads.scope, name, body, **sdk))


def write_private(path: Path, text: str) -> None:
    """Write a file that is the user's own from its first moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _look_life(session: Session) -> Sequence[Finding]:
    left, target = life_left(session), session.answers.text("vault.name")
    if left is None or useless(session):
        return []
    return [
        Finding(
            "key-life",
            target,
            Status.OK,
            f"The key can be used for another {spoken(left)}.",
            (Evidence(f"ls -l {session.facts['key.path']}", f"valid until {key_expires(session)}"),),
            source="Azure Stack article, step 3, 2026-09-21",
        )
    ]


def _left(facts: Mapping[str, Any]) -> list[str]:
    path, expires = facts.get("key.path"), facts.get("key.expires")
    if not path or not expires:
        return []
    if path in (facts.get(DELETED) or {}):
        return [_("The key file {path} has served and was deleted.").format(path=path)]
    until = f"{datetime.fromisoformat(expires):%Y-%m-%d %H:%M} UTC"
    return [
        _("The key file is {path}, valid until {until}.").format(path=path, until=until),
        _(
            "Where Unified Setup is run for you, the file is taken to the server and removed there. Where you "
            "run it yourself, copy the file to the server, choose it on the page Registration, and delete the copy."
        ),
    ]


def spoken(span: timedelta) -> str:
    """A span in days and hours, as pages say it."""
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h"


KEY = Step(
    id="key",
    stage="source",
    title="Registration key",
    short="Registration",
    excerpt="Unified Setup registers the configuration server with it. It lives five days and is a secret.",
    claims=(),
    after=("vault",),
    checks=(
        CLASSIC_CHECK,
        StepCheck("key-life", ("AS-6.5",), "How long the key lives", _look_life, blocking=False),
        permission_check(
            ("read-vault", "create-extended-info", "register-certificate"),
            lambda session: vault_ref(session).id,
        ),
    ),
    actions=(Action("make-key", ("AS-6.5",), "Make the registration key", _plan, _make),),
    stale=_stale,
    left=_left,
)
