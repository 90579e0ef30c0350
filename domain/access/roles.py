"""The built-in roles: what each may do, which scopes its tokens carry, who may grant it."""

from collections.abc import Collection
from enum import Enum, StrEnum

from domain.access.keys import KEYS, P, of, own


class Role(StrEnum):
    """Built-in role of a member within one agency."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    AGENT = "AGENT"
    CUSTOMER = "CUSTOMER"

    @property
    def rank(self) -> int:
        """Height of the role, 4 for OWNER down to 0 for CUSTOMER."""
        return _RANKS[self]


_RANKS = {role: rank for rank, role in enumerate(reversed(Role))}


class Scope(StrEnum):
    """What a token may be used for, besides the permissions of its owner."""

    READ = "READ"
    WRITE = "WRITE"
    DELETE = "DELETE"
    ADMIN = "ADMIN"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    Role: (
        "Built-in role of a member within one agency, highest first.",
        {
            "OWNER": "May do everything, including billing and the deletion of the agency; there is always one.",
            "ADMIN": "May do everything except changes to the plan and the subscription.",
            "MANAGER": "Runs the business: all records, no administration of members and settings.",
            "AGENT": "Works on own records and those of the team.",
            "CUSTOMER": "A client in the portal, tied to one contact; sees what is public or shared with them.",
        },
    ),
    Scope: (
        "What a token may be used for, besides the permissions of its owner.",
        {
            "READ": "Queries and subscriptions.",
            "WRITE": "Mutations that create or change.",
            "DELETE": "Mutations that delete.",
            "ADMIN": "Mutations that move rights, money or the whole agency; only OWNER and ADMIN hold it.",
        },
    ),
}

_ALL = frozenset(KEYS)

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL - {P.BILLING_UPDATE},
    Role.MANAGER: frozenset().union(
        of("property"),
        of("publication"),
        of("energyCertificate"),
        of("expose"),
        of("contact"),
        of("lead"),
        of("searchProfile"),
        of("match"),
        of("task"),
        of("board"),
        of("document"),
        of("valuation"),
        of("appointment"),
        of("conversation"),
        of("campaign"),
        of("deal"),
        of("portfolio"),
        of("finance"),
        of("invoice") - {P.INVOICE_DELETE},
        of("expense") - {P.EXPENSE_DELETE},
        of("social") - {P.SOCIAL_MANAGE},
        of("report"),
        of("analytics"),
        of("dashboard"),
        of("assistant") - {P.ASSISTANT_MANAGE},
        of("note"),
        of("tag"),
        {P.USER_READ, P.USER_CREATE},  # creates only AGENT and CUSTOMER, see may_grant()
        {P.TEAM_READ, P.ROLE_READ, P.TENANT_READ},
        {P.EMPLOYEE_DOCUMENT_READ},  # of the team and not confidential: a predicate of the rows
        {P.WEBHOOK_READ, P.INTEGRATION_READ, P.API_KEY_CREATE, own(P.API_KEY_MANAGE)},
        of("privacy") - {P.PRIVACY_DELETE, P.PRIVACY_MANAGE},
        of("gwg"),
        {own(P.JOB_READ)},
    ),
    Role.AGENT: frozenset().union(
        of("property") - {P.PROPERTY_MANAGE, P.PROPERTY_PUBLISH},
        {own(P.PROPERTY_PUBLISH), P.PUBLICATION_READ, P.ENERGY_CERTIFICATE_UPDATE},
        of("expose") - {P.EXPOSE_DELETE},
        of("contact") - {P.CONTACT_MANAGE, P.CONTACT_EXPORT},
        of("lead"),
        of("searchProfile"),
        of("match"),
        of("task"),
        of("board"),
        of("document"),
        {P.VALUATION_READ, P.VALUATION_CREATE},
        of("appointment"),
        {own(P.CONVERSATION_READ), P.CONVERSATION_CREATE, own(P.CONVERSATION_UPDATE)},
        {P.CAMPAIGN_READ, P.CAMPAIGN_CREATE, P.CAMPAIGN_UPDATE},
        {P.DEAL_CREATE, own(P.DEAL_READ), own(P.DEAL_UPDATE)},
        {P.PORTFOLIO_READ},
        of("finance"),
        {own(P.INVOICE_READ), own(P.EXPENSE_READ)},
        {P.SOCIAL_READ, P.SOCIAL_CREATE, own(P.SOCIAL_UPDATE), own(P.SOCIAL_PUBLISH)},
        {P.REPORT_READ, P.ANALYTICS_READ, P.DASHBOARD_READ},
        {own(P.ASSISTANT_READ), P.ASSISTANT_CREATE, P.ASSISTANT_UPDATE},
        {
            P.NOTE_CREATE,
            P.TENANT_READ,
            own(P.PAYROLL_READ),
            own(P.EMPLOYEE_DOCUMENT_READ),
            P.API_KEY_CREATE,
            own(P.API_KEY_MANAGE),
        },
        of("gwg"),
        {own(P.JOB_READ)},
    ),
    Role.CUSTOMER: frozenset(
        {
            own(P.PROPERTY_READ),
            own(P.EXPOSE_READ),
            own(P.CONTACT_READ),
            own(P.LEAD_READ),
            own(P.SEARCH_PROFILE_READ),
            own(P.SEARCH_PROFILE_CREATE),
            own(P.SEARCH_PROFILE_UPDATE),
            own(P.MATCH_READ),
            own(P.MATCH_UPDATE),
            own(P.TASK_READ),
            own(P.DOCUMENT_READ),
            own(P.VALUATION_READ),
            own(P.VALUATION_CREATE),
            own(P.APPOINTMENT_READ),
            own(P.CONVERSATION_READ),
            P.CONVERSATION_CREATE,
            own(P.DEAL_READ),
            own(P.PORTFOLIO_READ),
            own(P.FINANCE_READ),
            own(P.FINANCE_CREATE),
            own(P.INVOICE_READ),
            own(P.ANALYTICS_READ),
            own(P.DASHBOARD_READ),
            own(P.ASSISTANT_READ),
            P.ASSISTANT_CREATE,
            own(P.PRIVACY_CREATE),
            own(P.PRIVACY_EXPORT),
            own(P.JOB_READ),
        }
    ),
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.ADMIN: frozenset(Scope),
    Role.MANAGER: frozenset({Scope.READ, Scope.WRITE, Scope.DELETE}),
    Role.AGENT: frozenset({Scope.READ, Scope.WRITE, Scope.DELETE}),
    Role.CUSTOMER: frozenset({Scope.READ}),
}

# A CUSTOMER token carries no WRITE; these mutations are the exception. Reading rights and ownership still apply.
CUSTOMER_WRITES: frozenset[str] = frozenset(
    {
        # favourites
        "propertyFavoriteToggle",
        "documentFavoriteToggle",
        # messages
        "conversationCreate",
        "conversationMarkRead",
        "conversationMute",
        "conversationArchive",
        "messageSend",
        "messageUpdate",
        "messageDelete",
        "messageReactionAdd",
        "messageReactionRemove",
        "typingSet",
        # call signals
        "callStart",
        "callAnswer",
        "callReject",
        "callSignalSend",
        "callEnd",
        # answers
        "appointmentRespond",
        "matchStatusSet",
        # profile and notification settings
        "profileUpdate",
        "preferencesUpdate",
        "avatarUpload",
        "avatarRemove",
        "notificationSettingsUpdate",
        # own records
        "searchProfileCreate",
        "searchProfileUpdate",
        "valuationRun",
        "financingCalculationSave",
        "aiAsk",
        "aiChat",
        "aiToolConfirm",
        "aiToolReject",
        "aiMessageRate",
        "investmentPackageReserve",
        # consents and privacy requests
        "consentWithdraw",
        "dataSubjectRequestCreate",
        "personalDataExport",
    }
)


# What a person does, never a program with a key: how one signs in, who may, and whose the agency is.
IN_PERSON = frozenset(
    {
        "apiKeyCreate",
        "apiKeyRevoke",
        "authLogout",
        "authSwitchTenant",
        "emailVerificationResend",
        "linkedAccountRemove",
        "passwordChange",
        "sessionRevoke",
        "tenantDelete",
        "tenantOwnershipTransfer",
        "totpDisable",
        "totpEnable",
        "totpStart",
    }
)


def may_use(role: Role, scopes: Collection[Scope], scope: Scope, mutation: str | None = None) -> bool:
    """Whether a token's scopes open a field; `mutation` is the name of the root field when it is one."""
    if scope in scopes:
        return True
    return role is Role.CUSTOMER and scope is Scope.WRITE and mutation in CUSTOMER_WRITES


def outranks(role: Role, other: Role) -> bool:
    """Whether `role` stands strictly above `other`."""
    return role.rank > other.rank


def may_grant(granter: Role, role: Role) -> bool:
    """Whether a member may give `role` to somebody: never above the own one, and a MANAGER only AGENT and CUSTOMER."""
    if granter is Role.MANAGER:
        return outranks(granter, role)
    return granter in {Role.OWNER, Role.ADMIN} and not outranks(role, granter)
