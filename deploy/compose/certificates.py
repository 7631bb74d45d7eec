"""Make the certificates with which PostgreSQL and Kafka show who they are.

`python -m deploy.compose.certificates`, once, and again before they end: an authority of our own
signs one for each server. Its private key is thrown away, so there is none to guard.
"""

import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = Path("tls")
LIFETIME = timedelta(days=825)
SERVERS = ("postgres", "kafka")


@dataclass(frozen=True)
class Certified:
    """A private key and what was certified for it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def key_text(self) -> bytes:
        """The key as PKCS #8 in PEM, without a password: it lies where the server reads it."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def certificate_text(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def authority(now: datetime) -> Certified:
    """Make an authority that may sign servers and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Siku")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _begun(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certified(key, certificate)


def server(names: Sequence[str], by: Certified, now: datetime) -> Certified:
    """Make a server's certificate for the names and addresses under which it is reached."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begun(_name(names[0]), by.certificate.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_place(name) for name in names]), False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), False
        )
        .sign(by.key, hashes.SHA256())
    )
    return Certified(key, certificate)


def write(folder: Path, *beside: str) -> None:
    """Write the authority's certificate and one of each server, valid for ``beside`` as well.

    Only the owner may enter the folder; the files themselves can be read by whoever they are
    mounted for.
    """
    now = datetime.now(UTC)
    signing = authority(now)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "ca.pem").write_bytes(signing.certificate_text)
    for name in SERVERS:
        made = server((name, *beside), signing, now)
        (folder / f"{name}.crt").write_bytes(made.certificate_text)
        (folder / f"{name}.key").write_bytes(made.key_text)
    # Kafka reads key and certificate from one file.
    kafka = (folder / "kafka.key").read_bytes() + (folder / "kafka.crt").read_bytes()
    (folder / "kafka.pem").write_bytes(kafka)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _place(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


if __name__ == "__main__":
    write(FOLDER)
    sys.stdout.write(f"{FOLDER}: ca.pem and the keys of {', '.join(SERVERS)}\n")
