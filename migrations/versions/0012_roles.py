"""The roles of an agency: the built-in ones as rows, its own ones, and who was given which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies
from storage.database import APP, PLATFORM

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The ids are those of `domain.access.role_id`: the same in every agency.
BUILT_IN = (
    ("056a8469-e5b3-55cd-b220-83bc64d22cdb", "OWNER", "Owner", "Inhaber", "May do everything.", "Darf alles."),
    (
        "ca963a17-4fa0-5b9f-98a5-6ece67152e5f",
        "ADMIN",
        "Administrator",
        "Administrator",
        "May do everything except change the subscription.",
        "Darf alles, außer das Abonnement zu ändern.",
    ),
    (
        "bea7b3df-053b-5c73-b7b8-bcd6774a2a65",
        "MANAGER",
        "Manager",
        "Büroleitung",
        "Runs the business.",
        "Führt das Geschäft.",
    ),
    (
        "bb519fed-40ce-5623-b880-b6515b797377",
        "AGENT",
        "Agent",
        "Makler",
        "Works on own records and those of the team.",
        "Bearbeitet eigene Vorgänge und die des Teams.",
    ),
    (
        "3a78e158-e9bc-5759-99bf-d04de1200e0e",
        "CUSTOMER",
        "Customer",
        "Kunde",
        "Sees in the portal what is shared.",
        "Sieht im Portal, was geteilt wurde.",
    ),
)

GRANTED = """
create function app.granted(tenant uuid, member uuid) returns text language sql stable parallel safe
  return (select string_agg(array_to_string(r.permission_keys, ' '), ' ')
            from public.member_role g join public.role r on r.tenant_id = g.tenant_id and r.id = g.role_id
           where g.tenant_id = $1 and g.member_id = $2)
"""


def upgrade() -> None:
    op.create_table(
        "role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("permission_keys", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("key in ('OWNER', 'ADMIN', 'MANAGER', 'AGENT', 'CUSTOMER')", name=op.f("ck_role_key")),
        sa.CheckConstraint("key is null or permission_keys = '{}'", name=op.f("ck_role_built_in")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_role_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_role_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_role")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_role_tenant_id_key")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_role_tenant_id_name")),
    )
    op.create_table(
        "member_role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_member_role_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_member_role_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"], ["role.tenant_id", "role.id"], name=op.f("fk_member_role_tenant_id_role_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_member_role_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_role")),
        sa.UniqueConstraint(
            "tenant_id", "member_id", "role_id", name=op.f("uq_member_role_tenant_id_member_id_role_id")
        ),
    )
    op.create_index(op.f("ix_member_role_tenant_id_member_id"), "member_role", ["tenant_id", "member_id"], unique=False)
    op.create_index(op.f("ix_member_role_tenant_id_role_id"), "member_role", ["tenant_id", "role_id"], unique=False)
    _built_in()
    for statement in policies.secure("role", "member_role"):
        op.execute(statement)
    op.execute(GRANTED)
    op.execute(f"grant execute on function app.granted(uuid, uuid) to {APP}, {PLATFORM}")


def _built_in() -> None:
    """The built-in roles of the agencies that are there, before the new tables are under their policies."""
    op.execute("alter table tenant no force row level security")  # else its owner sees no agencies
    row = sa.text(
        """insert into role (tenant_id, id, created_at, updated_at, name, description, key)
           select id, cast(:id as uuid), now(), now(), case language when 'de' then :name_de else :name_en end,
                  case language when 'de' then :says_de else :says_en end, :key
             from tenant"""
    )
    for id, key, name_en, name_de, says_en, says_de in BUILT_IN:
        op.execute(row.bindparams(id=id, key=key, name_en=name_en, name_de=name_de, says_en=says_en, says_de=says_de))
    op.execute("alter table tenant force row level security")


def downgrade() -> None:
    op.execute("drop function app.granted(uuid, uuid)")
    op.drop_index(op.f("ix_member_role_tenant_id_role_id"), table_name="member_role")
    op.drop_index(op.f("ix_member_role_tenant_id_member_id"), table_name="member_role")
    op.drop_table("member_role")
    op.drop_table("role")
