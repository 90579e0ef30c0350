"""The settings of an agency, its address and what the law wants printed; features for some; how people see things."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HOURS = {day: [{"from": "09:00", "to": "18:00"}] for day in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")}
COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("logo_key", sa.Text(), nullable=True),
    sa.Column("deletion_requested_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
    sa.Column("street", sa.String(255), nullable=True),
    sa.Column("house_number", sa.String(20), nullable=True),
    sa.Column("postal_code", sa.String(10), nullable=True),
    sa.Column("city", sa.String(100), nullable=True),
    sa.Column("state", sa.Text(), nullable=True),
    sa.Column("region", sa.String(100), nullable=True),
    sa.Column("country", sa.String(2), server_default="DE", nullable=False),
    sa.Column("latitude", sa.Float(), nullable=True),
    sa.Column("longitude", sa.Float(), nullable=True),
    sa.Column("show_address", sa.Boolean(), server_default="true", nullable=False),
    sa.Column("imprint", sa.String(10000), nullable=True),
    sa.Column("vat_id", sa.String(11), nullable=True),
    sa.Column("tax_number", sa.String(50), nullable=True),
    sa.Column("register_court", sa.String(100), nullable=True),
    sa.Column("register_number", sa.String(100), nullable=True),
    sa.Column("trade_licence_authority", sa.String(255), nullable=True),
    sa.Column("data_protection_officer", sa.String(255), nullable=True),
    sa.Column("revocation_text", sa.String(20000), nullable=True),
    sa.Column("terms_text", sa.String(50000), nullable=True),
    sa.Column("password_min_length", sa.SmallInteger(), server_default="8", nullable=False),
    sa.Column(
        "password_classes", postgresql.ARRAY(sa.Text()), server_default="{UPPER,LOWER,DIGIT,SPECIAL}", nullable=False
    ),
    sa.Column("session_max_days", sa.SmallInteger(), server_default="7", nullable=False),
    sa.Column("require_totp", sa.Boolean(), server_default="false", nullable=False),
    sa.Column("ip_allow_list", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    sa.Column("default_role", sa.Text(), server_default="AGENT", nullable=False),
    sa.Column("trash_retention_days", sa.SmallInteger(), server_default="30", nullable=False),
    sa.Column("audit_retention_days", sa.SmallInteger(), server_default="365", nullable=False),
    sa.Column("invoice_number_format", sa.String(40), server_default="RE-{YYYY}-{00000}", nullable=False),
    sa.Column("email_from_name", sa.String(100), nullable=True),
    sa.Column("email_from_address", sa.String(254), nullable=True),
    sa.Column("email_host", sa.String(255), nullable=True),
    sa.Column("email_port", sa.Integer(), server_default="587", nullable=False),
    sa.Column("email_use_tls", sa.Boolean(), server_default="true", nullable=False),
    sa.Column("email_username", sa.String(255), nullable=True),
    sa.Column("email_password", sa.LargeBinary(), nullable=True),
    sa.Column("email_verified_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
    sa.Column("watermark_images", sa.Boolean(), server_default="false", nullable=False),
    sa.Column(
        "business_hours", postgresql.JSONB(astext_type=sa.Text()), server_default=json.dumps(HOURS), nullable=False
    ),
    sa.Column("ai_enabled", sa.Boolean(), server_default="true", nullable=False),
    sa.Column("ai_redact_personal_data", sa.Boolean(), server_default="true", nullable=False),
)
CHECKS = {
    "state": "state in ('BW', 'BY', 'BE', 'BB', 'HB', 'HH', 'HE', 'MV', 'NI', 'NW', 'RP', 'SL', 'SN', 'ST', 'SH', 'TH')",
    "password_classes": "password_classes <@ array['UPPER', 'LOWER', 'DIGIT', 'SPECIAL']",
    "default_role": "default_role in ('OWNER', 'ADMIN', 'MANAGER', 'AGENT', 'CUSTOMER')",
}


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("tenant", column)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_tenant_{name}"), "tenant", condition)
    op.alter_column("tenant", "property_number_format", type_=sa.String(40))
    op.add_column("member", sa.Column("avatar_key", sa.Text(), nullable=True))
    op.create_table(
        "feature_flag",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rollout_percentage", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_feature_flag_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_feature_flag_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_feature_flag")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_feature_flag_tenant_id_key")),
    )
    op.create_table(
        "preferences",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), server_default="AUTO", nullable=False),
        sa.Column("language", sa.String(2), server_default="de", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Berlin", nullable=False),
        sa.Column("date_format", sa.Text(), server_default="DD.MM.YYYY", nullable=False),
        sa.Column("currency", sa.String(3), server_default="EUR", nullable=False),
        sa.Column("list_density", sa.Text(), server_default="COMFORTABLE", nullable=False),
        sa.Column("default_board_id", sa.Uuid(), nullable=True),
        sa.Column("email_signature", sa.String(5000), nullable=True),
        sa.Column("dashboard_layout", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint("list_density in ('COMPACT', 'COMFORTABLE')", name=op.f("ck_preferences_list_density")),
        sa.CheckConstraint("theme in ('LIGHT', 'DARK', 'AUTO')", name=op.f("ck_preferences_theme")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_preferences_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "default_board_id"],
            ["board.tenant_id", "board.id"],
            name=op.f("fk_preferences_tenant_id_default_board_id"),
            ondelete="SET NULL (default_board_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_preferences_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_preferences_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_preferences")),
        sa.UniqueConstraint("tenant_id", "member_id", name=op.f("uq_preferences_tenant_id_member_id")),
    )
    op.create_index(
        op.f("ix_preferences_tenant_id_default_board_id"),
        "preferences",
        ["tenant_id", "default_board_id"],
        unique=False,
    )
    op.create_index(op.f("ix_preferences_tenant_id_member_id"), "preferences", ["tenant_id", "member_id"], unique=False)
    for statement in policies.secure("feature_flag", "preferences"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("preferences")
    op.drop_table("feature_flag")
    op.drop_column("member", "avatar_key")
    op.alter_column("tenant", "property_number_format", type_=sa.Text())
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_tenant_{name}"), "tenant")
    for column in reversed(COLUMNS):
        op.drop_column("tenant", column.name)
