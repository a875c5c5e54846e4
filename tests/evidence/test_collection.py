"""An export is checked as a whole: also the signatures that were made with it."""

from __future__ import annotations

from pathlib import Path

from services.evidence.collection import add_to_index, verify_all
from services.evidence.export import export
from services.evidence.signing import KeySigner
from services.evidence.verify import Wrong


def test_a_signature_that_is_taken_away_or_put_there_is_found(
    written: Path, tmp_path: Path, signer: KeySigner
) -> None:
    plain, _verdict = export(written, tmp_path / "plain")
    signed, _verdict = export(written, tmp_path / "signed", signer)
    for one in (plain, signed):
        add_to_index(one.parent, [one])
        assert verify_all(one.parent).wrong is None
    signature = (signed / "manifest.json.sig").read_bytes()
    (signed / "manifest.json.sig").unlink()
    (plain / "manifest.json.sig").write_bytes(signature)
    assert verify_all(signed.parent).wrong == Wrong(f"{signed.name}/manifest.json.sig", "missing")
    assert verify_all(plain.parent).wrong == Wrong(f"{plain.name}/manifest.json.sig", "added")
