"""What a plan asks of a viewer's rights, remembered: viewers who differ in nothing else share the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.access import Audience, Scope, audience


class Watched(frozenset[str]):
    """Permissions that remember which of them were asked for; `whole` once more was looked at than single ones."""

    asked: set[str]
    whole: bool

    def __new__(cls, held: Iterable[str]) -> Watched:
        found = super().__new__(cls, held)
        found.asked, found.whole = set(), False
        return found

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def __hash__(self) -> int:
        self.whole = True
        return super().__hash__()


@dataclass(frozen=True, eq=False)
class Rights:
    """What a plan depends on of a viewer."""

    permissions: Watched
    scopes: frozenset[Scope]

    @classmethod
    def of(cls, permissions: frozenset[str], scopes: frozenset[Scope]) -> Rights:
        return cls(Watched(permissions), scopes)

    def may(self, permission: str) -> bool:
        """Whether the viewer holds the permission, at least for own rows."""
        return audience(self.permissions, permission) is not Audience.NONE

    def among(self, keys: frozenset[str] | None) -> frozenset[str]:
        """Those of some keys that are held; without keys all, of which nobody knows which will matter."""
        if keys is None:
            self.permissions.whole = True
            return frozenset(set(self.permissions))
        return frozenset(key for key in keys if key in self.permissions)


@dataclass
class Asked:
    """Which permissions the plans of one operation have asked for so far; None once all of them matter.

    A plan was made from the answers to some of these questions. Whoever answers all of them alike gets the same plan,
    so the plans of an operation are kept by the answers and not by all that somebody holds.
    """

    keys: frozenset[str] | None = field(default_factory=frozenset)

    def answers(self, permissions: frozenset[str]) -> frozenset[str]:
        """What tells apart those whose plans differ."""
        return permissions if self.keys is None else permissions & self.keys

    def learn(self, rights: Rights) -> None:
        """Take in what a plan that was just made has asked."""
        if rights.permissions.whole:
            self.keys = None
        elif self.keys is not None:
            self.keys |= rights.permissions.asked
