"""A real mail server on loopback that keeps what it is handed, as its operator might have set it up."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ELSEWHERE = "0.0.0.0"
"""An address of this machine that is none of the loopback network's: it stands for another machine."""


@dataclass  # without slots: the server looks at every member of it, which Python 3.11.2 cannot do then
class Post:
    """What came. `log_ins` are the passwords that were said, each with whether the line was encrypted."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    log_ins: list[tuple[str, bool]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The end of a mail."""
        assert isinstance(envelope.content, bytes)
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None)
        return self.answer


@asynccontextmanager
async def delivering(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: str | None = None,
    **more: Any,
) -> AsyncIterator[Post]:
    """A server for the length of the block. `password`: what a log-in takes."""
    post = Post()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        post.log_ins.append((said.password.decode(), session.ssl is not None))
        return AuthResult(success=said.password.decode() == password, handled=False)

    def talk() -> SMTP:
        return SMTP(
            post,
            hostname="mail.test",
            tls_context=starttls,
            authenticator=authenticate,
            auth_require_tls=False,
            auth_required=password is not None,
            enable_SMTPUTF8=True,
            **more,
        )

    server = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", 0, ssl=tls)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()


def certificate(folder: Path, address: str = ELSEWHERE) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for an address, and the file of the certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mail.crt", folder / "mail.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
