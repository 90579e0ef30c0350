"""The way of a property from the first visit to the notary: which step may follow, and what each step needs."""

from domain.errors import ErrorCode, Problem, texts
from domain.properties.kinds import SALES, MarketingType, PropertyStatus

texts(
    {
        "property.reserved_needs": (
            "A reservation needs a reason or a deal.",
            "Eine Reservierung braucht einen Grund oder ein Geschäft.",
        ),
        "property.closing_price_needed": (
            "The real price or rent at closing is needed.",
            "Der tatsächliche Preis oder die Miete beim Abschluss ist anzugeben.",
        ),
        "property.reason_needed": (
            "Taking back a closed property needs a reason.",
            "Ein abgeschlossenes Objekt zurückzunehmen braucht einen Grund.",
        ),
        "property.status_at_creation": (
            "A new property cannot begin as {to}.",
            "Ein neues Objekt kann nicht mit {to} beginnen.",
        ),
    }
)

_S = PropertyStatus

AT_CREATION = (_S.ACQUISITION, _S.PREPARATION, _S.AVAILABLE)
CLOSED = frozenset({_S.SOLD, _S.RENTED})

TRANSITIONS: dict[PropertyStatus, tuple[PropertyStatus, ...]] = {
    _S.ACQUISITION: (_S.PREPARATION, _S.WITHDRAWN),
    _S.PREPARATION: (_S.AVAILABLE, _S.WITHDRAWN),
    _S.AVAILABLE: (_S.RESERVED, _S.WITHDRAWN),
    _S.RESERVED: (_S.AVAILABLE, _S.SOLD, _S.RENTED, _S.WITHDRAWN),
    _S.SOLD: (_S.WITHDRAWN,),
    _S.RENTED: (_S.WITHDRAWN,),
    _S.WITHDRAWN: (_S.PREPARATION,),
}


def closing_status(marketing_type: MarketingType) -> PropertyStatus:
    """How a successful marketing ends: SOLD for sales, RENTED for lettings."""
    return _S.SOLD if marketing_type in SALES else _S.RENTED


def allowed_statuses(
    status: PropertyStatus | None, marketing_type: MarketingType, can_manage: bool = False
) -> list[PropertyStatus]:
    """The statuses that may follow, in the order of the life cycle; `None` asks for those of a new property.

    `can_manage` is the right to take back a sold or let property.
    """
    if status is None:
        return list(AT_CREATION)
    if status in CLOSED and not can_manage:
        return []
    wrong_end = CLOSED - {closing_status(marketing_type)}
    return [target for target in TRANSITIONS[status] if target not in wrong_end]


def transition(
    status: PropertyStatus | None, target: PropertyStatus, marketing_type: MarketingType, can_manage: bool = False
) -> list[Problem]:
    """Why a status may not follow; empty when it may, or when it is the present one (then nothing happens)."""
    allowed = allowed_statuses(status, marketing_type, can_manage)
    if target is status or target in allowed:
        return []
    details = {
        "from": status.value if status else None,
        "to": target.value,
        "allowed": [step.value for step in allowed],
    }
    rule = None if status else "property.status_at_creation"
    return [Problem(ErrorCode.INVALID_TRANSITION, ("status",), rule, details)]


def needed_for(
    status: PropertyStatus,
    target: PropertyStatus,
    *,
    reason: str | None = None,
    has_deal: bool = False,
    has_closing_price: bool = False,
) -> list[Problem]:
    """What an allowed step still lacks, besides what `missing_for_available` asks for."""
    stated = bool(reason and reason.strip())
    if target is status:
        return []
    if target is _S.RESERVED and not (stated or has_deal):
        return [Problem(ErrorCode.VALIDATION_ERROR, ("reason",), "property.reserved_needs")]
    if target in CLOSED and not has_closing_price:
        return [Problem(ErrorCode.VALIDATION_ERROR, ("closingPrice",), "property.closing_price_needed")]
    if status in CLOSED and not stated:
        return [Problem(ErrorCode.VALIDATION_ERROR, ("reason",), "property.reason_needed")]
    return []
