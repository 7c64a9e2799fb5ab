"""GitHub, as far as Farmhand uses it: a stranger over real sockets, which imports nothing of ours.

It answers as a GitHub Enterprise Server does, with the API below /api/v3. Shapes, statuses and error texts follow
GitHub's published OpenAPI description and documentation; where those are silent its module says what was assumed. What
the runner program speaks is not published: /_engine stands in for it. Nobody at GitHub has seen any of this.
"""

from tests.counterparts.github.server import GitHub

__all__ = ["GitHub"]
