"""What the server writes to persons: which mails there are, what each is filled with, where its button leads."""

from domain.mails.kinds import KINDS, Kind, Language, Link, MailTemplate, language_of

__all__ = ["KINDS", "Kind", "Language", "Link", "MailTemplate", "language_of"]
