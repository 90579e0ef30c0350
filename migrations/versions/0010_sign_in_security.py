"""Failures of signing in, secrets sent by mail, authenticator apps. Who is here already counts as verified."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "account_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('PASSWORD_RESET', 'EMAIL_VERIFICATION')", name=op.f("ck_account_token_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_account_token_hash")),
    )
    op.create_index(op.f("ix_account_token_account_id"), "account_token", ["account_id"])
    for statement in policies.directory("sign_in_failure", "account_token"):
        op.execute(statement)
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("totp_enabled_at", MOMENT, nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column(
        "account", sa.Column("recovery_codes", postgresql.ARRAY(sa.LargeBinary()), server_default="{}", nullable=False)
    )
    op.alter_column(
        "account", "email_verified_at", type_=MOMENT, postgresql_using="coalesce(email_verified_at, created_at)"
    )
    # No policy lets the owner see rows of an agency, but a default fills those that are there.
    op.add_column("member", sa.Column("email_verified", sa.Boolean(), server_default="true", nullable=False))
    op.alter_column("member", "email_verified", server_default="false")
    op.add_column("member", sa.Column("totp_enabled", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("member", "totp_enabled")
    op.drop_column("member", "email_verified")
    for name in ("recovery_codes", "totp_step", "totp_enabled_at", "totp_secret"):
        op.drop_column("account", name)
    op.drop_table("account_token")
    op.drop_table("sign_in_failure")
