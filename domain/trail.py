"""What the audit trail says and hides: its words in German and English, its secrets, what a mutation's name tells."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from domain.errors import say

MASK = "***"

# Words of a field's name that make its value a secret: it is never written into the trail. The names of columns and
# inputs are taken apart at `_` and at capitals, so `iban` hides `bankIban` and leaves `urban` alone.
SECRET_WORDS = frozenset(
    {"password", "passphrase", "secret", "token", "credential", "credentials", "iban", "totp", "otp", "pin", "cvc"}
)
# Several words that make a secret together.
SECRET_PHRASES = (
    ("document", "number"),
    ("passport", "number"),
    ("card", "number"),
    ("account", "number"),
    ("api", "key"),
    ("private", "key"),
    ("recovery", "code"),
    ("recovery", "codes"),
    ("key", "hash"),
)
# Names that hold such a word and hide nothing, with the reason.
NO_SECRETS = {
    "token_type": "always `Bearer`",
    "password_min_length": "a rule, no password",
    "password_classes": "a rule, no password",
    "require_totp": "a rule, no secret",
    "totp_enabled": "whether, not what",
    "api_key_prefix": "what an API key is recognised by",
}


def is_secret(name: str) -> bool:
    """Whether a field of this name, in any spelling, holds what the trail must not tell."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    if snake in NO_SECRETS:
        return False
    words = snake.split("_")
    pairs = set(pairwise(words))
    return not SECRET_WORDS.isdisjoint(words) or not pairs.isdisjoint(SECRET_PHRASES)


def masked(name: str, value: Any) -> Any:
    """A value as the trail may hold it: secrets are `***`, also inside of documents."""
    if value is None:
        return None
    if is_secret(name):
        return MASK
    if isinstance(value, Mapping):
        return {key: masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked("", inner) for inner in value]
    return value


# What the last word of a mutation's name says is meant to happen; everything else is a change.
VERBS = {
    "Create": "CREATE",
    "Add": "CREATE",
    "Register": "CREATE",
    "Invite": "CREATE",
    "Duplicate": "CREATE",
    "Import": "CREATE",
    "Delete": "DELETE",
    "Remove": "DELETE",
    "Revoke": "DELETE",
    "Restore": "RESTORE",
    "Purge": "PURGE",
    "Login": "LOGIN",
    "Refresh": "LOGIN",
    "Logout": "LOGOUT",
    "Export": "EXPORT",
    "Send": "SEND",
    "Publish": "PUBLISH",
    "Merge": "MERGE",
    "Erase": "ERASE",
}


def meant(operation: str) -> str:
    """The action a mutation is about by its name, for the one that came to nothing."""
    return VERBS.get(re.sub(r".*(?=[A-Z])", "", operation), "UPDATE")


# (English, German); `{what}` is the record.
_SENTENCES: dict[str, tuple[str, str]] = {
    "CREATE": ("Created {what}", "{what} angelegt"),
    "READ_SENSITIVE": ("Looked at {what}", "{what} eingesehen"),
    "UPDATE": ("Changed {what}", "{what} geändert"),
    "DELETE": ("Deleted {what}", "{what} gelöscht"),
    "RESTORE": ("Restored {what} from the trash", "{what} aus dem Papierkorb geholt"),
    "PURGE": ("Deleted {what} for good", "{what} endgültig gelöscht"),
    "LOGIN": ("Signed in: {what}", "Anmeldung: {what}"),
    "LOGIN_FAILED": ("Failed to sign in: {what}", "Fehlgeschlagene Anmeldung: {what}"),
    "LOGOUT": ("Signed out: {what}", "Abmeldung: {what}"),
    "EXPORT": ("Exported {what}", "{what} exportiert"),
    "SEND": ("Sent {what}", "{what} versandt"),
    "PUBLISH": ("Published {what}", "{what} veröffentlicht"),
    "ROLE_CHANGE": ("Changed the role of {what}", "Rolle geändert: {what}"),
    "CONSENT": ("Recorded a consent: {what}", "Einwilligung festgehalten: {what}"),
    "ERASE": ("Erased {what}", "{what} unkenntlich gemacht"),
    "MERGE": ("Merged {what}", "{what} zusammengeführt"),
    "IMPERSONATE": ("Acted as {what}", "Handelte als {what}"),
    "TOOL": ("Had the assistant work on {what}", "Assistent ausgeführt: {what}"),
}
_OUTCOMES = {"DENIED": ("denied", "verweigert"), "FAILED": ("failed", "fehlgeschlagen")}
TYPES: dict[str, tuple[str, str]] = {
    "ApiKey": ("API key", "API-Schlüssel"),
    "Invitation": ("invitation", "Einladung"),
    "PropertyFavorite": ("favourite", "Favorit"),
    "PropertyValuation": ("valuation", "Bewertung"),
    "Team": ("team", "Team"),
    "TeamMember": ("member of a team", "Teammitglied"),
    "AuditEntry": ("the audit trail", "Protokoll"),
    "Board": ("board", "Board"),
    "BoardColumn": ("column", "Spalte"),
    "Comment": ("comment", "Kommentar"),
    "CommentMention": ("mention", "Erwähnung"),
    "CommentReaction": ("reaction", "Reaktion"),
    "ContactPerson": ("contact person", "Ansprechpartner"),
    "FeatureFlag": ("feature", "Funktion"),
    "Job": ("job", "Auftrag"),
    "Mail": ("mail", "E-Mail"),
    "MemberRole": ("role of a member", "Rolle eines Mitglieds"),
    "Note": ("note", "Notiz"),
    "Preferences": ("preferences", "Voreinstellungen"),
    "Project": ("project", "Projekt"),
    "Property": ("property", "Immobilie"),
    "Role": ("role", "Rolle"),
    "Session": ("session", "Sitzung"),
    "Subtask": ("step", "Teilaufgabe"),
    "Task": ("task", "Aufgabe"),
    "TaskDependency": ("dependency", "Abhängigkeit"),
    "TaskLabel": ("label", "Etikett"),
    "TaskLabelLink": ("label of a task", "Etikett einer Aufgabe"),
    "TaskLog": ("log of a task", "Aufgabenverlauf"),
    "TaskWatcher": ("watcher of a task", "Beobachter einer Aufgabe"),
    "Tenant": ("agency", "Agentur"),
    "User": ("member", "Mitglied"),
}


def sentence(
    action: str, type: str, title: str | None, operation: str, outcome: str, code: str | None, language: str = "en"
) -> str:
    """One line about an entry of the trail for a person."""
    at = 1 if language == "de" else 0
    found = _SENTENCES[action][at].format(what=_record(type, title, operation, at))
    said = found[:1].upper() + found[1:]
    if outcome not in _OUTCOMES:
        return said
    reason = say(code, language) if code is not None else ""
    # A text that wants details the entry does not hold would show its gaps.
    return f"{said} – {_OUTCOMES[outcome][at]}" + (f": {reason}" if reason and "{" not in reason else "")


def _record(type: str, title: str | None, operation: str, at: int) -> str:
    if not type:
        return operation
    name = TYPES.get(type, (type, type))[at]
    if title is None:
        return name
    return f"{name} „{title}“" if at else f"{name} “{title}”"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields with their values before and after, by name."""
    return [{"field": name, "from": old.get(name), "to": new.get(name)} for name in sorted({*old, *new})]
