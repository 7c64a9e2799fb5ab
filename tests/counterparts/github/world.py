"""What there is: accounts, repositories, runs with jobs, runners, hooks, Apps with installations, tokens."""

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.counterparts.github.clock import Clock


@dataclass
class Account:
    id: int
    login: str
    type: str  # User, Organization
    owners: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    groups: dict[int, dict] = field(default_factory=lambda: {1: {"name": "Default", "public": False}})

    def owned_by(self, login):
        return login == self.login or login in self.owners


@dataclass
class Repo:
    id: int
    owner: Account
    name: str
    private: bool
    pushed_at: datetime
    admins: set[str] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    runs: list["Run"] = field(default_factory=list)

    @property
    def full_name(self):
        return f"{self.owner.login}/{self.name}"

    def run_by(self, login):
        return self.owner.owned_by(login) or login in self.admins

    def seen_by(self, login):
        return self.run_by(login) or not self.private or login in self.readers | self.owner.members


@dataclass
class Run:
    id: int
    repo: Repo
    file: str
    title: str
    actor: str
    spec: dict  # job key -> its fields in the workflow
    created_at: datetime
    branch: str = "main"
    attempt: int = 1
    group: str | None = None  # of concurrency, with cancel-in-progress
    jobs: list["Job"] = field(default_factory=list)  # of all attempts
    updated: int = 0

    def current(self):
        return [job for job in self.jobs if job.attempt == self.attempt]

    @property
    def status(self):
        """As of its jobs: queued until the first runs, then in_progress to the end."""
        states = {job.status for job in self.current()}
        if states <= {"completed"}:
            return "completed"
        return "in_progress" if states & {"in_progress", "completed"} else min(states)


@dataclass
class Job:
    id: int
    run: Run
    key: str
    name: str
    labels: list[str]
    attempt: int
    created_at: datetime
    status: str = "queued"  # queued, waiting, in_progress, completed
    conclusion: str | None = None
    runner: "Runner | None" = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[dict] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    scale_set: "ScaleSet | None" = None  # that it was assigned to


@dataclass
class Runner:
    id: int
    place: str  # "orgs/acme" or "repos/acme/app"
    name: str
    labels: list[str]
    key: str
    online: bool = False
    busy: bool = False
    group: int = 1
    scale_set: "ScaleSet | None" = None  # whose jobs alone it takes


@dataclass
class ScaleSet:
    """`capacity`: jobs that its listener can do with, as it said last. `told`: what waits to be made a message of."""

    id: int
    place: str
    name: str
    group: int
    labels: list[str]
    session: "Session | None" = None
    capacity: int = 0
    told: list[dict] = field(default_factory=list)
    offered: set[int] = field(default_factory=set)  # jobs, each once
    messages: dict[int, list[dict]] = field(default_factory=dict)  # that are not acknowledged


@dataclass
class Session:
    id: str
    owner: str
    token: str
    ends: float  # of the token, in seconds


@dataclass
class Hook:
    id: int
    place: str
    url: str
    secret: str
    events: list[str]


@dataclass
class App:
    id: int
    slug: str
    name: str
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str
    public: object
    hook_url: str
    manifest: dict


@dataclass
class Installation:
    id: int
    app: App
    account: Account
    permissions: dict[str, str]
    repositories: set[str] | None = None  # full names; None for all
    suspended_at: datetime | None = None
    deleted: bool = False


@dataclass
class Token:
    """`kind`: personal (fine-grained), installation or user (of an App, on behalf of somebody)."""

    kind: str
    login: str
    permissions: dict[str, str]
    owner: Account | None = None  # whose things it may touch; None for all that its user may
    expires_at: datetime | None = None
    installation: Installation | None = None
    app: App | None = None


class World:
    """All rows, behind one lock."""

    def __init__(self):
        self.clock = Clock()
        self.lock = threading.RLock()
        self.numbers = itertools.count(1001)
        self.accounts: dict[str, Account] = {}
        self.repos: dict[str, Repo] = {}
        self.runs: dict[int, Run] = {}
        self.jobs: dict[int, Job] = {}
        self.runners: dict[int, Runner] = {}
        self.hooks: dict[int, Hook] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.scale_sets: dict[int, ScaleSet] = {}
        self.registrations: dict[str, tuple[str, float]] = {}  # registration token -> its place and end
        self.codes: dict[str, tuple] = {}  # one-time codes: of a manifest, of a sign-in
        self.version = "3.19.2"

    def number(self):
        return next(self.numbers)

    def account(self, login, kind="Organization", owner=None):
        made = Account(self.number(), login, kind, {owner} if owner else set())
        return self.accounts.setdefault(login, made)

    def group(self, login, name, public=False):
        """A runner group of an organisation; `public`: whether it takes jobs of public repositories."""
        number = self.number()
        self.accounts[login].groups[number] = {"name": name, "public": public}
        return number

    def repo(self, owner, name, private=True):
        made = Repo(self.number(), self.accounts[owner], name, private, self.clock.now())
        return self.repos.setdefault(made.full_name, made)

    def personal_token(self, login, permissions, owner=None, expires_at=None):
        """A fine-grained one, over the things of one owner."""
        text = f"github_pat_{secrets.token_hex(20)}"
        asked = {"metadata": "read"} | dict(one.split(":") for one in permissions)
        self.tokens[text] = Token("personal", login, asked, self.accounts[owner or login], expires_at)
        return text

    def app(self, manifest, key=None):
        """What the manifest asks for; `key`: an RSA key made before, for making one takes its time."""
        key = key or rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        number = self.number()
        made = App(
            number,
            manifest["name"].lower().replace(" ", "-"),
            manifest["name"],
            f"Iv23li{number}",
            secrets.token_hex(20),
            secrets.token_hex(20),
            pem.decode(),
            key.public_key(),
            manifest["hook_attributes"]["url"],
            manifest,
        )
        self.apps[number] = made
        return made

    def installation(self, app, login, repositories=None):
        asked = dict(app.manifest["default_permissions"])
        made = Installation(self.number(), app, self.accounts[login], asked, repositories)
        self.installations[made.id] = made
        return made

    def installation_token(self, installation):
        text = f"ghs_{installation.app.id}_{secrets.token_hex(40)}"
        ends = self.clock.seconds() + 3600
        self.tokens[text] = Token(
            "installation",
            f"{installation.app.slug}[bot]",
            dict(installation.permissions),
            installation.account,
            datetime.fromtimestamp(ends, self.clock.now().tzinfo),
            installation,
            installation.app,
        )
        return text, self.tokens[text]

    def user_token(self, app, login):
        text = f"ghu_{secrets.token_hex(18)}"
        self.tokens[text] = Token(
            "user", login, dict(app.manifest["default_permissions"]), None, None, None, app
        )
        return text
