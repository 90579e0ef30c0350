"""Runs a PostgreSQL of our own beside the server, so that a bare machine needs nothing installed.

Everything lives in one data folder: the cluster, its password, its log, the signing secret and a lock. PostgreSQL is a
direct child in a session of its own, told by the kernel when its parent dies, so no way of ending the server leaves it
running.
"""

from storage.embedded.folder import EmbeddedError, data_secret
from storage.embedded.programs import binary, reachable_by_nobody
from storage.embedded.server import EmbeddedPostgres, running_url

__all__ = ["EmbeddedError", "EmbeddedPostgres", "binary", "data_secret", "reachable_by_nobody", "running_url"]
