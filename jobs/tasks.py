"""Jobs of tasks: reminders."""

from models.base import now
from resolvers.kit.jobs import AgencyWork, Work, job
from resolvers.kit.system import transaction
from resolvers.tasks.reminders import BATCH, agencies_to_remind, remind
from storage.jobs import enqueue_for


@job("tasks.find_due", cron="*/15 * * * *")
async def find_due(work: Work) -> None:
    """Have every agency reminded that has something to be reminded of."""
    await enqueue_for(work.state.database, "tasks.remind", agencies_to_remind(now()))


@job("tasks.remind")
async def remind_of_tasks(work: AgencyWork) -> None:
    """Remind an agency of what is due."""
    at = now()
    while True:
        async with transaction(work) as doing:
            told = await remind(doing, work.tenant_id, at)
        if told < BATCH:
            return
