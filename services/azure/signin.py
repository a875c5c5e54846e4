"""Ways to sign in, and the credential that azure-identity makes of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.problems.model import Problem, RefusedError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from services.scenario.session import Session

CLI = "cli"
DEVICE_CODE = "device-code"
SERVICE_PRINCIPAL = "service-principal"
CERTIFICATE = "certificate"
MANAGED_IDENTITY = "managed-identity"
METHODS = (CLI, DEVICE_CODE, SERVICE_PRINCIPAL, CERTIFICATE, MANAGED_IDENTITY)
PRACTISED = (SERVICE_PRINCIPAL, CERTIFICATE, DEVICE_CODE)
"""What works in a practice world: nothing there comes from this host's own environment."""

ANY_TENANT = "organizations"
"""The tenant of whoever signs in."""
CLI_SECONDS = 20
SIGN_IN_RETRIES = 2

ShowCode = Callable[[str, str, datetime], None]
"""Shows a device code: the address to open, the code, and until when (UTC) it holds."""


@dataclass(frozen=True)
class SignIn:
    """Who signs in, where and how. Secrets are values here, so they never show."""

    cloud: str
    method: str
    tenant: str = ""
    client_id: str = ""
    secret: str = field(default="", repr=False)
    certificate: str = ""
    password: str = field(default="", repr=False)
    show_code: ShowCode | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_answers(cls, session: Session) -> SignIn:
        """The sign-in that the answers of step `sign-in` describe; resolves the secret it needs."""
        answers = session.answers

        def value(key: str, caption: str) -> str:
            reference = answers.text(f"sign-in.{key}")
            return session.secret(reference, caption, f"sign-in.{key}") if reference else ""

        method = answers.text("sign-in.method")
        return cls(
            cloud=answers.text("sign-in.cloud"),
            method=method,
            tenant=answers.text("sign-in.tenant"),
            client_id=_client_id(session, method),
            secret=value("secret", _("Client secret")) if method == SERVICE_PRINCIPAL else "",
            certificate=answers.text("sign-in.certificate") if method == CERTIFICATE else "",
            password=value("certificate-password", _("Certificate password"))
            if method == CERTIFICATE
            else "",
            show_code=show_code(session),
        )


def show_code(session: Session) -> ShowCode:
    """Shows a device code as an event of the session."""

    def shown(url: str, code: str, until: datetime) -> None:
        session.emit({"event": "device-code", "code": code, "url": url, "until": until.isoformat()})

    return shown


def _client_id(session: Session, method: str) -> str:
    if method in (SERVICE_PRINCIPAL, CERTIFICATE):
        return session.answers.text("sign-in.client-id")
    return session.answers.text("sign-in.identity") if method == MANAGED_IDENTITY else ""


def credential(sign_in: SignIn, world: World, deadline: Callable[[], Deadline] = Deadline) -> Any:
    """The azure-identity credential of a sign-in; no request is made yet.

    RefusedError where the world does not offer the method, ProblemError for a certificate file that cannot
    be read.
    """
    if world.practice and sign_in.method not in PRACTISED:
        raise RefusedError(
            Problem(
                "sign-in-method",
                sign_in.method,
                _("The practice world does not use this host's own sign-in."),
                remedy=_("Choose one of: {methods}.").format(methods=", ".join(PRACTISED)),
            )
        )
    authority = world.clouds[sign_in.cloud].authority
    return credential_at(authority, sign_in, world, deadline, world.ca_file)


def credential_at(
    authority: str,
    sign_in: SignIn,
    world: World,
    deadline: Callable[[], Deadline],
    ca_file: Path | None,
) -> Any:
    """The credential of a sign-in at an authority, which `ca_file` vouches for (None: the world's trust)."""
    key = (world.id, world.state, ca_file, authority, sign_in)
    held = _held.setdefault(key, _Held())
    held.deadline, held.show_code = deadline, sign_in.show_code
    if held.credential is None:
        common = _common(authority, world, held, ca_file)
        held.credential = _MAKERS[sign_in.method](sign_in, common, held)
    return held.credential


class _Held:
    """One sign-in for the life of the process, so that a person is not asked for a code at every step.

    Deadline and display are those of whoever asked last.
    """

    def __init__(self) -> None:
        self.credential: Any = None
        self.deadline: Callable[[], Deadline] = Deadline
        self.show_code: ShowCode | None = None

    def show(self, url: str, code: str, until: datetime) -> None:
        """Pass a device code on to where it can be seen."""
        if self.show_code is None:
            raise RefusedError(Problem("device-code", "", _("A device code cannot be shown here.")))
        self.show_code(url, code, until)


_held: dict[Any, _Held] = {}


def _common(authority: str, world: World, held: _Held, ca_file: Path | None) -> dict[str, Any]:
    from services.azure.pipeline import Retries
    from services.azure.transport import Transport

    return {
        "authority": authority,
        # The authority is one of ours or one that the Hub names, and nobody else needs to vouch for it; a
        # host in another cloud often cannot reach the public one that would.
        "disable_instance_discovery": True,
        "transport": Transport(world, lambda: held.deadline(), ca_file=ca_file),
        "retry_total": SIGN_IN_RETRIES,
        "retry_policy_class": Retries,
        "logging_enable": False,
    }


def _secret(sign_in: SignIn, common: dict[str, Any], _held: _Held) -> Any:
    from azure.identity import ClientSecretCredential

    return ClientSecretCredential(sign_in.tenant, sign_in.client_id, sign_in.secret, **common)


def _certificate(sign_in: SignIn, common: dict[str, Any], _held: _Held) -> Any:
    from azure.identity import CertificateCredential

    from services.problems.model import ProblemError

    path = Path(sign_in.certificate).expanduser()
    try:
        return CertificateCredential(
            sign_in.tenant, sign_in.client_id, str(path), password=sign_in.password or None, **common
        )
    except OSError as error:
        why = _("cannot be read: {reason}.").format(reason=error.strerror or str(error))
        raise ProblemError(Problem("certificate-file", str(path), why)) from error
    except (TypeError, ValueError) as error:
        # TypeError: a password was given, and the key in the file has none.
        raise ProblemError(
            Problem(
                "certificate-file",
                str(path),
                _("is no certificate with its private key, or its password is another one."),
                remedy=_("Give a PEM or PKCS #12 file that holds both, and its password if it has one."),
            )
        ) from error


def _device_code(sign_in: SignIn, common: dict[str, Any], held: _Held) -> Any:
    from azure.identity import DeviceCodeCredential

    named = {"client_id": sign_in.client_id} if sign_in.client_id else {}
    tenant = {"tenant_id": sign_in.tenant} if sign_in.tenant else {}
    return DeviceCodeCredential(prompt_callback=held.show, **named, **tenant, **common)


def _cli(sign_in: SignIn, _common: dict[str, Any], _held: _Held) -> Any:
    from azure.identity import AzureCliCredential

    return AzureCliCredential(
        tenant_id="" if sign_in.tenant == ANY_TENANT else sign_in.tenant, process_timeout=CLI_SECONDS
    )


def _managed(sign_in: SignIn, common: dict[str, Any], _held: _Held) -> Any:
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(
        client_id=sign_in.client_id or None, transport=common["transport"], retry_total=SIGN_IN_RETRIES
    )


_MAKERS: dict[str, Callable[[SignIn, dict[str, Any], _Held], Any]] = {
    CLI: _cli,
    DEVICE_CODE: _device_code,
    SERVICE_PRINCIPAL: _secret,
    CERTIFICATE: _certificate,
    MANAGED_IDENTITY: _managed,
}
