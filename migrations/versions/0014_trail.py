"""The trail can be verified from its rows alone, and nobody but the owner of the tables can change it.

An entry's hash covers the entry as the database writes it, so the chains that exist are made anew in that form.
"""

import sqlalchemy as sa
from alembic import op

from storage.database import APP, OWNER, PLATFORM

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# What the hash of an entry covers, besides the hash before it.
TEXT = """
create function app.trail_text(entry audit_entry) returns text language sql stable parallel safe
  return jsonb_build_object(
    'id', entry.id,
    'timestamp', to_char(entry.timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'actor_id', entry.actor_id, 'actor_name', entry.actor_name, 'api_key_prefix', entry.api_key_prefix,
    'action', entry.action, 'resource_type', entry.resource_type, 'resource_id', entry.resource_id,
    'resource_title', entry.resource_title, 'old_values', entry.old_values, 'new_values', entry.new_values,
    'outcome', entry.outcome, 'error_code', entry.error_code, 'operation', entry.operation,
    'ip_address', entry.ip_address, 'user_agent', entry.user_agent, 'request_id', entry.request_id)::text
"""
CHAINS = """
do $$
declare
  stream record;
  entry audit_entry;
  head bytea;
begin
  for stream in select tenant_id from event_stream loop
    head := '';
    for entry in select * from audit_entry where tenant_id = stream.tenant_id order by seq loop
      head := sha256(head || convert_to(app.trail_text(entry), 'UTF8'));
      update audit_entry set hash = head where tenant_id = stream.tenant_id and id = entry.id;
    end loop;
    update event_stream set audit_head = head where tenant_id = stream.tenant_id;
  end loop;
end
$$
"""


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("api_key_prefix", sa.Text(), nullable=True))
    op.execute(TEXT)
    op.execute(f"grant execute on function app.trail_text(audit_entry) to {APP}, {PLATFORM}")
    # Forced policies blind the owner as well; for this one change it sees.
    for table in ("audit_entry", "event_stream"):
        op.execute(f"create policy chains on {table} to {OWNER} using (true) with check (true)")
    op.execute(CHAINS)
    for table in ("audit_entry", "event_stream"):
        op.execute(f"drop policy chains on {table}")
    op.execute(f"revoke insert, update, delete on audit_entry from {PLATFORM}")
    # What begins a stream moves when its old events go; what ends it, and the head of the chain, it may not touch.
    op.execute(f"revoke insert, update, delete on event_stream from {PLATFORM}")
    op.execute(f"grant update (min_seq) on event_stream to {PLATFORM}")


def downgrade() -> None:
    op.execute(f"revoke update (min_seq) on event_stream from {PLATFORM}")
    op.execute(f"grant insert, update, delete on event_stream to {PLATFORM}")
    op.execute(f"grant insert, update, delete on audit_entry to {PLATFORM}")
    op.execute("drop function app.trail_text(audit_entry)")
    op.drop_column("audit_entry", "api_key_prefix")
