"""Who may do what: permission keys, the five built-in roles, token scopes.

A key is `<resource>.<action>`; `<key>.own` is the same right limited to own rows (created by, assigned to,
participant, or the contact's own). Holding the plain key includes its `.own` form, so a role never lists both.
An effective right needs both the permission and the scope of the token.
"""

from collections.abc import Collection
from enum import Enum, StrEnum
from uuid import UUID, uuid5

# Built-in roles and permissions are code, not rows: their ids must be the same on every server and in every agency.
NAMESPACE = UUID("6a1f3b52-8c0d-5e47-9b1e-2f7d40c9a851")


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


class P:
    """Every permission key, grouped by resource."""

    PROPERTY_READ = "property.read"
    PROPERTY_CREATE = "property.create"
    PROPERTY_UPDATE = "property.update"
    PROPERTY_DELETE = "property.delete"
    PROPERTY_MANAGE = "property.manage"
    PROPERTY_EXPORT = "property.export"
    PROPERTY_PUBLISH = "property.publish"

    PUBLICATION_READ = "publication.read"

    ENERGY_CERTIFICATE_UPDATE = "energyCertificate.update"
    ENERGY_CERTIFICATE_DELETE = "energyCertificate.delete"

    EXPOSE_READ = "expose.read"
    EXPOSE_CREATE = "expose.create"
    EXPOSE_UPDATE = "expose.update"
    EXPOSE_DELETE = "expose.delete"

    CONTACT_READ = "contact.read"
    CONTACT_CREATE = "contact.create"
    CONTACT_UPDATE = "contact.update"
    CONTACT_DELETE = "contact.delete"
    CONTACT_MANAGE = "contact.manage"
    CONTACT_EXPORT = "contact.export"

    LEAD_READ = "lead.read"
    LEAD_CREATE = "lead.create"
    LEAD_UPDATE = "lead.update"
    LEAD_DELETE = "lead.delete"

    SEARCH_PROFILE_READ = "searchProfile.read"
    SEARCH_PROFILE_CREATE = "searchProfile.create"
    SEARCH_PROFILE_UPDATE = "searchProfile.update"
    SEARCH_PROFILE_DELETE = "searchProfile.delete"

    MATCH_READ = "match.read"
    MATCH_UPDATE = "match.update"

    TASK_READ = "task.read"
    TASK_CREATE = "task.create"
    TASK_UPDATE = "task.update"
    TASK_DELETE = "task.delete"
    TASK_EXPORT = "task.export"

    BOARD_CREATE = "board.create"
    BOARD_UPDATE = "board.update"
    BOARD_DELETE = "board.delete"

    DOCUMENT_READ = "document.read"
    DOCUMENT_CREATE = "document.create"
    DOCUMENT_UPDATE = "document.update"
    DOCUMENT_DELETE = "document.delete"

    VALUATION_READ = "valuation.read"
    VALUATION_CREATE = "valuation.create"
    VALUATION_MANAGE = "valuation.manage"

    APPOINTMENT_READ = "appointment.read"
    APPOINTMENT_CREATE = "appointment.create"
    APPOINTMENT_UPDATE = "appointment.update"
    APPOINTMENT_DELETE = "appointment.delete"

    CONVERSATION_READ = "conversation.read"
    CONVERSATION_CREATE = "conversation.create"
    CONVERSATION_UPDATE = "conversation.update"
    CONVERSATION_MANAGE = "conversation.manage"

    CAMPAIGN_READ = "campaign.read"
    CAMPAIGN_CREATE = "campaign.create"
    CAMPAIGN_UPDATE = "campaign.update"
    CAMPAIGN_DELETE = "campaign.delete"
    CAMPAIGN_SEND = "campaign.send"

    DEAL_READ = "deal.read"
    DEAL_CREATE = "deal.create"
    DEAL_UPDATE = "deal.update"
    DEAL_DELETE = "deal.delete"
    DEAL_MANAGE = "deal.manage"

    PORTFOLIO_READ = "portfolio.read"
    PORTFOLIO_CREATE = "portfolio.create"
    PORTFOLIO_UPDATE = "portfolio.update"
    PORTFOLIO_DELETE = "portfolio.delete"

    FINANCE_READ = "finance.read"
    FINANCE_CREATE = "finance.create"
    FINANCE_UPDATE = "finance.update"

    INVOICE_READ = "invoice.read"
    INVOICE_CREATE = "invoice.create"
    INVOICE_UPDATE = "invoice.update"
    INVOICE_DELETE = "invoice.delete"

    EXPENSE_READ = "expense.read"
    EXPENSE_CREATE = "expense.create"
    EXPENSE_UPDATE = "expense.update"
    EXPENSE_DELETE = "expense.delete"

    SOCIAL_READ = "social.read"
    SOCIAL_CREATE = "social.create"
    SOCIAL_UPDATE = "social.update"
    SOCIAL_DELETE = "social.delete"
    SOCIAL_PUBLISH = "social.publish"
    SOCIAL_MANAGE = "social.manage"

    REPORT_READ = "report.read"
    REPORT_CREATE = "report.create"
    REPORT_UPDATE = "report.update"
    REPORT_DELETE = "report.delete"
    REPORT_EXPORT = "report.export"

    ANALYTICS_READ = "analytics.read"

    DASHBOARD_READ = "dashboard.read"

    ASSISTANT_READ = "assistant.read"
    ASSISTANT_CREATE = "assistant.create"
    ASSISTANT_UPDATE = "assistant.update"
    ASSISTANT_MANAGE = "assistant.manage"

    NOTE_CREATE = "note.create"
    NOTE_MANAGE = "note.manage"

    TAG_MANAGE = "tag.manage"

    USER_READ = "user.read"
    USER_CREATE = "user.create"
    USER_UPDATE = "user.update"
    USER_DELETE = "user.delete"
    USER_MANAGE = "user.manage"

    TEAM_READ = "team.read"
    TEAM_CREATE = "team.create"
    TEAM_UPDATE = "team.update"
    TEAM_DELETE = "team.delete"

    ROLE_READ = "role.read"
    ROLE_CREATE = "role.create"
    ROLE_UPDATE = "role.update"
    ROLE_DELETE = "role.delete"

    TENANT_READ = "tenant.read"
    TENANT_UPDATE = "tenant.update"

    BILLING_READ = "billing.read"
    BILLING_UPDATE = "billing.update"

    PAYROLL_READ = "payroll.read"
    PAYROLL_CREATE = "payroll.create"
    PAYROLL_UPDATE = "payroll.update"
    PAYROLL_DELETE = "payroll.delete"
    PAYROLL_EXPORT = "payroll.export"

    EMPLOYEE_DOCUMENT_READ = "employeeDocument.read"
    EMPLOYEE_DOCUMENT_CREATE = "employeeDocument.create"
    EMPLOYEE_DOCUMENT_UPDATE = "employeeDocument.update"
    EMPLOYEE_DOCUMENT_DELETE = "employeeDocument.delete"

    AUDIT_READ = "audit.read"

    WEBHOOK_READ = "webhook.read"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_UPDATE = "webhook.update"
    WEBHOOK_DELETE = "webhook.delete"

    INTEGRATION_READ = "integration.read"
    INTEGRATION_CREATE = "integration.create"
    INTEGRATION_UPDATE = "integration.update"
    INTEGRATION_DELETE = "integration.delete"

    API_KEY_CREATE = "apiKey.create"
    API_KEY_MANAGE = "apiKey.manage"

    PRIVACY_READ = "privacy.read"
    PRIVACY_CREATE = "privacy.create"
    PRIVACY_UPDATE = "privacy.update"
    PRIVACY_DELETE = "privacy.delete"
    PRIVACY_EXPORT = "privacy.export"
    PRIVACY_MANAGE = "privacy.manage"

    GWG_READ = "gwg.read"
    GWG_UPDATE = "gwg.update"


KEYS: tuple[str, ...] = tuple(value for name, value in vars(P).items() if name.isupper())


def own(key: str) -> str:
    """The form of a permission that is limited to own rows."""
    return key + ".own"


def allows(held: Collection[str], key: str) -> bool:
    """Whether a holder of `held` has the right `key`; the plain key includes its `.own` form."""
    return key in held or (key.endswith(".own") and key.removesuffix(".own") in held)


class Audience(Enum):
    """Which form of a permission somebody holds."""

    ALL = "ALL"
    OWN = "OWN"
    NONE = "NONE"


def audience(held: Collection[str], key: str) -> Audience:
    """Whether `key` is held for all rows, for own rows or not at all."""
    if key in held:
        return Audience.ALL
    return Audience.OWN if own(key) in held else Audience.NONE


def of(resource: str) -> frozenset[str]:
    """All plain keys of one resource."""
    return frozenset(key for key in KEYS if key.partition(".")[0] == resource)


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
        {P.WEBHOOK_READ, P.INTEGRATION_READ, P.API_KEY_CREATE},
        of("privacy") - {P.PRIVACY_DELETE, P.PRIVACY_MANAGE},
        of("gwg"),
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
        {P.NOTE_CREATE, P.TENANT_READ, own(P.PAYROLL_READ), own(P.EMPLOYEE_DOCUMENT_READ), P.API_KEY_CREATE},
        of("gwg"),
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


_RESOURCES = {
    "property": "properties",
    "publication": "listings on portals",
    "energyCertificate": "energy certificates",
    "expose": "exposés",
    "contact": "contacts",
    "lead": "leads",
    "searchProfile": "search profiles",
    "match": "matches",
    "task": "tasks",
    "board": "boards and their columns",
    "document": "documents and folders",
    "valuation": "valuations",
    "appointment": "appointments",
    "conversation": "conversations and messages",
    "campaign": "campaigns and their templates",
    "deal": "deals and transactions",
    "portfolio": "portfolios, assets and investment packages",
    "finance": "financing calculations and requests",
    "invoice": "invoices",
    "expense": "expenses",
    "social": "social media posts",
    "report": "reports and goals",
    "analytics": "business figures",
    "dashboard": "dashboards",
    "assistant": "assistant chats and knowledge",
    "note": "notes",
    "tag": "tags",
    "user": "members and invitations",
    "team": "teams",
    "role": "custom roles",
    "tenant": "the agency's company data and settings",
    "billing": "plan and subscription",
    "payroll": "payroll runs and payslips",
    "employeeDocument": "documents of employees",
    "audit": "the audit log",
    "webhook": "webhooks",
    "integration": "integrations",
    "apiKey": "API keys",
    "privacy": "consents and data subject requests",
    "gwg": "identifications under the anti-money-laundering act (GwG)",
}
_ACTIONS = {
    "read": "See {}.",
    "create": "Create {}.",
    "update": "Change {}.",
    "delete": "Delete {}.",
    "send": "Send {}.",
    "publish": "Publish {}.",
    "export": "Export {} to a file.",
    "manage": "Administer {}, including those of others and deletion for good.",
}
# Where the general sentence would mislead.
_SPECIAL = {
    P.PROPERTY_PUBLISH: "Publish properties on portals and take them off again.",
    P.PROPERTY_MANAGE: "Withdraw sold or let properties and delete properties for good.",
    P.CONTACT_MANAGE: "Merge contacts and delete them for good.",
    P.VALUATION_MANAGE: "Maintain comparables, land values and market data of valuations.",
    P.CONVERSATION_MANAGE: "See and moderate conversations with customers in which one takes no part.",
    P.DEAL_MANAGE: "Maintain pipelines and administer all deals.",
    P.MATCH_UPDATE: "Set the status of matches and send them.",
    P.SOCIAL_MANAGE: "Connect and disconnect social media accounts.",
    P.ASSISTANT_CREATE: "Ask the assistant.",
    P.ASSISTANT_MANAGE: "Administer the assistant's knowledge of the whole agency.",
    P.NOTE_MANAGE: "Change and delete notes of others.",
    P.TAG_MANAGE: "Rename and merge tags.",
    P.USER_MANAGE: "End sessions of other members.",
    P.USER_CREATE: "Invite and create members; never with a role above the own one.",
    P.BILLING_UPDATE: "Change the plan and the subscription; only the OWNER holds this.",
    P.API_KEY_CREATE: "Create API keys for oneself.",
    P.API_KEY_MANAGE: "Revoke API keys of others.",
    P.PRIVACY_MANAGE: "Set retention periods, legal holds and the record of processing.",
    P.GWG_UPDATE: "Record and verify identifications under the anti-money-laundering act (GwG).",
}


def _describe(key: str) -> str:
    resource, action = key.split(".")[:2]
    plain = f"{resource}.{action}"
    text = _SPECIAL.get(plain) or _ACTIONS[action].format(_RESOURCES[resource])
    return text if key == plain else text.rstrip(".") + "; only own ones."


# Key → what it permits. The `.own` forms listed are those that a built-in role holds.
PERMISSIONS: dict[str, str] = {key: _describe(key) for key in sorted(_ALL.union(*ROLE_PERMISSIONS.values()))}


def role_id(role: Role) -> UUID:
    """The fixed id of a built-in role."""
    return uuid5(NAMESPACE, "role:" + role.value)


def permission_id(key: str) -> UUID:
    """The fixed id of a permission."""
    return uuid5(NAMESPACE, "permission:" + key)
