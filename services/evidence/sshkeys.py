"""Keys of OpenSSH: what they sign, and whether a signature is theirs."""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from services.evidence.sshsig import Wire, packed

RSA_SIGNATURE = "rsa-sha2-512"
"""What we sign with; ssh-rsa, which is SHA-1, is neither made nor taken."""
RSA = {RSA_SIGNATURE: hashes.SHA512, "rsa-sha2-256": hashes.SHA256}
CURVES = {
    "ecdsa-sha2-nistp256": (hashes.SHA256, 32),
    "ecdsa-sha2-nistp384": (hashes.SHA384, 48),
    "ecdsa-sha2-nistp521": (hashes.SHA512, 66),
}
ED25519 = "ssh-ed25519"
HARDWARE = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")
UNSUPPORTED = re.compile(r"ssh-dss|[a-z0-9@.-]+-cert-v01@openssh\.com")
TOUCHED = 0x01
"""The flag of a hardware key that somebody was present."""


class UnknownKeyError(Exception):
    """A kind of key that is not supported; the text names it."""


PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def verified(public_key: bytes, algorithm: str, raw: bytes, signed: bytes) -> bool:
    """Whether `raw`, the signature behind the name of its algorithm, is the key's over `signed`.

    UnknownKeyError for certificates and DSA.
    """
    try:
        kind = Wire(public_key).string().decode("ascii")
        wire = Wire(raw)
        signature = wire.string()
        if kind in HARDWARE:
            return algorithm == kind and _hardware(public_key, signature, wire, signed)
        wire.end()
        return _verified(_public(public_key, kind), kind, algorithm, signature, signed)
    except ValueError:
        return False


def _verified(key: PublicKey, kind: str, algorithm: str, signature: bytes, signed: bytes) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if algorithm not in RSA:
                return False
            key.verify(signature, signed, padding.PKCS1v15(), RSA[algorithm]())
        elif algorithm != kind:
            return False
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_der(signature), signed, ec.ECDSA(CURVES[kind][0]()))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _hardware(public_key: bytes, signature: bytes, wire: Wire, signed: bytes) -> bool:
    """PROTOCOL.u2f: the key signs the application, its flags and its counter before the message."""
    flags, counter = wire.take(1), wire.take(4)
    wire.end()
    key = Wire(public_key)
    kind, first = key.string(), key.string()
    point = first if kind == HARDWARE[0].encode("ascii") else key.string()
    application = key.string()
    key.end()
    message = hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(signed).digest()
    try:
        if point is first:
            ed25519.Ed25519PublicKey.from_public_bytes(point).verify(signature, message)
        else:
            curve = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            curve.verify(_der(signature), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return bool(flags[0] & TOUCHED) and (point is first or first == b"nistp256")


def _public(blob: bytes, kind: str) -> PublicKey:
    if UNSUPPORTED.fullmatch(kind):
        raise UnknownKeyError(kind)
    try:
        key = serialization.load_ssh_public_key(kind.encode("ascii") + b" " + base64.b64encode(blob))
    except UnsupportedAlgorithm as error:
        raise ValueError("no kind of key") from error
    if not isinstance(key, PublicKey):
        raise ValueError("no kind of key that signs here")
    return key


def _der(signature: bytes) -> bytes:
    """OpenSSH writes an ECDSA signature as two numbers, cryptography reads them as DER."""
    wire = Wire(signature)
    first, second = wire.string(), wire.string()
    wire.end()
    numbers = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    if (first, second) != (_number(numbers[0]), _number(numbers[1])):
        raise ValueError("a number that is not written in its shortest form")
    return utils.encode_dss_signature(*numbers)


def _number(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def public_blob(key: PrivateKey) -> bytes:
    """The public half as OpenSSH writes it on the wire."""
    shape = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return base64.b64decode(key.public_key().public_bytes(*shape).split()[1])


def signed_with(key: PrivateKey, content: bytes) -> tuple[str, bytes]:
    """The algorithm's name and the signature behind it."""
    if isinstance(key, rsa.RSAPrivateKey):
        return RSA_SIGNATURE, packed(key.sign(content, padding.PKCS1v15(), hashes.SHA512()))
    kind = Wire(public_blob(key)).string().decode("ascii")
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return kind, packed(key.sign(content))
    first, second = utils.decode_dss_signature(key.sign(content, ec.ECDSA(CURVES[kind][0]())))
    return kind, packed(packed(_number(first)) + packed(_number(second)))
