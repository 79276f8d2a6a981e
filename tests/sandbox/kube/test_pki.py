import stat
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from sandbox.kube import pki


def test_a_certificate_carries_user_groups_and_addresses_and_its_authority_signed_it(tmp_path: Path) -> None:
    authority = pki.create_authority(tmp_path / "pki", "test")
    pair = pki.issue(authority, "admin", "ada", groups=["system:masters"], addresses=["127.0.0.1", "localhost"])
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate.read_bytes()))
    subject = certificate.subject
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == ["system:masters"]
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["ada"]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one.value) for one in names] == ["127.0.0.1", "localhost"]


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    authority = pki.create_authority(tmp_path / "pki", "test")
    pki.issue(authority, "admin", "ada")
    pki.create_signing_key(authority.folder, "service-account")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.iterdir()}
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
