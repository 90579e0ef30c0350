"""A sentence per permission in English and German, and the fixed ids of roles and permissions."""

from uuid import UUID, uuid5

from domain.access.keys import KEYS, P
from domain.access.roles import ROLE_PERMISSIONS, Role

# Built-in roles and permissions are code, not rows: their ids must be the same on every server and in every agency.
NAMESPACE = UUID("6a1f3b52-8c0d-5e47-9b1e-2f7d40c9a851")

_RESOURCES = {
    "property": ("properties", "Immobilien"),
    "publication": ("listings on portals", "Inserate auf Portalen"),
    "energyCertificate": ("energy certificates", "Energieausweise"),
    "expose": ("exposés", "Exposés"),
    "contact": ("contacts", "Kontakte"),
    "lead": ("leads", "Interessenten"),
    "searchProfile": ("search profiles", "Suchprofile"),
    "match": ("matches", "Treffer"),
    "task": ("tasks", "Aufgaben"),
    "board": ("boards and their columns", "Boards und ihre Spalten"),
    "document": ("documents and folders", "Dokumente und Ordner"),
    "valuation": ("valuations", "Bewertungen"),
    "appointment": ("appointments", "Termine"),
    "conversation": ("conversations and messages", "Unterhaltungen und Nachrichten"),
    "campaign": ("campaigns and their templates", "Kampagnen und ihre Vorlagen"),
    "deal": ("deals and transactions", "Vorgänge und Transaktionen"),
    "portfolio": ("portfolios, assets and investment packages", "Portfolios, Anlagen und Investmentpakete"),
    "finance": ("financing calculations and requests", "Finanzierungsrechnungen und -anfragen"),
    "invoice": ("invoices", "Rechnungen"),
    "expense": ("expenses", "Ausgaben"),
    "social": ("social media posts", "Beiträge in sozialen Medien"),
    "report": ("reports and goals", "Berichte und Ziele"),
    "analytics": ("business figures", "Geschäftszahlen"),
    "dashboard": ("dashboards", "Dashboards"),
    "assistant": ("assistant chats and knowledge", "Chats und Wissen des Assistenten"),
    "note": ("notes", "Notizen"),
    "tag": ("tags", "Schlagwörter"),
    "user": ("members and invitations", "Mitglieder und Einladungen"),
    "team": ("teams", "Teams"),
    "role": ("custom roles", "eigene Rollen"),
    "tenant": ("the agency's company data and settings", "Firmendaten und Einstellungen der Agentur"),
    "billing": ("plan and subscription", "Tarif und Abonnement"),
    "payroll": ("payroll runs and payslips", "Lohnläufe und Abrechnungen"),
    "employeeDocument": ("documents of employees", "Dokumente von Beschäftigten"),
    "audit": ("the audit log", "das Protokoll"),
    "job": ("imports, exports and other jobs", "Importe, Exporte und andere Aufträge"),
    "webhook": ("webhooks", "Webhooks"),
    "integration": ("integrations", "Integrationen"),
    "apiKey": ("API keys", "API-Schlüssel"),
    "privacy": ("consents and data subject requests", "Einwilligungen und Betroffenenanfragen"),
    "gwg": ("identifications under the anti-money-laundering act (GwG)", "Identifizierungen nach dem Geldwäschegesetz"),
}
_ACTIONS = {
    "read": ("See {}.", "{} ansehen."),
    "create": ("Create {}.", "{} anlegen."),
    "update": ("Change {}.", "{} ändern."),
    "delete": ("Delete {}.", "{} löschen."),
    "send": ("Send {}.", "{} versenden."),
    "publish": ("Publish {}.", "{} veröffentlichen."),
    "export": ("Export {} to a file.", "{} in eine Datei exportieren."),
    "manage": (
        "Administer {}, including those of others and deletion for good.",
        "{} verwalten, auch die von anderen, und endgültig löschen.",
    ),
}
# Where the general sentence would mislead.
_SPECIAL = {
    P.PROPERTY_PUBLISH: (
        "Publish properties on portals and take them off again.",
        "Immobilien auf Portalen veröffentlichen und wieder zurückziehen.",
    ),
    P.PROPERTY_MANAGE: (
        "Withdraw sold or let properties and delete properties for good.",
        "Verkaufte oder vermietete Immobilien zurücknehmen und Immobilien endgültig löschen.",
    ),
    P.CONTACT_MANAGE: (
        "Merge contacts and delete them for good.",
        "Kontakte zusammenführen und endgültig löschen.",
    ),
    P.VALUATION_MANAGE: (
        "Maintain comparables, land values and market data of valuations.",
        "Vergleichsobjekte, Bodenrichtwerte und Marktdaten der Bewertungen pflegen.",
    ),
    P.CONVERSATION_MANAGE: (
        "See and moderate conversations with customers in which one takes no part.",
        "Unterhaltungen mit Kunden sehen und moderieren, an denen man nicht teilnimmt.",
    ),
    P.DEAL_MANAGE: (
        "Maintain pipelines and administer all deals.",
        "Pipelines pflegen und alle Vorgänge verwalten.",
    ),
    P.MATCH_UPDATE: (
        "Set the status of matches and send them.",
        "Den Status von Treffern setzen und sie versenden.",
    ),
    P.SOCIAL_MANAGE: (
        "Connect and disconnect social media accounts.",
        "Konten sozialer Medien verbinden und trennen.",
    ),
    P.ASSISTANT_CREATE: (
        "Ask the assistant.",
        "Den Assistenten fragen.",
    ),
    P.ASSISTANT_MANAGE: (
        "Administer the assistant's knowledge of the whole agency.",
        "Das Wissen des Assistenten für die ganze Agentur verwalten.",
    ),
    P.NOTE_MANAGE: (
        "Change and delete notes of others.",
        "Notizen anderer ändern und löschen.",
    ),
    P.TAG_MANAGE: (
        "Rename and merge tags.",
        "Schlagwörter umbenennen und zusammenführen.",
    ),
    P.USER_MANAGE: (
        "End sessions of other members.",
        "Sitzungen anderer Mitglieder beenden.",
    ),
    P.USER_CREATE: (
        "Invite and create members; never with a role above the own one.",
        "Mitglieder einladen und anlegen, nie mit einer höheren Rolle als der eigenen.",
    ),
    P.BILLING_UPDATE: (
        "Change the plan and the subscription; only the OWNER holds this.",
        "Tarif und Abonnement ändern; nur der OWNER darf das.",
    ),
    P.API_KEY_CREATE: (
        "Create API keys for oneself.",
        "API-Schlüssel für sich selbst anlegen.",
    ),
    P.API_KEY_MANAGE: (
        "Revoke API keys of others.",
        "API-Schlüssel anderer widerrufen.",
    ),
    P.PRIVACY_MANAGE: (
        "Set retention periods, legal holds and the record of processing.",
        "Aufbewahrungsfristen, Sperren und das Verzeichnis der Verarbeitungen pflegen.",
    ),
    P.GWG_UPDATE: (
        "Record and verify identifications under the anti-money-laundering act (GwG).",
        "Identifizierungen nach dem Geldwäschegesetz erfassen und prüfen.",
    ),
}


def _describe(key: str) -> tuple[str, str]:
    resource, action = key.split(".")[:2]
    plain = f"{resource}.{action}"
    english, german = _SPECIAL.get(plain) or _filled(resource, action)
    if key == plain:
        return english, german
    return english.rstrip(".") + "; only own ones.", german.rstrip(".") + "; nur eigene."


def _filled(resource: str, action: str) -> tuple[str, str]:
    (english, german), (do, tun) = _RESOURCES[resource], _ACTIONS[action]
    return do.format(english), tun.format(german[0].upper() + german[1:])


# Key → what it permits, in English and German. The `.own` forms listed are those that a built-in role holds.
PERMISSIONS: dict[str, tuple[str, str]] = {
    key: _describe(key) for key in sorted(frozenset(KEYS).union(*ROLE_PERMISSIONS.values()))
}

# The built-in roles as people read them: name and description, in English and German.
ROLES: dict[Role, tuple[tuple[str, str], tuple[str, str]]] = {
    Role.OWNER: (
        ("Owner", "Inhaber"),
        ("May do everything.", "Darf alles."),
    ),
    Role.ADMIN: (
        ("Administrator", "Administrator"),
        ("May do everything except change the subscription.", "Darf alles, außer das Abonnement zu ändern."),
    ),
    Role.MANAGER: (
        ("Manager", "Büroleitung"),
        ("Runs the business.", "Führt das Geschäft."),
    ),
    Role.AGENT: (
        ("Agent", "Makler"),
        ("Works on own records and those of the team.", "Bearbeitet eigene Vorgänge und die des Teams."),
    ),
    Role.CUSTOMER: (
        ("Customer", "Kunde"),
        ("Sees in the portal what is shared.", "Sieht im Portal, was geteilt wurde."),
    ),
}


def role_id(role: Role) -> UUID:
    """The fixed id of a built-in role."""
    return uuid5(NAMESPACE, "role:" + role.value)


def permission_id(key: str) -> UUID:
    """The fixed id of a permission."""
    return uuid5(NAMESPACE, "permission:" + key)
