"""Members can be searched, and removed without a gap in what refers to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PRESENT = sa.text("deleted_at is null")
SEARCH = (
    "app.search_document(tenant_id, first_name || ' ' || last_name, email,"
    " coalesce(department, '') || ' ' || coalesce(position, ''))"
)


def upgrade() -> None:
    op.add_column("member", sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True))
    op.add_column("member", sa.Column("deleted_by_id", sa.Uuid(), nullable=True))
    op.add_column(
        "member", sa.Column("search", postgresql.TSVECTOR(), sa.Computed(SEARCH, persisted=True), nullable=True)
    )
    op.create_foreign_key(
        op.f("fk_member_tenant_id_deleted_by_id"),
        "member",
        "member",
        ["tenant_id", "deleted_by_id"],
        ["tenant_id", "id"],
        ondelete="SET NULL (deleted_by_id)",
    )
    op.create_index(op.f("ix_member_search"), "member", ["search"], postgresql_using="gin")
    op.drop_constraint("uq_member_tenant_id_account_id", "member", type_="unique")
    op.drop_constraint("uq_member_tenant_id_email", "member", type_="unique")
    op.create_index("uq_member_account", "member", ["tenant_id", "account_id"], unique=True, postgresql_where=PRESENT)
    op.create_index("uq_member_email", "member", ["tenant_id", "email"], unique=True, postgresql_where=PRESENT)
    for statement in policies.searchable("member"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop function app.search_member(text)")
    op.execute("drop policy search on member")
    op.drop_index("uq_member_email", table_name="member")
    op.drop_index("uq_member_account", table_name="member")
    op.create_unique_constraint("uq_member_tenant_id_email", "member", ["tenant_id", "email"])
    op.create_unique_constraint("uq_member_tenant_id_account_id", "member", ["tenant_id", "account_id"])
    op.drop_index(op.f("ix_member_search"), table_name="member")
    op.drop_constraint(op.f("fk_member_tenant_id_deleted_by_id"), "member", type_="foreignkey")
    op.drop_column("member", "search")
    op.drop_column("member", "deleted_by_id")
    op.drop_column("member", "deleted_at")
