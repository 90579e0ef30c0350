"""Tasks to be reminded of are found without reading all that were ever done."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_task_to_remind",
        "task",
        ["tenant_id", "due_date"],
        postgresql_where=sa.text(
            "deleted_at is null and archived_at is null and completed_at is null and overdue_reminded_at is null"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_task_to_remind", table_name="task")
