"""Properties people mark to find them again, and what somebody found a property to be worth."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "property_favorite",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_favorite_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_favorite_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_property_favorite_tenant_id_property_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_property_favorite_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_property_favorite")),
        sa.UniqueConstraint(
            "tenant_id", "property_id", "member_id", name=op.f("uq_property_favorite_tenant_id_property_id_member_id")
        ),
    )
    op.create_index(
        op.f("ix_property_favorite_tenant_id_member_id"), "property_favorite", ["tenant_id", "member_id"], unique=False
    )
    op.create_index(
        op.f("ix_property_favorite_tenant_id_property_id"),
        "property_favorite",
        ["tenant_id", "property_id"],
        unique=False,
    )
    op.create_table(
        "property_valuation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), server_default="MANUAL", nullable=False),
        sa.Column("source", sa.String(255), nullable=True),
        sa.Column("notes", sa.String(5000), nullable=True),
        sa.CheckConstraint(
            "method in ('MANUAL', 'AVM', 'COMPARISON', 'INCOME', 'COST', 'EXPERT', 'AGENT_ESTIMATE')",
            name=op.f("ck_property_valuation_method"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_valuation_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_property_valuation_tenant_id_property_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_property_valuation_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_property_valuation")),
    )
    op.create_index(
        "ix_property_valuation_newest",
        "property_valuation",
        ["tenant_id", "property_id", sa.literal_column("valued_on desc"), sa.literal_column("id desc")],
    )
    op.create_index(
        op.f("ix_property_valuation_tenant_id_property_id"), "property_valuation", ["tenant_id", "property_id"]
    )

    for table in ("property_favorite", "property_valuation"):
        for statement in policies.secure(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("property_valuation")
    op.drop_table("property_favorite")
