"""A Woodpecker 3.17 for tests, over real sockets; answers follow traffic of a real one.

Empty lists of agents are `null`, errors are plain text, an unknown token gets 401 and at some addresses 500, an agent
with work is not deleted (409), one that is changed without its name loses it. What agents speak is gRPC: /_agent stands
in for that, with Woodpecker's own rule for which agent gets which workflow.
"""

from tests.counterparts.small import SmallServer
from tests.counterparts.woodpecker import routes
from tests.counterparts.woodpecker.world import World

__all__ = ["Woodpecker"]


class Woodpecker(SmallServer):
    """One with a world of its own."""

    def __init__(self, home=None):
        super().__init__(World(), routes.routes, "Authorization", "Bearer ")
