"""Client assertions: JSON web tokens signed with the service principal's certificate (RFC 7523)."""

from __future__ import annotations

import json
import time
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from services.practice.tokens import decode


def problem(assertion: str, client_id: str, certificate_pem: bytes) -> str | None:
    """Why this assertion is not accepted for `client_id`; None if it is."""
    parts = assertion.split(".")
    try:
        header, claims = (json.loads(decode(part)) for part in parts[:2])
        signature = decode(parts[2])
    except (ValueError, IndexError):
        return "the client assertion is not a signed JSON web token"
    if not verifies(header, f"{parts[0]}.{parts[1]}".encode(), signature, certificate_pem):
        return "the key was not found, or the signature does not match the registered certificate"
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        return "the issuer of the client assertion is not the application"
    if float(claims.get("exp", 0)) < time.time():
        return "the client assertion is not within its valid time range"
    return None


def verifies(header: dict[str, Any], signed: bytes, signature: bytes, certificate_pem: bytes) -> bool:
    """Is it signed (RS256 or PS256) with the key of that certificate?"""
    key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if header.get("alg") == "PS256":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    elif header.get("alg") != "RS256":
        return False
    try:
        key.verify(signature, signed, scheme, hashes.SHA256())
    except InvalidSignature:
        return False
    return True
