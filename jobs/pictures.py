"""Jobs of pictures: what was replaced is removed from the store."""

from resolvers.kit.images import Removed
from resolvers.kit.jobs import AgencyWork, job


@job("pictures.remove")
async def remove(work: AgencyWork, removed: Removed) -> None:
    """Remove a picture that nobody shows any more."""
    await work.state.files.delete(removed.key)
