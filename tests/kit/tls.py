"""A certificate authority made in the test, and what it signs."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGAN = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
ENDS = BEGAN + datetime.timedelta(days=3)


class Authority:
    """One authority; its certificate is `ca.pem` in the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = self._built(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        made = own.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str, *, with_key: bool = False) -> tuple[Path, Path]:
        """A certificate for this host and its key, as files; `with_key` puts both into the first, its owner's alone."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        wanted = self._built(subject, key).add_extension(x509.SubjectAlternativeName([name]), critical=False)
        made = wanted.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        ).sign(self._key, hashes.SHA256())
        cert_file, key_file = self._folder / f"{host}.pem", self._folder / f"{host}.key"
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        key_file.write_bytes(private)
        cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + (private if with_key else b""))
        cert_file.chmod(0o600 if with_key else 0o644)
        return cert_file, key_file

    def signs(
        self,
        request: str,
        *,
        begins: datetime.datetime = BEGAN,
        ends: datetime.datetime = ENDS,
        for_server: bool = True,
        named: bool = True,
        authority: bool = False,
    ) -> bytes:
        """A certificate for what a station asks for, in PEM, as an authority makes it or (with changes) should not."""
        asked = x509.load_pem_x509_csr(request.encode())
        assert asked.is_signature_valid
        builder = x509.CertificateBuilder().subject_name(asked.subject).issuer_name(self._name).public_key(asked.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if for_server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        if named:
            names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _built(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(BEGAN).not_valid_after(ENDS)
        return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
