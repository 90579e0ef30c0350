"""Invitations, and the directory of their secrets."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HELD = sa.text("holds_seat")


def _moment(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True, precision=3), nullable=nullable)


def _key(column: str, table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_invitation_tenant_id_{column}")
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], name=name, ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("role", sa.Text(), server_default="AGENT", nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("department", sa.String(100), nullable=True),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        _moment("expires_at", nullable=False),
        _moment("accepted_at"),
        _moment("revoked_at"),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("holds_seat", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("token_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        _moment("sent_at"),
        sa.Column("send_error", sa.String(500), nullable=True),
        sa.CheckConstraint(
            "role in ('OWNER', 'ADMIN', 'MANAGER', 'AGENT', 'CUSTOMER')", name=op.f("ck_invitation_role")
        ),
        _key("created_by_id", "member", "SET NULL (created_by_id)"),
        _key("invited_by_id", "member"),
        _key("member_id", "member", "SET NULL (member_id)"),
        _key("mail_id", "mail", "SET NULL (mail_id)"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_invitation_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitation")),
    )
    for columns in (["invited_by_id"], ["member_id"], ["mail_id"], ["created_at", "id"]):
        op.create_index(op.f(f"ix_invitation_tenant_id_{'_'.join(columns)}"), "invitation", ["tenant_id", *columns])
    op.create_index("uq_invitation_email", "invitation", ["tenant_id", "email"], unique=True, postgresql_where=HELD)
    op.create_index("ix_invitation_to_release", "invitation", ["tenant_id", "expires_at"], postgresql_where=HELD)
    op.create_table(
        "invitation_token",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        _moment("expires_at", nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_invitation_token")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_invitation_token_invitation_id")),
    )
    for statement in (*policies.secure("invitation"), *policies.directory("invitation_token")):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("invitation_token")
    op.drop_table("invitation")
