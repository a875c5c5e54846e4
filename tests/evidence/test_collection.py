"""An export is checked as a whole: also the signatures that were made with it."""

from __future__ import annotations

from pathlib import Path

from services.evidence.collection import add_to_index, verify_all, verify_one
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


def test_one_folder_of_an_export_is_held_against_the_index_beside_it(
    written: Path, tmp_path: Path, signer: KeySigner
) -> None:
    signed, _verdict = export(written, tmp_path / "export", signer)
    index = signed.parent / "index.json"
    add_to_index(signed.parent, [signed])
    assert verify_one(signed).wrong is None
    (signed / "manifest.json.sig").unlink()
    assert verify_one(signed).wrong == Wrong("manifest.json.sig", "missing")
    index.write_bytes(index.read_bytes() + b" ")
    assert verify_one(signed).wrong == Wrong("../index.json", "altered")
    index.write_text('{"pages": []}')  # somebody else's
    assert verify_one(signed).wrong is None
    index.unlink()
    assert verify_one(signed).wrong is None
