"""All tables. Importing this package completes their constraints."""

from models.api_keys import ApiKey
from models.base import complete, metadata
from models.events import (
    AuditAction,
    AuditArchive,
    AuditEntry,
    AuditOutcome,
    ChangeKind,
    EventOutbox,
    EventStream,
    IdempotencyKey,
)
from models.identity import (
    Account,
    AccountTenant,
    AccountToken,
    AccountTokenKind,
    Invitation,
    InvitationToken,
    Member,
    Preferences,
    SecurityEvent,
    Session,
    SignInFailure,
    TenantSlug,
    TokenEntry,
    TokenKind,
    UserStatus,
)
from models.jobs import Job, JobState
from models.linked_accounts import LinkedAccount
from models.mail import Mail
from models.notes import Note
from models.properties import ContactPerson, Property, PropertyFavorite, PropertyValuation
from models.roles import MemberRole, Role
from models.tasks import (
    Board,
    BoardColumn,
    Comment,
    CommentMention,
    CommentReaction,
    Project,
    Subtask,
    Task,
    TaskDependency,
    TaskLabel,
    TaskLabelLink,
    TaskLog,
    TaskWatcher,
)
from models.teams import Team, TeamMember, TeamRole
from models.tenants import FeatureFlag, NumberSequence, PlanCounter, Tenant

complete(metadata)

__all__ = [
    "Account",
    "AccountTenant",
    "AccountToken",
    "AccountTokenKind",
    "ApiKey",
    "AuditAction",
    "AuditArchive",
    "AuditEntry",
    "AuditOutcome",
    "Board",
    "BoardColumn",
    "ChangeKind",
    "Comment",
    "CommentMention",
    "CommentReaction",
    "ContactPerson",
    "EventOutbox",
    "EventStream",
    "FeatureFlag",
    "IdempotencyKey",
    "Invitation",
    "InvitationToken",
    "Job",
    "JobState",
    "LinkedAccount",
    "Mail",
    "Member",
    "MemberRole",
    "Note",
    "NumberSequence",
    "PlanCounter",
    "Preferences",
    "Project",
    "Property",
    "PropertyFavorite",
    "PropertyValuation",
    "Role",
    "SecurityEvent",
    "Session",
    "SignInFailure",
    "Subtask",
    "Task",
    "TaskDependency",
    "TaskLabel",
    "TaskLabelLink",
    "TaskLog",
    "TaskWatcher",
    "Team",
    "TeamMember",
    "TeamRole",
    "Tenant",
    "TenantSlug",
    "TokenEntry",
    "TokenKind",
    "UserStatus",
    "metadata",
]
