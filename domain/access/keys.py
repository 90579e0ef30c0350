"""Every permission key, and how a held set of keys answers a question."""

from collections.abc import Collection
from enum import Enum


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

    JOB_READ = "job.read"

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


# Reading what these open takes a token with the scope ADMIN.
ADMIN_READS: frozenset[str] = frozenset({P.AUDIT_READ})

# Reading what these open is itself written into the audit trail.
GUARDED: frozenset[str] = frozenset({P.AUDIT_READ, P.GWG_READ})

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


# In place of a key: everybody holds it, for one's own rows alone.
SELF = "self"


def audience(held: Collection[str], key: str) -> Audience:
    """Whether `key` is held for all rows, for own rows or not at all."""
    if key == SELF:
        return Audience.OWN
    if key in held:
        return Audience.ALL
    return Audience.OWN if own(key) in held else Audience.NONE


def of(resource: str) -> frozenset[str]:
    """All plain keys of one resource."""
    return frozenset(key for key in KEYS if key.partition(".")[0] == resource)
