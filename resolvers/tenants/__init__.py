"""The agency: what comes in, its settings, its features, its stream."""

from resolvers.tenants import agency, flags, live

__all__ = ["agency", "flags", "live"]
