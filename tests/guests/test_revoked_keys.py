"""A key marked @revoked is refused, whoever else vouches for it."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from services.guests.host_keys import HostKeyError, HostKeys


@pytest.mark.parametrize("names", ["10.1.0.11", "*", "10.1.0.*,web", "[10.1.0.11]:2222,10.1.0.11"])
def test_a_revoked_key_is_refused_even_when_it_is_known(tmp_path: Path, names: str) -> None:
    key = paramiko.ECDSAKey.generate()
    users = tmp_path / "users"
    users.write_text(f"@revoked {names} {key.get_name()} {key.get_base64()}\n")
    keys = HostKeys(tmp_path / "own", [users])
    keys.remember("10.1.0.11", 22, key)
    with pytest.raises(HostKeyError) as refused:
        keys.check("10.1.0.11", 22, key)
    assert refused.value.problems[0].code == "host-key-revoked"


def test_another_key_or_another_host_is_not_touched_by_it(tmp_path: Path) -> None:
    key, other = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    users = tmp_path / "users"
    users.write_text(f"@revoked 10.1.0.12 {key.get_name()} {key.get_base64()}\n@revoked\n@revoked x\n")
    keys = HostKeys(tmp_path / "own", [users])
    keys.remember("10.1.0.11", 22, key)
    keys.remember("10.1.0.12", 22, other)
    keys.check("10.1.0.11", 22, key)
    keys.check("10.1.0.12", 22, other)
