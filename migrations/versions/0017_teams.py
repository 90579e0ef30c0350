"""Teams, who is in them, and the boards they work with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("description", sa.String(2000), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_team_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_team_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lead_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_team_tenant_id_lead_id"),
            ondelete="SET NULL (lead_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_team_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_team")),
    )
    op.create_index(op.f("ix_team_tenant_id_lead_id"), "team", ["tenant_id", "lead_id"], unique=False)
    op.create_index(
        "uq_team_name", "team", ["tenant_id", "name"], unique=True, postgresql_where=sa.text("deleted_at is null")
    )
    op.create_table(
        "team_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_team_member_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_team_member_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["team.tenant_id", "team.id"],
            name=op.f("fk_team_member_tenant_id_team_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_team_member_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_team_member")),
        sa.UniqueConstraint(
            "tenant_id", "team_id", "member_id", name=op.f("uq_team_member_tenant_id_team_id_member_id")
        ),
    )
    op.create_index(op.f("ix_team_member_tenant_id_member_id"), "team_member", ["tenant_id", "member_id"], unique=False)
    op.create_index(op.f("ix_team_member_tenant_id_team_id"), "team_member", ["tenant_id", "team_id"], unique=False)
    op.add_column("board", sa.Column("team_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_board_tenant_id_team_id"), "board", ["tenant_id", "team_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_board_tenant_id_team_id"),
        "board",
        "team",
        ["tenant_id", "team_id"],
        ["tenant_id", "id"],
        ondelete="SET NULL (team_id)",
    )
    for statement in policies.secure("team", "team_member"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_constraint(op.f("fk_board_tenant_id_team_id"), "board", type_="foreignkey")
    op.drop_index(op.f("ix_board_tenant_id_team_id"), table_name="board")
    op.drop_column("board", "team_id")
    op.drop_index(op.f("ix_team_member_tenant_id_team_id"), table_name="team_member")
    op.drop_index(op.f("ix_team_member_tenant_id_member_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index("uq_team_name", table_name="team", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index(op.f("ix_team_tenant_id_lead_id"), table_name="team")
    op.drop_table("team")
