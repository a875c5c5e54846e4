"""sshd's files as sshd reads them: the first value, Match blocks, Include."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readiness.fixes import edits
from services.readiness.sshd_settings import Peer, effective, first, matches, read
from tests.guests.openssh import SSHD

PEER = Peer("10.1.0.5")


def value(name: str, start: str, **files: str) -> str | None:
    texts = {"/etc/ssh/sshd_config": start}
    texts |= {f"/etc/ssh/sshd_config.d/{key}.conf": text for key, text in files.items()}
    found = first(read(texts, "/etc/ssh/sshd_config", PEER), name)
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X11Forwarding no\nX11Forwarding yes\n", "no"),
        ("#X11Forwarding no\n  x11forwarding=yes\n", "yes"),
        ("X11Forwarding no\nMatch User root\nX11Forwarding yes\n", "yes"),
        ("X11Forwarding no\nMatch User bob\nX11Forwarding yes\n", "no"),
        ("X11Forwarding no\nMatch User root,!r*t\nX11Forwarding yes\n", "no"),
        (
            "X11Forwarding no\nMatch Address 10.1.0.0/24\nX11Forwarding yes\nMatch all\nX11Forwarding no",
            "yes",
        ),
        ("Match Address 10.9.0.0/16\nX11Forwarding yes\n", None),
        ("", None),
    ],
)
def test_what_counts(text: str, expected: str | None) -> None:
    assert value("X11Forwarding", text) == expected


def test_includes_come_where_they_stand_and_end_their_own_match() -> None:
    start = "Include sshd_config.d/*.conf\nX11Forwarding yes\n"
    assert value("X11Forwarding", start, b="X11Forwarding no", a="Match User x") == "no"
    assert value("X11Forwarding", f"X11Forwarding yes\n{start}", b="X11Forwarding no") == "yes"
    inside = "Match User bob\nInclude sshd_config.d/*.conf\n"
    assert value("X11Forwarding", inside, a="Match User root\nX11Forwarding no") is None


def test_a_match_on_what_is_not_known_is_not_sure() -> None:
    text = "Match Host jump.example\nX11Forwarding yes\n"
    found = first(read({"c": text}, "c", PEER), "x11forwarding")
    assert found is not None
    assert not found.sure


def test_an_error_message_is_no_setting() -> None:
    assert effective("sshd: illegal option -- T\nusage: sshd [-46DdeiqTt]\n") == {}


PATTERNS = st.sampled_from(["root", "r*", "!root", "bob", "*", "r??t", "!b*,root"])
NETS = st.sampled_from(["10.1.0.5", "10.1.0.0/24", "10.9.0.0/16", "!10.1.0.5,10.1.0.0/16", "10.1.*"])
CRITERION = st.one_of(
    st.tuples(st.just("User"), PATTERNS),
    st.tuples(st.just("Address"), NETS),
    st.tuples(st.just("Group"), PATTERNS),
)
BLOCK = st.tuples(st.lists(CRITERION, min_size=1, max_size=2), st.sampled_from(["yes", "no"]))


@pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")
def test_the_same_as_sshd_itself(tmp_path: Path) -> None:
    """sshd -T is the judge of what the files mean."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
    config = tmp_path / "config"

    @given(st.sampled_from(["yes", "no", ""]), st.lists(BLOCK, max_size=3))
    def judged(above: str, blocks: list[tuple[list[tuple[str, str]], str]]) -> None:
        text = f"HostKey {key}\n" + (f"PasswordAuthentication {above}\n" if above else "")
        for criteria, inside in blocks:
            words = " ".join(f"{name} {pattern}" for name, pattern in criteria)
            text += f"Match {words}\n\tPasswordAuthentication {inside}\n"
        config.write_text(text)
        asked = [str(SSHD), "-T", "-f", str(config), "-C", "user=root,host=10.1.0.5,addr=10.1.0.5"]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20)
        found = first(read({"c": text}, "c", PEER), "PasswordAuthentication")
        assert effective(ran.stdout)["passwordauthentication"] == [found.value if found else "yes"], text

    judged()


@given(st.text())
def test_any_line_of_match_has_a_verdict(criteria: str) -> None:
    assert matches(criteria, PEER) in (True, False, None)


@given(st.binary(max_size=400))
def test_edits_keep_every_other_byte(data: bytes) -> None:
    assert edits.encoded(edits.decoded(data)) == data
    added = edits.with_setting(data, "PermitRootLogin yes")
    assert (
        added.replace(b"PermitRootLogin yes\n", b"", 1).rstrip(b"\r\n") == data.rstrip(b"\r\n")
        or b"\r" in data
    )
    hosts = edits.with_hosts(data, ["10.1.0.5"], "a")
    assert hosts.startswith(data)
    assert hosts.endswith(b"10.1.0.5\ta\n")
