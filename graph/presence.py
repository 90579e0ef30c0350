"""Who looks at a record at this moment."""

from datetime import datetime

import strawberry

import models
from graph.kit.payload import Shape, rows
from graph.kit.root import subscription
from resolvers import presence


@strawberry.type(description="Who looks at a record now: all of them, so whoever missed a change missed nothing.")
class ViewersChange(Shape):
    node_id: strawberry.ID = strawberry.field(description="The record that is looked at.")
    users = rows(models.Member, "Who looks at it, each once, the subscriber included; at most 100 per server process.")
    at: datetime = strawberry.field(description="When this was so.")


@strawberry.type
class Subscription:
    viewers_changed: ViewersChange = subscription(presence.viewers)
