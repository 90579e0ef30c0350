"""Alembic's entry: runs revisions as the owner of the tables."""

from alembic import context
from sqlalchemy import Connection

import models
from migrations.run import compare_options

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=models.metadata, **compare_options())
with context.begin_transaction():
    context.run_migrations()
