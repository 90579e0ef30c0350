"""Where mail goes out: to an SMTP server, or as files into a folder while none is configured."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponse,
    SMTPResponseException,
)

from settings import Settings

SECONDS = 20  # for each step of a dialogue
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Sender:
    """Through whom mail goes out, and as whom. Without a host it goes into the folder."""

    address: str
    name: str
    host: str = ""
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ours: bool = True  # the platform's; an agency's may not lead into the network of the servers


@dataclass(frozen=True)
class Letter:
    """A message to one person."""

    id: str  # the same for every attempt, so that who gets it twice sees it once
    to: str
    subject: str
    text: str
    html: str
    reply_to: str | None = None


@dataclass
class Delivery:
    """A message that was taken, and what was said."""

    message_id: str
    log: list[str]


class Undelivered(Exception):
    """A message was not taken. `permanent` means: nor will it be, however often it is tried."""

    def __init__(self, reason: str, *, permanent: bool, log: list[str], code: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.log, self.code = reason, permanent, log, code


def folder(settings: Settings) -> Path:
    """Where mail lies that no server was configured for."""
    return settings.data_dir / "mail"


def house_sender(settings: Settings, name: str) -> Sender:
    """The server's own sender, in the name of an agency."""
    host = urlsplit(settings.site_url).hostname or "localhost"
    return Sender(
        settings.mail_from or f"no-reply@{host}",
        name,
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password,
    )


def compose(sender: Sender, letter: Letter) -> EmailMessage:
    """The message with its headers. A line break in any of them is refused with `ValueError`."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = f"<{letter.id}@{sender.address.rpartition('@')[2]}>"
    # Nobody's absence is to be told to a machine.
    message["Auto-Submitted"] = "auto-generated"
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


async def deliver(settings: Settings, sender: Sender, letter: Letter) -> Delivery:
    """Hand a message over. Raises `Undelivered`."""
    try:
        message = compose(sender, letter)
    except ValueError as error:
        raise Undelivered(f"the message cannot be written: {error}", permanent=True, log=[]) from None
    if sender.host:
        guarded = not sender.ours and settings.environment == "production"
        return await _send(sender, letter.to, message, await _outside(sender) if guarded else None)
    await asyncio.to_thread(_file, folder(settings), letter.id, message)
    return Delivery(str(message["Message-ID"]), [])


def _file(where: Path, name: str, message: EmailMessage) -> None:
    where.mkdir(parents=True, exist_ok=True)
    where.joinpath(f"{name}.eml").write_bytes(bytes(message))


class _Dialogue(aiosmtplib.SMTP):
    """An SMTP client that writes down what is said, without what proves who one is."""

    def __init__(self, log: list[str], **options: Any) -> None:
        super().__init__(**options)
        self._log = log
        self._proving = False

    async def execute_command(self, *args: bytes, **options: Any) -> SMTPResponse:
        self._proving = self._proving or args[:1] == (b"AUTH",)
        said = " ".join([*(part.decode("ascii", "replace") for part in args[:2]), "…"]) if self._proving else None
        if self._proving and args[:1] != (b"AUTH",):
            said = "…"
        self._log.append("> " + (said or b" ".join(args).decode("utf-8", "replace")))
        answer = await super().execute_command(*args, **options)
        self._proving = self._proving and answer.code == 334
        self.heard(answer)
        return answer

    async def data(self, message: str | bytes, /, **options: Any) -> SMTPResponse:
        self._log.append(f"> DATA ({len(message)} bytes)")
        answer = await super().data(message, **options)
        self.heard(answer)
        return answer

    def heard(self, answer: SMTPResponse) -> None:
        self._log.extend(f"< {answer.code} {line}" for line in answer.message.splitlines() or [""])


async def _outside(sender: Sender) -> socket.socket:
    """A connection to a server an agency named, which must not be a machine of our own network."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(SECONDS):
            found = (await loop.getaddrinfo(sender.host, sender.port, type=socket.SOCK_STREAM))[0]
            if not ipaddress.ip_address(found[4][0]).is_global:
                raise Undelivered(f"{sender.host} is not a public mail server", permanent=False, log=[])
            connection = socket.socket(*found[:3])
            try:
                connection.setblocking(False)
                await loop.sock_connect(connection, found[4])
            except BaseException:
                connection.close()
                raise
    except (OSError, TimeoutError) as error:
        raise Undelivered(f"{sender.host} cannot be reached: {error}", permanent=False, log=[]) from None
    return connection


async def _send(sender: Sender, to: str, message: EmailMessage, connection: socket.socket | None) -> Delivery:
    log: list[str] = []
    client = _Dialogue(
        log,
        hostname=sender.host,
        port=sender.port if connection is None else None,
        sock=connection,
        timeout=SECONDS,
        use_tls=sender.security == "tls",
        start_tls=sender.security == "starttls",
        username=sender.username or None,
        password=sender.password or None,
        local_hostname=sender.address.rpartition("@")[2],
    )
    try:
        log.append(f"= {sender.host}:{sender.port}")
        async with client:
            await client.send_message(message, sender=sender.address, recipients=[to])
    except SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        raise _undelivered(refused.code, refused.message, log) from None
    except SMTPAuthenticationError as error:
        # Wrong is the password, not the message: it goes out once that is put right.
        raise _undelivered(error.code, error.message, log, permanent=False) from None
    except SMTPResponseException as error:
        raise _undelivered(error.code, error.message, log) from None
    except (SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
        reason = f"{type(error).__name__}: {error}"
        log.append(f"! {reason}")
        raise Undelivered(reason, permanent=False, log=log) from None
    return Delivery(str(message["Message-ID"]), log)


def _undelivered(code: int, said: str, log: list[str], *, permanent: bool | None = None) -> Undelivered:
    """A server's refusal; 5xx is meant for good."""
    if not any(line.startswith(f"< {code}") for line in log):
        log.append(f"< {code} {said}")
    return Undelivered(
        f"{code} {' '.join(said.split())}",
        permanent=code >= 500 if permanent is None else permanent,
        log=log,
        code=code,
    )
