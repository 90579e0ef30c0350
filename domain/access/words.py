"""One English sentence per permission, and the fixed ids of roles and permissions."""

from uuid import UUID, uuid5

from domain.access.keys import KEYS, P
from domain.access.roles import ROLE_PERMISSIONS, Role

# Built-in roles and permissions are code, not rows: their ids must be the same on every server and in every agency.
NAMESPACE = UUID("6a1f3b52-8c0d-5e47-9b1e-2f7d40c9a851")

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
    "job": "imports, exports and other jobs",
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
PERMISSIONS: dict[str, str] = {key: _describe(key) for key in sorted(frozenset(KEYS).union(*ROLE_PERMISSIONS.values()))}


def role_id(role: Role) -> UUID:
    """The fixed id of a built-in role."""
    return uuid5(NAMESPACE, "role:" + role.value)


def permission_id(key: str) -> UUID:
    """The fixed id of a permission."""
    return uuid5(NAMESPACE, "permission:" + key)
