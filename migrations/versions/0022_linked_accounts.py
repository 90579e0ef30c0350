"""Accounts at providers that open a login."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "linked_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("connected_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint("provider in ('GOOGLE')", name=op.f("ck_linked_account_provider")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_linked_account_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_account")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_linked_account_provider_subject")),
    )
    op.create_index("ix_linked_account_account_id", "linked_account", ["account_id"])
    for statement in policies.directory("linked_account"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("linked_account")
