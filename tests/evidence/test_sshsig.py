"""What OpenSSH signs is read here, and what is signed here OpenSSH verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence import signers, sshsig
from services.evidence.signing import signer
from services.problems.model import ProblemError, UsageError

MESSAGE = b"what is signed\n"
KINDS = {
    "ed25519": ["-t", "ed25519"],
    "rsa": ["-t", "rsa", "-b", "2048"],
    "p256": ["-t", "ecdsa", "-b", "256"],
    "p384": ["-t", "ecdsa", "-b", "384"],
    "p521": ["-t", "ecdsa", "-b", "521"],
}
PASSPHRASE = "a long passphrase"


def openssh(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def keygen(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [openssh("ssh-keygen"), *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for kind, options in KINDS.items():
        made = keygen("-q", *options, "-N", "", "-C", "ann", "-f", folder / kind)
        assert made.returncode == 0, made.stderr
    locked = keygen("-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", folder / "locked")
    assert locked.returncode == 0, locked.stderr
    return folder


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The path of a socket is short.
    socket = Path(f"/tmp/lifeboat-agent-{os.getpid()}")
    process = subprocess.Popen([openssh("ssh-agent"), "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield
    process.terminate()
    process.wait()
    process.stdout.close()
    socket.unlink(missing_ok=True)


def add(path: Path) -> None:
    subprocess.run([openssh("ssh-add"), "-q", str(path)], check=True, timeout=60, capture_output=True)


def accepted(keys: Path, kind: str, text: str, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    """What ssh-keygen -Y verify says to one of our signatures."""
    (tmp_path / "sig").write_text(text)
    (tmp_path / "signers").write_text("ann@contoso.example " + (keys / f"{kind}.pub").read_text())
    return keygen(
        "-Y", "verify", "-f", tmp_path / "signers", "-I", "ann@contoso.example", "-n", "lifeboat-evidence",
        "-s", tmp_path / "sig", given=MESSAGE,
    )  # fmt: skip


def never() -> str:
    raise AssertionError("nobody should be asked")


@pytest.mark.parametrize("kind", KINDS)
def test_openssh_verifies_ours(keys: Path, kind: str, tmp_path: Path) -> None:
    text = signer(keys / kind, never).sign(MESSAGE, "lifeboat-evidence")
    said = accepted(keys, kind, text, tmp_path)
    assert said.returncode == 0, said.stderr
    assert sshsig.verify(MESSAGE, text.encode(), "lifeboat-evidence").fingerprint.encode() in said.stdout


@pytest.mark.parametrize("kind", [*KINDS, "p521"])
@pytest.mark.parametrize("hashed", ["sha512", "sha256"])
def test_ours_verifies_openssh(keys: Path, kind: str, hashed: str) -> None:
    made = keygen(
        "-Y", "sign", "-q", "-f", keys / kind, "-n", "lifeboat-approval", "-O", f"hashalg={hashed}",
        given=MESSAGE,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    found = sshsig.verify(MESSAGE, made.stdout, "lifeboat-approval")
    listed = keygen("-l", "-f", keys / f"{kind}.pub").stdout.decode()
    assert found.fingerprint == listed.split()[1]
    with pytest.raises(ProblemError, match="altered"):
        sshsig.verify(MESSAGE + b".", made.stdout, "lifeboat-approval")
    with pytest.raises(ProblemError, match="not for 'lifeboat-evidence'"):
        sshsig.verify(MESSAGE, made.stdout, "lifeboat-evidence")


def test_key_with_a_passphrase_asks_once(keys: Path, tmp_path: Path) -> None:
    asked = []

    def answer() -> str:
        asked.append(1)
        return PASSPHRASE

    text = signer(keys / "locked", answer).sign(MESSAGE, "lifeboat-evidence")
    assert accepted(keys, "locked", text, tmp_path).returncode == 0
    assert len(asked) == 1


def test_wrong_passphrase_is_a_sentence_without_it(keys: Path) -> None:
    with pytest.raises(UsageError, match="passphrase is wrong") as told:
        signer(keys / "locked", lambda: "guessed wrongly")
    assert "guessed" not in str(told.value) + repr(told.value.problems)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "p384"])
def test_agent_signs(keys: Path, kind: str, tmp_path: Path, agent: None) -> None:
    add(keys / kind)
    for key in (keys / f"{kind}.pub", None):
        text = signer(key, never).sign(MESSAGE, "lifeboat-evidence")
        said = accepted(keys, kind, text, tmp_path)
        assert said.returncode == 0, said.stderr


def test_agent_with_two_keys_wants_one_named(keys: Path, agent: None) -> None:
    add(keys / "rsa")
    add(keys / "p384")
    with pytest.raises(ProblemError, match="2 keys"):
        signer(None, never)


def test_agent_without_the_key_is_a_sentence(keys: Path, agent: None) -> None:
    with pytest.raises(ProblemError, match="does not hold this key"):
        signer(keys / "rsa.pub", never).sign(MESSAGE, "lifeboat-evidence")


def test_no_key_at_all_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nothing of the kind")
    for path in (tmp_path / "key", tmp_path / "absent"):
        with pytest.raises(UsageError, match="does not serve as a key"):
            signer(path, never)


def test_certificate_is_refused_with_a_sentence(keys: Path, tmp_path: Path) -> None:
    shutil.copy(keys / "p256", tmp_path / "user")
    shutil.copy(keys / "p256.pub", tmp_path / "user.pub")
    made = keygen("-q", "-s", keys / "ed25519", "-I", "ann", "-n", "ann", tmp_path / "user.pub")
    assert made.returncode == 0, made.stderr
    signed = keygen("-Y", "sign", "-q", "-f", tmp_path / "user-cert.pub", "-n", "x", given=MESSAGE)
    if b"BEGIN SSH SIGNATURE" not in signed.stdout:
        pytest.skip("this ssh-keygen signs with no certificate")
    with pytest.raises(ProblemError, match="kind of key that cannot be checked"):
        sshsig.verify(MESSAGE, signed.stdout, "x")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300))
def test_foreign_bytes_are_no_signature(content: bytes) -> None:
    whole = f"{sshsig.BEGIN}\n".encode() + content + f"\n{sshsig.END}\n".encode()
    for text in (content, whole):
        with pytest.raises(ProblemError, match="no signature"):
            sshsig.verify(MESSAGE, text, "x")


@pytest.mark.parametrize(
    ("patterns", "name", "fits"),
    [
        ("ann@x", "ann@x", True),
        ("*@x,!bob@x", "ann@x", True),
        ("*@x,!bob@x", "bob@x", False),
        ("a?n@x", "ann@x", True),
        ("[ab]@x", "a@x", False),
        ("[ab]@x", "[ab]@x", True),
        ("ann@x", "ann@xy", False),
    ],
)
def test_pattern_lists_are_those_of_openssh(patterns: str, name: str, fits: bool) -> None:
    assert signers.matches(patterns, name) is fits
