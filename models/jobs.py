"""Jobs that people start and watch: imports, exports. How they are carried out, the queue knows (`storage/jobs.py`)."""

from datetime import datetime
from enum import Enum

from sqlalchemy import Index, desc
from sqlmodel import Field

from models.base import Owned, choice, document, flag, moment


class JobState(Enum):
    """Where a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Job(Owned, table=True):
    """Something long that somebody started."""

    __table_args__ = (Index("ix_job_by_creator", "tenant_id", "created_by_id", desc("created_at"), desc("id")),)

    kind: str = Field(max_length=50, description="What is done, e.g. `properties_import`.")
    state: str = choice(JobState, JobState.QUEUED, description="Where it stands.")
    total: int | None = Field(default=None, description="How much there is to do; null while that is not known.")
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="How much of it is done.")
    message: str | None = Field(default=None, max_length=200, description="What it is doing.")
    task: dict[str, object] = document(description="What is to be done, for whoever carries it out.")
    result: dict[str, object] = document(description="What came of it; empty before.")
    error: str | None = Field(default=None, max_length=500, description="Why it failed, for a person.")
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="How often it was begun.")
    cancelling: bool = flag(description="Whether it shall stop at its next step.")
    source_key: str | None = Field(default=None, max_length=200, description="The file it works on.")
    file_key: str | None = Field(default=None, max_length=200, description="The file it made.")
    file_name: str | None = Field(default=None, max_length=255, description="What that file is called.")
    started_at: datetime | None = moment(description="When it was begun.")
    finished_at: datetime | None = moment(description="When it ended, however it did.")
