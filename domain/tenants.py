"""Rules of an agency's settings: opening hours, networks members may come from, features that are on for some."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from uuid import UUID

TRASH_DAYS = 30

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
BUSINESS_HOURS = {day: [{"from": "09:00", "to": "18:00"}] for day in DAYS[:5]}
MAX_HOURS_A_DAY = 4
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def hours_problem(hours: Any) -> tuple[str, ...] | None:
    """The path of what is wrong with opening hours; None when they can be kept.

    An object of lists by day: `{"MONDAY": [{"from": "09:00", "to": "18:00"}]}`, in order and without overlap.
    """
    if not isinstance(hours, dict):
        return ()
    for day, spans in hours.items():
        if day not in DAYS:
            return (str(day)[:20],)
        if not isinstance(spans, list) or len(spans) > MAX_HOURS_A_DAY:
            return (day,)
        before = "00:00"
        for index, span in enumerate(spans):
            if not _is_span(span) or not before <= span["from"] < span["to"]:
                return (day, str(index))
            before = span["to"]
    return None


def _is_span(span: Any) -> bool:
    return (
        isinstance(span, dict)
        and span.keys() == {"from", "to"}
        and all(isinstance(time, str) and _TIME.fullmatch(time) for time in span.values())
    )


def network(text: str) -> str | None:
    """A network in its usual form; an address is a network of one. None when it is neither."""
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return None


@lru_cache(maxsize=1_000)
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in texts)


def admits(networks: Sequence[str], address: str) -> bool:
    """Whether somebody may come from this address: no networks admit everybody. An unknown address is in none."""
    if not networks:
        return True
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in known for known in _networks(tuple(networks)))


def is_active(key: str, member: UUID, *, enabled: bool, percentage: int) -> bool:
    """Whether a feature is on for a member: always the same answer, and once on it stays on as more members get it."""
    digest = hashlib.sha256(f"{key}:{member}".encode()).digest()
    return enabled and int.from_bytes(digest[:8]) % 100 < percentage


_VAT_ID = re.compile(r"DE[0-9]{9}")


def vat_id(text: str) -> str | None:
    """A German VAT number without blanks; None when it cannot be one."""
    found = re.sub(r"[\s.-]", "", text).upper()
    return found if _VAT_ID.fullmatch(found) else None


_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)*{_LABEL}")


def host(name: str) -> bool:
    """Whether this is the name of a server, or its IPv4 address."""
    return len(name) <= 253 and _HOST.fullmatch(name) is not None
