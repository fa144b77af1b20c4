"""Mail to one person, in plain text: by the operator's mail server, or into a folder where a newcomer can read it.

Knows nothing about what the mails say. The server is the operator's own setting, as the model's is, and so not reached by
the guarded client.
"""

import asyncio
import os
import secrets
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, getaddresses, make_msgid, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from tandem.errors import Problem
from tandem.settings import Settings, WrongSetting

TIMEOUT_S = 10.0
"""How long the server may be silent before a mail counts as not sent."""

PORTS = {"smtp": 587, "smtps": 465}
"""Where mail is handed in (RFC 6409), and where TLS begins at once (RFC 8314)."""

OUTBOX = "outbox"
NOBODY = "Tandem <tandem@localhost>"
"""Whom mails in a folder are from, when nothing else is set."""


class NotMailable(Problem):
    """A mail that would not arrive as it was meant: its address is none, or its subject has more than one line."""

    status, code, title = 422, "not_mailable", "This cannot be sent as a mail"


class MailFailed(Problem):
    """The mail was not sent, or nobody knows whether it was. Look at TANDEM_MAIL_URL and the server that it names."""

    status, code, title = 502, "mail_failed", "The mail could not be sent"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text to one address. Raises NotMailable for what is no address, and for a subject of several lines."""

    to: str
    subject: str
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        address(self.to)
        if not self.subject.isprintable():
            raise NotMailable("The subject of a mail is one line of visible characters.")


class Mailer(Protocol):
    """Something that sends mails."""

    async def send(self, mail: Mail) -> None:
        """Send it. Raises MailFailed."""


@dataclass(frozen=True, slots=True)
class Server:
    """The operator's mail server. `tls`: from the first byte; else by STARTTLS, where it is offered."""

    host: str
    port: int
    tls: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, so that nothing can listen in between."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mails to a server."""

    server: Server
    sender: str

    async def send(self, mail: Mail) -> None:
        """Send it. Raises MailFailed, which names the server and never what it said."""
        where = f"{self.server.host}:{self.server.port}"
        try:
            await asyncio.to_thread(self._hand_in, mail)
        except smtplib.SMTPAuthenticationError as problem:
            raise MailFailed(f"{where} refuses the log-in.") from problem
        except smtplib.SMTPRecipientsRefused as problem:
            raise MailFailed(f"{where} does not take mail for this address.") from problem
        except smtplib.SMTPNotSupportedError as problem:
            raise MailFailed(
                f"{where} does not offer what this mail needs: TLS, a log-in, or such an address."
            ) from problem
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError) as problem:
            raise MailFailed(f"{where} does not answer, or hangs up.") from problem
        except smtplib.SMTPException as problem:
            raise MailFailed(f"{where} did not take the mail.") from problem
        except ssl.SSLError as problem:
            raise MailFailed(f"{where} cannot be spoken to in safety: {problem.reason}.") from problem
        except (OSError, UnicodeError) as problem:
            raise MailFailed(f"{where} does not answer.") from problem

    def _hand_in(self, mail: Mail) -> None:
        """The whole talk with the server, in a thread of its own."""
        server, domain = self.server, parseaddr(self.sender)[1].rpartition("@")[2]
        context = _context(server)
        if server.tls:
            line: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, domain, timeout=TIMEOUT_S, context=context)
        else:
            line = smtplib.SMTP(server.host, server.port, domain, timeout=TIMEOUT_S)
        with line:
            line.ehlo_or_helo_if_needed()
            if not server.tls:
                _secure(line, server, context)
            if server.password:
                line.login(server.user, server.password)
            line.send_message(letter(mail, self.sender), parseaddr(self.sender)[1], [address(mail.to)])


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes each mail into a folder, as a file that mail programs open; only its owner can read it."""

    folder: Path
    sender: str

    async def send(self, mail: Mail) -> None:
        """Write it. Raises MailFailed."""
        try:
            await asyncio.to_thread(self._write, bytes(letter(mail, self.sender)))
        except OSError as problem:
            raise MailFailed(f"{self.folder} cannot be written: {problem.strerror}.") from problem

    def _write(self, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}.eml"
        handle = os.open(self.folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        (self.folder / f".{name}").rename(self.folder / name)  # whoever looks sees whole mails


def open_mailer(settings: Settings) -> Mailer:
    """What TANDEM_MAIL_URL says: `smtp://`, `smtps://`, `folder:`; a folder beside the data when it says nothing. Raises WrongSetting."""
    sender = _sender(settings.mail_from)
    url = settings.mail_url or f"folder:{settings.data_dir / OUTBOX}"
    if url.startswith("folder:"):
        folder = url.removeprefix("folder:").strip()
        if not folder:
            raise WrongSetting("TANDEM_MAIL_URL names no folder; it takes folder:PATH")
        return FolderMailer(Path(folder), sender or NOBODY)
    server = _server(url)
    if not sender:
        raise WrongSetting("TANDEM_MAIL_FROM is empty; mails by a server need an address that they are from")
    return SmtpMailer(server, sender)


def address(text: str) -> str:
    """An address as mail servers are told it, its domain in ASCII. Nobody is asked whether it exists. Raises NotMailable."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as problem:
        raise NotMailable("That is not the address of a mailbox.") from problem
    return found.ascii_email or found.normalized


def letter(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes over the wire. Nobody's out-of-office answers it (RFC 3834)."""
    name, from_address = parseaddr(sender)
    to = address(mail.to)
    message = EmailMessage(SMTP if to.isascii() else SMTPUTF8)
    message["From"] = _headed(from_address, name)
    message["To"] = _headed(to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=from_address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _headed(checked: str, name: str = "") -> Address:
    """An address that was checked, for a header."""
    local, _, domain = checked.rpartition("@")
    return Address(name, local, domain)


def _secure(line: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    """TLS, where it is offered; a password goes to another machine in no other way."""
    if line.has_extn("starttls"):
        line.starttls(context=context)
        line.ehlo()
    elif server.password and not server.is_here:
        raise smtplib.SMTPNotSupportedError("no STARTTLS")


def _context(server: Server) -> ssl.SSLContext:
    """Certificates are checked, but for a server on this machine: it shows one of its own making, and nobody is in between."""
    context = ssl.create_default_context()
    if server.is_here:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _server(url: str) -> Server:
    """Where mail is handed in. What is wrong is said without the setting's value, which holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("its host or port is none") from None
    if parts.scheme not in PORTS:
        raise _wrong("it begins with something else")
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _wrong("it has no host, or something after it; in a password, / ? # @ are written %2F %3F %23 %40")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _wrong("a user needs a password, and a password a user")
    if not (user + password).isascii() or not (user + password).isprintable():
        raise _wrong("its user or password holds something else than visible ASCII characters, which SMTP cannot send")
    return Server(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "smtps", user, password)


def _wrong(why: str) -> WrongSetting:
    forms = "smtp://user:password@host:port, smtps://user:password@host:port, or folder:PATH"
    return WrongSetting(f"TANDEM_MAIL_URL cannot be used: {why}. It takes {forms}")


def _sender(text: str) -> str:
    """`help@example.com` or `Example <help@example.com>`, checked; empty when nothing is set."""
    if not text:
        return ""
    (name, found), *others = getaddresses([text])
    try:
        checked = address(found)
    except NotMailable:
        checked = ""
    if others or not checked or not checked.isascii() or not text.isprintable():
        raise WrongSetting("TANDEM_MAIL_FROM is no address; it takes help@example.com or Example <help@example.com>")
    return str(_headed(checked, name))
