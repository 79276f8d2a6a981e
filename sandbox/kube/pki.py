"""Make the certificates of a cluster, from an authority of its own.

P-256 keys, because they are quick to make; files are written 0600 before anything is in them. Nothing in the sandbox
skips verification, so that a client that would fail against a real cluster fails here too.
"""

import base64
import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox import private

LIFETIME = dt.timedelta(days=365)
CLOCK_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority and the folder that its certificates go to."""

    folder: Path
    name: x509.Name
    signing_key: ec.EllipticCurvePrivateKey

    @property
    def certificate(self) -> Path:
        """The authority's own certificate, PEM."""
        return self.folder / "ca.crt"

    def encoded(self) -> str:
        """Return the base64 of the certificate's PEM, as kubeconfigs and EKS carry it."""
        return base64.b64encode(self.certificate.read_bytes()).decode()


def create_authority(folder: Path, common_name: str) -> Authority:
    """Make a new authority in an own folder (0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )
    authority = Authority(folder=folder, name=name, signing_key=key)
    private.write(authority.certificate, _pem(builder.sign(key, hashes.SHA256())))
    return authority


def issue(
    authority: Authority, file: str, common_name: str, *, groups: Sequence[str] = (), addresses: Sequence[str] = ()
) -> KeyPair:
    """Issue a certificate for servers and clients alike; `groups` become organisations, which Kubernetes reads."""
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    subject = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = (
        _builder(subject, authority.name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(usages, critical=False)
    )
    if addresses:
        names = x509.SubjectAlternativeName([_general_name(address) for address in addresses])
        builder = builder.add_extension(names, critical=False)
    pair = KeyPair(certificate=authority.folder / f"{file}.crt", key=authority.folder / f"{file}.key")
    private.write(pair.certificate, _pem(builder.sign(authority.signing_key, hashes.SHA256())))
    private.write(pair.key, _private_pem(key))
    return pair


def create_signing_key(folder: Path, file: str) -> KeyPair:
    """Make a key pair that signs service account tokens; `certificate` is the bare public key."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pair = KeyPair(certificate=folder / f"{file}.pub", key=folder / f"{file}.key")
    private.write(pair.certificate, public)
    private.write(pair.key, _private_pem(key))
    return pair


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
