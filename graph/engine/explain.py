"""`extensions.plan`: which executor answered, what it read, and why an operation was not planned."""

from __future__ import annotations

from typing import Any

from domain.access import P
from graph.engine.planned import Outcome
from resolvers.kit.context import Context


def wanted(extensions: dict[str, Any], context: Context) -> bool:
    """Whether the call asks for the plan (`"extensions": {"plan": true}`) and its sender may see it.

    A plan shows tables, columns and conditions, never values. Outside development it takes the right to read the audit.
    """
    if extensions.get("plan") is not True:
        return False
    viewer = context.viewer
    return context.state.settings.is_open or (viewer is not None and P.AUDIT_READ in viewer.permissions)


def explained(outcome: Outcome) -> dict[str, Any]:
    """The value of `extensions.plan`."""
    if outcome.result is None:
        return {"executor": "reference", "reason": outcome.reason, "steps": []}
    return {
        "executor": "planned",
        "reason": None,
        "steps": [
            {"field": trace.field, "sql": trace.sql, "rows": trace.rows, "milliseconds": trace.milliseconds}
            for trace in outcome.traces or ()
        ],
    }
