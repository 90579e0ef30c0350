"""An invitation says which custom roles and teams the new member comes with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = ("role_ids", "team_ids")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("invitation", sa.Column(name, postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("invitation", name)
