"""Boards, tasks and what belongs to them; every agency gets the board it would have begun with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


# Status, English and German name, colour, limit of the columns of a first board.
FIRST_COLUMNS = (
    ("BACKLOG", "Backlog", "Backlog", "#8E8E93", None),
    ("TODO", "To do", "Zu erledigen", "#0A84FF", 8),
    ("IN_PROGRESS", "In progress", "In Arbeit", "#FF9F0A", 5),
    ("REVIEW", "Review", "In Prüfung", "#BF5AF2", 3),
    ("BLOCKED", "Blocked", "Blockiert", "#FF453A", None),
    ("DONE", "Done", "Erledigt", "#30D158", None),
)


def upgrade() -> None:
    op.create_table(
        "task_label",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("color", sa.String(7), server_default="#3B82F6", nullable=False),
        sa.Column("description", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_label_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_label_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task_label")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_task_label_tenant_id_name")),
    )
    op.create_table(
        "project",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(5000), nullable=True),
        sa.Column("color", sa.String(7), server_default="#0A84FF", nullable=False),
        sa.Column("status", sa.Text(), server_default="ACTIVE", nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("status in ('ACTIVE', 'ATTENTION', 'DELAYED', 'COMPLETED')", name=op.f("ck_project_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_project_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_project_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_project_tenant_id_property_id"),
            ondelete="SET NULL (property_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_project_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_tenant_id_property_id"), "project", ["tenant_id", "property_id"], unique=False)
    op.create_index(
        "uq_project_name", "project", ["tenant_id", "name"], unique=True, postgresql_where=sa.text("deleted_at is null")
    )
    op.create_table(
        "board",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("wip_limit", sa.SmallInteger(), nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("not is_default or deleted_at is null", name=op.f("ck_board_default_stays")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_board_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_board_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["project.tenant_id", "project.id"],
            name=op.f("fk_board_tenant_id_project_id"),
            ondelete="SET NULL (project_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_board_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_board")),
    )
    op.create_index(op.f("ix_board_tenant_id_project_id"), "board", ["tenant_id", "project_id"], unique=False)
    op.create_index("uq_board_default", "board", ["tenant_id"], unique=True, postgresql_where=sa.text("is_default"))
    op.create_index(
        "uq_board_name", "board", ["tenant_id", "name"], unique=True, postgresql_where=sa.text("deleted_at is null")
    )
    op.create_table(
        "board_column",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("wip_limit", sa.SmallInteger(), nullable=True),
        sa.Column("color", sa.String(7), server_default="#8E8E93", nullable=False),
        sa.Column("allow_from", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "allow_from <@ array['BACKLOG', 'TODO', 'IN_PROGRESS', 'REVIEW', 'BLOCKED', 'ON_HOLD', 'DONE', 'CANCELLED']",
            name=op.f("ck_board_column_allow_from"),
        ),
        sa.CheckConstraint(
            "status in ('BACKLOG', 'TODO', 'IN_PROGRESS', 'REVIEW', 'BLOCKED', 'ON_HOLD', 'DONE', 'CANCELLED')",
            name=op.f("ck_board_column_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "board_id"],
            ["board.tenant_id", "board.id"],
            name=op.f("fk_board_column_tenant_id_board_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_board_column_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_board_column_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_board_column")),
        sa.UniqueConstraint("tenant_id", "board_id", "status", name=op.f("uq_board_column_tenant_id_board_id_status")),
    )
    op.create_index(op.f("ix_board_column_tenant_id_board_id"), "board_column", ["tenant_id", "board_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), server_default="", nullable=False),
        sa.Column("priority", sa.Text(), server_default="MEDIUM", nullable=False),
        sa.Column("status", sa.Text(), server_default="TODO", nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Text(collation="C"), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("due_date", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("start_date", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("completed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("progress", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("estimated_hours", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("actual_hours", sa.SmallInteger(), nullable=True),
        sa.Column("story_points", sa.SmallInteger(), nullable=True),
        sa.Column("property_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("financing_status", sa.Text(), nullable=True),
        sa.Column("financing_amount", sa.BigInteger(), nullable=True),
        sa.Column("financing_rate", sa.Integer(), nullable=True),
        sa.Column("financing_years", sa.SmallInteger(), nullable=True),
        sa.Column("currency", sa.String(3), server_default="EUR", nullable=False),
        sa.Column("blocked_reason", sa.String(500), nullable=True),
        sa.Column("blocked_since", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("blocked_by_id", sa.Uuid(), nullable=True),
        sa.Column("blocked_by_task_id", sa.Uuid(), nullable=True),
        sa.Column("archived_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("recurrence", sa.String(500), nullable=True),
        sa.Column("due_reminded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("overdue_reminded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("title_key", sa.Text(), sa.Computed("app.fold(title)", persisted=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("app.search_document(tenant_id, title, description, '')", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("(status = 'BLOCKED') = (blocked_reason is not null)", name=op.f("ck_task_blocked")),
        sa.CheckConstraint("(status = 'DONE') = (completed_at is not null)", name=op.f("ck_task_completed")),
        sa.CheckConstraint(
            "financing_status in ('NONE', 'REQUESTED', 'PREQUALIFIED', 'IN_REVIEW', 'APPROVED', 'REJECTED')",
            name=op.f("ck_task_financing_status"),
        ),
        sa.CheckConstraint("priority in ('LOW', 'MEDIUM', 'HIGH', 'URGENT')", name=op.f("ck_task_priority")),
        sa.CheckConstraint("status <> 'DONE' or progress = 100", name=op.f("ck_task_progress_done")),
        sa.CheckConstraint(
            "status in ('BACKLOG', 'TODO', 'IN_PROGRESS', 'REVIEW', 'BLOCKED', 'ON_HOLD', 'DONE', 'CANCELLED')",
            name=op.f("ck_task_status"),
        ),
        sa.CheckConstraint("start_date <= due_date", name=op.f("ck_task_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_tenant_id_assignee_id"),
            ondelete="SET NULL (assignee_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "blocked_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_tenant_id_blocked_by_id"),
            ondelete="SET NULL (blocked_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "blocked_by_task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_tenant_id_blocked_by_task_id"),
            ondelete="SET NULL (blocked_by_task_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "board_id"],
            ["board.tenant_id", "board.id"],
            name=op.f("fk_task_tenant_id_board_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "column_id"],
            ["board_column.tenant_id", "board_column.id"],
            name=op.f("fk_task_tenant_id_column_id"),
            ondelete="SET NULL (column_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "project_id"],
            ["project.tenant_id", "project.id"],
            name=op.f("fk_task_tenant_id_project_id"),
            ondelete="SET NULL (project_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_task_tenant_id_property_id"),
            ondelete="SET NULL (property_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task")),
    )
    op.create_index(
        "ix_task_board_order",
        "task",
        ["tenant_id", "column_id", "rank", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at is null and archived_at is null"),
    )
    op.create_index(
        "ix_task_board_status",
        "task",
        ["tenant_id", "board_id", "status"],
        unique=False,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(
        "ix_task_created_at",
        "task",
        ["tenant_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(
        "ix_task_due_date",
        "task",
        ["tenant_id", "due_date", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(op.f("ix_task_search"), "task", ["search"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_task_tenant_id_assignee_id"), "task", ["tenant_id", "assignee_id"], unique=False)
    op.create_index(op.f("ix_task_tenant_id_blocked_by_id"), "task", ["tenant_id", "blocked_by_id"], unique=False)
    op.create_index(
        op.f("ix_task_tenant_id_blocked_by_task_id"), "task", ["tenant_id", "blocked_by_task_id"], unique=False
    )
    op.create_index(op.f("ix_task_tenant_id_board_id"), "task", ["tenant_id", "board_id"], unique=False)
    op.create_index(op.f("ix_task_tenant_id_column_id"), "task", ["tenant_id", "column_id"], unique=False)
    op.create_index(op.f("ix_task_tenant_id_project_id"), "task", ["tenant_id", "project_id"], unique=False)
    op.create_index(op.f("ix_task_tenant_id_property_id"), "task", ["tenant_id", "property_id"], unique=False)
    op.create_index(
        "ix_task_title_key",
        "task",
        ["tenant_id", "title_key", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(
        "ix_task_updated_at",
        "task",
        ["tenant_id", sa.literal_column("updated_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index("uq_task_rank", "task", ["tenant_id", "column_id", "rank"], unique=True)
    op.create_table(
        "comment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(5000), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("edited_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("num_nonnulls(task_id) = 1", name=op.f("ck_comment_one_subject")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"], ["member.tenant_id", "member.id"], name=op.f("fk_comment_tenant_id_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["comment.tenant_id", "comment.id"],
            name=op.f("fk_comment_tenant_id_parent_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_comment_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_comment_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_tenant_id_author_id"), "comment", ["tenant_id", "author_id"], unique=False)
    op.create_index(op.f("ix_comment_tenant_id_parent_id"), "comment", ["tenant_id", "parent_id"], unique=False)
    op.create_index(op.f("ix_comment_tenant_id_task_id"), "comment", ["tenant_id", "task_id"], unique=False)
    op.create_index(
        op.f("ix_comment_tenant_id_task_id_created_at_id"),
        "comment",
        ["tenant_id", "task_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "subtask",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("done", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("due_date", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("completed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_subtask_tenant_id_assignee_id"),
            ondelete="SET NULL (assignee_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_subtask_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_subtask_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_subtask_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subtask")),
    )
    op.create_index(op.f("ix_subtask_tenant_id_assignee_id"), "subtask", ["tenant_id", "assignee_id"], unique=False)
    op.create_index(op.f("ix_subtask_tenant_id_task_id"), "subtask", ["tenant_id", "task_id"], unique=False)
    op.create_table(
        "task_dependency",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("depends_on_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("task_id <> depends_on_id", name=op.f("ck_task_dependency_not_itself")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_dependency_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "depends_on_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_dependency_tenant_id_depends_on_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_dependency_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_dependency_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task_dependency")),
        sa.UniqueConstraint(
            "tenant_id", "task_id", "depends_on_id", name=op.f("uq_task_dependency_tenant_id_task_id_depends_on_id")
        ),
    )
    op.create_index(
        op.f("ix_task_dependency_tenant_id_depends_on_id"),
        "task_dependency",
        ["tenant_id", "depends_on_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_task_dependency_tenant_id_task_id"), "task_dependency", ["tenant_id", "task_id"], unique=False
    )
    op.create_table(
        "task_label_link",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_label_link_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "label_id"],
            ["task_label.tenant_id", "task_label.id"],
            name=op.f("fk_task_label_link_tenant_id_label_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_label_link_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_label_link_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task_label_link")),
        sa.UniqueConstraint(
            "tenant_id", "task_id", "label_id", name=op.f("uq_task_label_link_tenant_id_task_id_label_id")
        ),
    )
    op.create_index(
        op.f("ix_task_label_link_tenant_id_label_id"), "task_label_link", ["tenant_id", "label_id"], unique=False
    )
    op.create_index(
        op.f("ix_task_label_link_tenant_id_task_id"), "task_label_link", ["tenant_id", "task_id"], unique=False
    )
    op.create_table(
        "task_log",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint(
            "action in ('CREATED', 'UPDATED', 'MOVED', 'STATUS_CHANGED', 'PRIORITY_CHANGED', 'ASSIGNED', 'COMMENTED', 'ATTACHED', 'BLOCKED', 'UNBLOCKED', 'ARCHIVED', 'DELETED', 'RESTORED')",
            name=op.f("ck_task_log_action"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_log_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_log_tenant_id_member_id"),
            ondelete="SET NULL (member_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_log_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_log_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task_log")),
    )
    op.create_index(
        "ix_task_log_newest",
        "task_log",
        ["tenant_id", "task_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(op.f("ix_task_log_tenant_id_member_id"), "task_log", ["tenant_id", "member_id"], unique=False)
    op.create_index(op.f("ix_task_log_tenant_id_task_id"), "task_log", ["tenant_id", "task_id"], unique=False)
    op.create_table(
        "task_watcher",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_watcher_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_task_watcher_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "task_id"],
            ["task.tenant_id", "task.id"],
            name=op.f("fk_task_watcher_tenant_id_task_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_task_watcher_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_task_watcher")),
        sa.UniqueConstraint(
            "tenant_id", "task_id", "member_id", name=op.f("uq_task_watcher_tenant_id_task_id_member_id")
        ),
    )
    op.create_index(
        op.f("ix_task_watcher_tenant_id_member_id"), "task_watcher", ["tenant_id", "member_id"], unique=False
    )
    op.create_index(op.f("ix_task_watcher_tenant_id_task_id"), "task_watcher", ["tenant_id", "task_id"], unique=False)
    op.create_table(
        "comment_reaction",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("emoji", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "comment_id"],
            ["comment.tenant_id", "comment.id"],
            name=op.f("fk_comment_reaction_tenant_id_comment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_reaction_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_reaction_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_comment_reaction_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_comment_reaction")),
        sa.UniqueConstraint(
            "tenant_id",
            "comment_id",
            "member_id",
            "emoji",
            name=op.f("uq_comment_reaction_tenant_id_comment_id_member_id_emoji"),
        ),
    )
    op.create_index(
        op.f("ix_comment_reaction_tenant_id_comment_id"), "comment_reaction", ["tenant_id", "comment_id"], unique=False
    )
    op.create_index(
        op.f("ix_comment_reaction_tenant_id_member_id"), "comment_reaction", ["tenant_id", "member_id"], unique=False
    )
    op.create_table(
        "comment_mention",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "comment_id"],
            ["comment.tenant_id", "comment.id"],
            name=op.f("fk_comment_mention_tenant_id_comment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_mention_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_comment_mention_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_comment_mention_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_comment_mention")),
        sa.UniqueConstraint(
            "tenant_id", "comment_id", "member_id", name=op.f("uq_comment_mention_tenant_id_comment_id_member_id")
        ),
    )
    op.create_index(
        op.f("ix_comment_mention_tenant_id_comment_id"), "comment_mention", ["tenant_id", "comment_id"], unique=False
    )
    op.create_index(
        op.f("ix_comment_mention_tenant_id_member_id"), "comment_mention", ["tenant_id", "member_id"], unique=False
    )
    _first_boards()
    for statement in (
        *policies.secure("project", "board", "board_column", "task", "task_label", "task_label_link", "task_watcher"),
        *policies.secure("task_dependency", "subtask", "comment", "comment_reaction", "comment_mention"),
        *policies.secure("task_log", app="select, insert"),
        *policies.searchable("task"),
    ):
        op.execute(statement)


def _first_boards() -> None:
    """Boards for the agencies that are there, before the new tables are under their policies."""
    op.execute("alter table tenant no force row level security")  # else its owner sees no agencies
    op.execute(
        """insert into board (tenant_id, id, created_at, updated_at, name, is_default)
           select id, gen_random_uuid(), now(), now(), case language when 'de' then 'Aufgaben' else 'Tasks' end, true
             from tenant"""
    )
    column = sa.text(
        """insert into board_column (tenant_id, id, created_at, updated_at, board_id, name, status, position, wip_limit, color)
           select b.tenant_id, gen_random_uuid(), now(), now(), b.id,
                  case t.language when 'de' then :german else :english end, :status, :position, :wip_limit, :color
             from board b join tenant t on t.tenant_id = b.tenant_id"""
    ).bindparams(sa.bindparam("wip_limit", type_=sa.SmallInteger()), sa.bindparam("position", type_=sa.SmallInteger()))
    for position, (status, english, german, color, limit) in enumerate(FIRST_COLUMNS):
        values = {"status": status, "english": english, "german": german, "color": color}
        op.execute(column.bindparams(position=position, wip_limit=limit, **values))
    op.execute("alter table tenant force row level security")


def downgrade() -> None:
    op.execute("drop function app.search_task(text)")
    op.drop_index(op.f("ix_comment_mention_tenant_id_member_id"), table_name="comment_mention")
    op.drop_index(op.f("ix_comment_mention_tenant_id_comment_id"), table_name="comment_mention")
    op.drop_table("comment_mention")
    op.drop_index(op.f("ix_comment_reaction_tenant_id_member_id"), table_name="comment_reaction")
    op.drop_index(op.f("ix_comment_reaction_tenant_id_comment_id"), table_name="comment_reaction")
    op.drop_table("comment_reaction")
    op.drop_index(op.f("ix_task_watcher_tenant_id_task_id"), table_name="task_watcher")
    op.drop_index(op.f("ix_task_watcher_tenant_id_member_id"), table_name="task_watcher")
    op.drop_table("task_watcher")
    op.drop_index(op.f("ix_task_log_tenant_id_task_id"), table_name="task_log")
    op.drop_index(op.f("ix_task_log_tenant_id_member_id"), table_name="task_log")
    op.drop_index("ix_task_log_newest", table_name="task_log")
    op.drop_table("task_log")
    op.drop_index(op.f("ix_task_label_link_tenant_id_task_id"), table_name="task_label_link")
    op.drop_index(op.f("ix_task_label_link_tenant_id_label_id"), table_name="task_label_link")
    op.drop_table("task_label_link")
    op.drop_index(op.f("ix_task_dependency_tenant_id_task_id"), table_name="task_dependency")
    op.drop_index(op.f("ix_task_dependency_tenant_id_depends_on_id"), table_name="task_dependency")
    op.drop_table("task_dependency")
    op.drop_index(op.f("ix_subtask_tenant_id_task_id"), table_name="subtask")
    op.drop_index(op.f("ix_subtask_tenant_id_assignee_id"), table_name="subtask")
    op.drop_table("subtask")
    op.drop_index(op.f("ix_comment_tenant_id_task_id_created_at_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_tenant_id_task_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_tenant_id_parent_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_tenant_id_author_id"), table_name="comment")
    op.drop_table("comment")
    op.drop_index("uq_task_rank", table_name="task")
    op.drop_index("ix_task_updated_at", table_name="task", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index("ix_task_title_key", table_name="task", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index(op.f("ix_task_tenant_id_property_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_project_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_column_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_board_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_blocked_by_task_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_blocked_by_id"), table_name="task")
    op.drop_index(op.f("ix_task_tenant_id_assignee_id"), table_name="task")
    op.drop_index(op.f("ix_task_search"), table_name="task", postgresql_using="gin")
    op.drop_index("ix_task_due_date", table_name="task", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index("ix_task_created_at", table_name="task", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index("ix_task_board_status", table_name="task", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index(
        "ix_task_board_order", table_name="task", postgresql_where=sa.text("deleted_at is null and archived_at is null")
    )
    op.drop_table("task")
    op.drop_index(op.f("ix_board_column_tenant_id_board_id"), table_name="board_column")
    op.drop_table("board_column")
    op.drop_index("uq_board_name", table_name="board", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index("uq_board_default", table_name="board", postgresql_where=sa.text("is_default"))
    op.drop_index(op.f("ix_board_tenant_id_project_id"), table_name="board")
    op.drop_table("board")
    op.drop_index("uq_project_name", table_name="project", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index(op.f("ix_project_tenant_id_property_id"), table_name="project")
    op.drop_table("project")
    op.drop_table("task_label")
