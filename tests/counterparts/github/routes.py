"""Which function answers which address, and what it is called with."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

ROUTES = []


@dataclass
class Call:
    """One request: who (a Token or an App), what it said, and the GitHub it came to."""

    github: object
    who: object
    query: dict
    body: dict
    headers: dict = field(default_factory=dict)  # of the answer

    @property
    def world(self):
        return self.github.world

    @property
    def base(self):
        return self.github.url

    def page(self, entries, shape):
        """The page that was asked for: 30 entries unless said, 100 at most; further pages in the header Link."""
        size = min(int(self.query.get("per_page", 30)), 100)
        page = int(self.query.get("page", 1))
        if len(entries) > page * size:
            self.headers["Link"] = f'<{self.base}/api/v3/?page={page + 1}>; rel="next"'
        return [shape(one) for one in entries[(page - 1) * size : page * size]]


def route(method, path):
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(answer):
        ROUTES.append((method, path, pattern, answer))
        return answer

    return register


def find(method, path):
    """(the address as it is written here, function, its parts), or None."""
    for allowed, written, pattern, answer in ROUTES:
        found = pattern.fullmatch(path)
        if found and allowed == method:
            return written, answer, {name: unquote(part) for name, part in found.groupdict().items()}
    return None
