"""A job that kills its worker must not be begun for ever: how often a silent worker lost it is counted with the job."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNT = """
create function jobs.fn_count_deaths() returns trigger language plpgsql as $$
begin
  new.headers := coalesce(old.headers, '{}')
    || jsonb_build_object('deaths', coalesce((old.headers ->> 'deaths')::integer, 0) + 1);
  return new;
end
$$
"""
# Who works on a job becomes somebody else without its having gone back into the queue: it was taken from the dead.
WATCH = """
create trigger tg_count_deaths before update of queue_manager_id on jobs.pgqueuer for each row
  when (old.status = 'picked' and new.status = 'picked' and old.queue_manager_id <> new.queue_manager_id)
  execute function jobs.fn_count_deaths()
"""


def upgrade() -> None:
    op.execute(COUNT)
    op.execute(WATCH)


def downgrade() -> None:
    op.execute("drop trigger tg_count_deaths on jobs.pgqueuer")
    op.execute("drop function jobs.fn_count_deaths")
