"""The queue's own clock may tell a time twice: which one the platform last acted at is kept, as it is for agencies."""

from alembic import op

from storage.database import PLATFORM

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table jobs.platform_cron (name text primary key, at timestamptz not null)")
    op.execute(f"grant select, insert, update on jobs.platform_cron to {PLATFORM}")


def downgrade() -> None:
    op.execute("drop table jobs.platform_cron")
