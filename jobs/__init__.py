"""What happens later. Importing a module of this package declares its jobs."""

from jobs import mail, platform, retention, tasks
from resolvers.kit.jobs import JOBS

__all__ = ["JOBS", "mail", "platform", "retention", "tasks"]
