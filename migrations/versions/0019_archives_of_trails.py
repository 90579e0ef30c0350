"""Old entries of the audit trail go into files; one function alone takes them away, and only those."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies
from storage.database import APP, OWNER, PLATFORM

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The owner sees, and may take away, what is older than a year of the agency at hand: nothing else, whoever asks.
OLD = "tenant_id = (select app.current_tenant()) and timestamp < now() - interval '365 days'"
REMOVE = """
create function app.remove_archived_entries() returns bigint language sql volatile security definer
  set search_path = pg_catalog, public begin atomic
  with gone as (
    delete from audit_entry e
     using audit_archive a
     where e.tenant_id = app.current_tenant() and a.tenant_id = e.tenant_id
       and e.seq between a.first_seq and a.last_seq
       and e.timestamp < now() - interval '365 days'
    returning 1)
  select count(*) from gone; end
"""


def upgrade() -> None:
    op.create_table(
        "audit_archive",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("first_seq <= last_seq", name=op.f("ck_audit_archive_some")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_audit_archive_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_archive")),
        sa.UniqueConstraint("tenant_id", "first_seq", name=op.f("uq_audit_archive_tenant_id_first_seq")),
        sa.UniqueConstraint("tenant_id", "last_seq", name=op.f("uq_audit_archive_tenant_id_last_seq")),
    )
    for statement in policies.secure("audit_archive", app="select, insert"):
        op.execute(statement)
    op.execute(f"revoke insert, update, delete on audit_archive from {PLATFORM}")
    op.execute(f"create policy archived on audit_entry to {OWNER} using ({OLD}) with check (false)")
    op.execute(
        f"create policy archived on audit_archive for select to {OWNER} using (tenant_id = (select app.current_tenant()))"
    )
    op.execute(REMOVE)
    op.execute("revoke all on function app.remove_archived_entries() from public")
    op.execute(f"grant execute on function app.remove_archived_entries() to {APP}")


def downgrade() -> None:
    op.execute("drop function app.remove_archived_entries()")
    op.execute("drop policy archived on audit_entry")
    op.drop_table("audit_archive")
