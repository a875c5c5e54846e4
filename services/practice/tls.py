"""Certificates of the practice world: an authority for Azure, another for the Hub, a client certificate."""

from __future__ import annotations

import datetime
import os
import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "127.0.0.1")


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in one step."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    fresh.replace(path)


def authority(folder: Path, name: str) -> tuple[Path, Path]:
    """The CA file and the server's key-and-chain file of one endpoint, made once and kept."""
    ca_file, server_file = folder / f"{name}ca.pem", folder / f"{name}server.pem"
    if not (ca_file.exists() and server_file.exists()):
        ca = trustme.CA(organization_name="Lifeboat practice", organization_unit_name=name or "azure")
        leaf = ca.issue_cert(*NAMES, common_name="localhost")
        write_private(server_file, leaf.private_key_and_cert_chain_pem.bytes())
        write_private(ca_file, ca.cert_pem.bytes())
    return ca_file, server_file


def server_context(server_file: Path) -> ssl.SSLContext:
    """A TLS server context for that file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)
    return context


def client_certificate(path: Path) -> Path:
    """A self-signed certificate with its key, for signing in as the service principal."""
    if path.exists():
        return path
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lifeboat-practice")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=730))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(path, pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path
