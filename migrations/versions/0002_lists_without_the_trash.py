"""Indexes of lists leave out the trash: pages and counts are read from them alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_property_created_at": ["created_at desc", "id desc"],
    "ix_property_updated_at": ["updated_at desc", "id desc"],
    "ix_property_price": ["price desc nulls last", "id desc"],
    "ix_property_living_area": ["living_area desc nulls last", "id desc"],
    "ix_property_title_key": ["title_key", "id"],
    "ix_property_status": ["status", "created_at desc", "id desc"],
    "ix_property_city": ["city", "created_at desc", "id desc"],
    "ix_property_postal_code": ["postal_code"],
}


def upgrade() -> None:
    _renew(sa.text("deleted_at is null"))


def downgrade() -> None:
    _renew(None)


def _renew(where: sa.TextClause | None) -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="property")
        op.create_index(
            name, "property", ["tenant_id", *(sa.text(column) for column in columns)], postgresql_where=where
        )
