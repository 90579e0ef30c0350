"""What happens later. Importing a module of this package declares its jobs."""

from jobs import identity, invitations, mail, pictures, platform, properties, retention, tasks, trail
from resolvers.kit.jobs import JOBS

__all__ = [
    "JOBS",
    "identity",
    "invitations",
    "mail",
    "pictures",
    "platform",
    "properties",
    "retention",
    "tasks",
    "trail",
]
