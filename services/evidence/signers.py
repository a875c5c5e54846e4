"""The allowed_signers file of OpenSSH: who may sign what, and since when (ssh-keygen(1), ALLOWED SIGNERS)."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.evidence.sshsig import Signature
from services.problems.model import Problem, ProblemError, UsageError
from services.text import _, plain

_FIELD = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')
_OPTION = re.compile(r'([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)')
_TIME = re.compile(r"(\d{8})(\d{4}(?:\d{2})?)?(Z?)")
_KNOWN = {"cert-authority", "namespaces", "valid-after", "valid-before"}


@dataclass(frozen=True)
class Allowed:
    """One line: `principals` is a pattern list such as `ann@contoso.example,*@ops.example`."""

    principals: str
    options: Mapping[str, str]
    key: bytes
    comment: str
    line: int

    def speaks_for(self, identity: str) -> bool:
        """Whether this line's principals match an identity; upper and lower case are the same to Entra."""
        return matches(self.principals.lower(), identity.lower())


def matches(patterns: str, text: str) -> bool:
    """A pattern list of ssh_config(5): any that matches, unless one with `!` does."""
    found = False
    for pattern in patterns.split(","):
        bare = pattern.removeprefix("!")
        if fnmatch.fnmatchcase(text, bare.replace("[", "[[]")):
            if pattern != bare:
                return False
            found = True
    return found


def load(path: Path) -> list[Allowed]:
    """The lines of a file. UsageError when it cannot be read, or names a line that OpenSSH would not take."""
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise _usage(path, error.strerror or str(error)) from error
    return list(_lines(text, path))


def allowed(lines: list[Allowed], signature: Signature, namespace: str, at: datetime) -> Allowed:
    """The line that lets this key sign in this namespace at this time.

    ProblemError: `signer-unlisted`, `signer-namespace`, `signer-expired`, `signer-early`.
    """
    own = [
        line for line in lines if line.key == signature.public_key and "cert-authority" not in line.options
    ]
    if not own:
        what = _("The key {key} is not in the file of allowed signers.").format(key=signature.fingerprint)
        if any("cert-authority" in line.options for line in lines):
            what += " " + _("Its lines with cert-authority are not used: certificates are not supported.")
        raise _problem("signer-unlisted", signature, what)
    refused = [_refusal(line, namespace, at) for line in own]
    for line, why in zip(own, refused, strict=True):
        if why is None:
            return line
    code, what = next(why for why in refused if why)
    raise _problem(code, signature, what.format(key=signature.fingerprint, namespace=namespace))


def _refusal(line: Allowed, namespace: str, at: datetime) -> tuple[str, str] | None:
    wanted = line.options.get("namespaces")
    if wanted is not None and not matches(wanted, namespace):
        return "signer-namespace", _("The key {key} may not sign for '{namespace}'.")
    if "valid-after" in line.options and at < _time(line.options["valid-after"]):
        return "signer-early", _("The key {key} is not valid yet.")
    if "valid-before" in line.options and at >= _time(line.options["valid-before"]):
        return "signer-expired", _("The key {key} is no longer valid.")
    return None


def _lines(text: str, path: Path) -> Iterator[Allowed]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield _line(line, number)
        except (ValueError, IndexError, OverflowError, binascii.Error) as error:
            what = _("line {number} cannot be read").format(number=number)
            raise _usage(path, what) from error


def _line(text: str, number: int) -> Allowed:
    words = _FIELD.findall(text)
    principals, rest = words[0].strip('"'), words[1:]
    options: dict[str, str] = {}
    if rest and not _is_type(rest[0]):
        options, rest = _options(rest[0]), rest[1:]
    if len(rest) < 2 or not _is_type(rest[0]):
        raise ValueError("no key")
    return Allowed(principals, options, base64.b64decode(rest[1], validate=True), " ".join(rest[2:]), number)


def _is_type(word: str) -> bool:
    return word.startswith(("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "rsa-sha2-"))


def _options(text: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(text):
        match = _OPTION.match(text, at)
        if match is None or match[1].lower() not in _KNOWN or match[1].lower() in found:
            raise ValueError("an option that is not known")
        name, value = match[1].lower(), match[2] or ""
        if (match[2] is None) != (name == "cert-authority"):
            raise ValueError("a value that is missing, or not wanted")
        if name.startswith("valid-"):
            _time(value)
        found[name], at = value, match.end()
    return found


def _time(text: str) -> datetime:
    """YYYYMMDD[HHMM[SS]][Z]: this host's time unless it ends in Z. ValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("no time")
    digits = match[1] + (match[2] or "0000").ljust(6, "0")
    moment = datetime.strptime(digits, "%Y%m%d%H%M%S")
    return moment.replace(tzinfo=UTC) if match[3] else moment.astimezone()


def _problem(code: str, signature: Signature, what: str) -> ProblemError:
    return ProblemError(Problem(code, signature.fingerprint, what))


def _usage(path: Path, why: str) -> UsageError:
    what = _("does not serve as a file of allowed signers: {why}.").format(why=plain(why, 200))
    return UsageError(Problem("allowed-signers", str(path), what))
