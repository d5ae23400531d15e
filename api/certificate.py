"""The station's certificate and key: made on the first run, or signed by the hospital's own authority (ecosystem C10).

Both lie in the state folder, the key its owner's alone. Who made the certificate is seen in it: one that signs itself is our
own, which no browser knows; any other was installed, and only then may browsers be told to come by HTTPS for ever.
"""

from __future__ import annotations

import datetime
import ipaddress
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drivers.faults import Refused, SiteFault

CERTIFICATE, KEY = "tls.pem", "tls.key"
LASTS = datetime.timedelta(days=397)
"""No browser takes a server's certificate that lasts longer than 398 days."""
EARLIER = datetime.timedelta(hours=1)
"""A clock elsewhere may be behind ours."""
WARNED = datetime.timedelta(days=60)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Certificate:
    """What this station shows who comes over the network. `fingerprint` is the SHA-256 of the certificate itself."""

    chain: Path
    key: Path
    fingerprint: bytes
    names: tuple[str, ...]
    """Names and addresses that it is for."""
    ends: datetime.datetime
    own: bool
    """Made here, and known to no browser."""

    def says(self, now: datetime.datetime) -> str | None:
        """`certificate-ended`, `certificate-ends` within 60 days of its end, or nothing."""
        if now >= self.ends:
            return "certificate-ended"
        return "certificate-ends" if now >= self.ends - WARNED else None


def ready(state: Path, names: Sequence[str], now: datetime.datetime) -> Certificate:
    """The certificate in the state folder; on the first run it is made, and the key with it where `galenic tls csr` has not
    made that. Raises SiteFault("certificate-wrong"), OSError."""
    if not (state / CERTIFICATE).exists():
        make(state, names, now)
    return found(state)


def found(state: Path) -> Certificate:
    """The certificate that is there. Raises SiteFault("certificate-wrong") where certificate and key cannot be used."""
    chain = _chain(state / CERTIFICATE)
    if not _is_of(chain[0], _key(state / KEY)):
        raise _wrong(state / CERTIFICATE, f"it is of another key than {state / KEY}")
    leaf = chain[0]
    return Certificate(
        chain=state / CERTIFICATE,
        key=state / KEY,
        fingerprint=leaf.fingerprint(hashes.SHA256()),
        names=_names(leaf),
        ends=leaf.not_valid_after_utc,
        own=leaf.issuer == leaf.subject,
    )


def make(state: Path, names: Sequence[str], now: datetime.datetime) -> None:
    """A certificate that signs itself, for 397 days, in place of the one that is there. Raises as `ready`."""
    key, name = _key_or_new(state), _subject(names)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - EARLIER).not_valid_after(now - EARLIER + LASTS)
    builder = builder.add_extension(_alternatives(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    _write(state / CERTIFICATE, builder.sign(key, hashes.SHA256()).public_bytes(PEM), 0o644)


def request(state: Path, names: Sequence[str]) -> str:
    """What the hospital's authority signs, in PEM, for these names; the key never leaves the station. Raises as `ready`."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_subject(names))
    builder = builder.add_extension(_alternatives(names), critical=False)
    return builder.sign(_key_or_new(state), hashes.SHA256()).public_bytes(PEM).decode()


def install(state: Path, content: bytes, now: datetime.datetime) -> Certificate:
    """Puts a signed certificate (PEM; after it those that signed it) in place. Nothing has changed where it is refused.

    Raises Refused("certificate-refused") that says why, SiteFault("certificate-wrong") where the station has no key, OSError.
    """
    key = _key(state / KEY)
    try:
        chain = x509.load_pem_x509_certificates(content)
    except ValueError as why:
        raise _refused("there is no certificate in PEM form in it") from why
    for reason in (_not_ours(chain[0], key), _not_now(chain[0], now), _not_a_server(chain[0]), _not_a_chain(chain)):
        if reason is not None:
            raise _refused(reason)
    _write(state / CERTIFICATE, b"".join(one.public_bytes(PEM) for one in chain), 0o644)
    return found(state)


# --- why one is refused


def _not_ours(leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> str | None:
    if _is_of(leaf, key):
        return None
    return "it is of another key than this station's; have the request signed that `galenic tls csr` prints"


def _not_now(leaf: x509.Certificate, now: datetime.datetime) -> str | None:
    if now >= leaf.not_valid_after_utc:
        return f"it ended on {leaf.not_valid_after_utc.date()}"
    return f"it begins on {leaf.not_valid_before_utc.date()}" if now < leaf.not_valid_before_utc else None


def _not_a_server(leaf: x509.Certificate) -> str | None:
    extensions = leaf.extensions
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            return "it is an authority's, not a server's; put the server's certificate first"
        if isinstance(value, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.SERVER_AUTH not in value:
            return "it is not for a server (its extended key usage lacks serverAuth)"
    return None if _names(leaf) else "it names no host as an alternative name (SAN), and browsers look nowhere else"


def _not_a_chain(chain: Sequence[x509.Certificate]) -> str | None:
    for number, (one, by) in enumerate(itertools.pairwise(chain), start=1):
        try:
            one.verify_directly_issued_by(by)
        except (InvalidSignature, TypeError, ValueError):
            return f"certificate {number} in it was not signed by the one after it; put the server's first, then who signed it"
    return None


# --- inside


def _chain(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError as why:
        raise _wrong(path, "it is not there") from why
    except ValueError as why:
        raise _wrong(path, "it is no certificate in PEM form") from why


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        mode, content = path.stat().st_mode & 0o777, path.read_bytes()
    except FileNotFoundError as why:
        raise _wrong(path, "it is not there; `galenic tls csr` makes one") from why
    if mode & 0o077:
        raise _wrong(path, f"others than its owner may read it (mode {mode:o}); make it 600, and the certificate anew")
    try:
        key = serialization.load_pem_private_key(content, None)
    except (ValueError, TypeError) as why:
        raise _wrong(path, "it is no private key in PEM form") from why
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _wrong(path, "it is not one that this station has made")
    return key


def _key_or_new(state: Path) -> ec.EllipticCurvePrivateKey:
    if not (state / KEY).exists():
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = ec.generate_private_key(ec.SECP256R1())
        plain = serialization.NoEncryption()
        _write(state / KEY, new.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain), 0o600)
    return _key(state / KEY)


def _subject(names: Sequence[str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_alternative(name) for name in names])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        value = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*value.get_values_for_type(x509.DNSName), *map(str, value.get_values_for_type(x509.IPAddress)))


def _is_of(leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bool:
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return leaf.public_key().public_bytes(*form) == key.public_key().public_bytes(*form)


def _write(path: Path, content: bytes, mode: int) -> None:
    """In one step, on the disk, and never readable by others in between."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _wrong(path: Path, why: str) -> SiteFault:
    return SiteFault("certificate-wrong", path=str(path), why=why)


def _refused(why: str) -> Refused:
    return Refused("certificate-refused", why=why)
