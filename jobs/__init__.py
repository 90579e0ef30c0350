"""What happens later. Importing a module of this package declares its jobs."""

from jobs import identity, invitations, mail, platform, retention, tasks
from resolvers.kit.jobs import JOBS

__all__ = ["JOBS", "identity", "invitations", "mail", "platform", "retention", "tasks"]
from jobs import pictures

__all__ = ["JOBS", "identity", "mail", "pictures", "platform", "retention", "tasks"]
