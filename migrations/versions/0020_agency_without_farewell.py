"""An agency that can be deleted will say when that was asked for; until then there is nothing to remember."""

import sqlalchemy as sa
from alembic import op

from models.base import Timestamp

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("tenant", "deletion_requested_at")


def downgrade() -> None:
    op.add_column("tenant", sa.Column("deletion_requested_at", Timestamp, nullable=True))
