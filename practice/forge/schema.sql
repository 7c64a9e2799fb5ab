-- All that the practice forge remembers. Times are seconds since 1970, 0 is "not set".

CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    kind TEXT NOT NULL,                     -- user, organization
    email TEXT NOT NULL DEFAULT '',
    full_name TEXT NOT NULL DEFAULT '',
    visibility TEXT NOT NULL DEFAULT 'public',
    site_admin INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS member (
    org_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    role TEXT NOT NULL,                     -- owner, admin, write, read: the best team the user is in
    PRIMARY KEY (org_id, user_id)
);

CREATE TABLE IF NOT EXISTS token (
    digest TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    scopes TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS repo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    private INTEGER NOT NULL,
    default_branch TEXT NOT NULL,
    runs INTEGER NOT NULL DEFAULT 0,        -- the number of the last run
    created REAL NOT NULL,
    updated REAL NOT NULL,
    UNIQUE (owner_id, name)
);

CREATE TABLE IF NOT EXISTS collaborator (
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    role TEXT NOT NULL,                     -- admin, write, read
    PRIMARY KEY (repo_id, user_id)
);

CREATE TABLE IF NOT EXISTS branch (
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    name TEXT NOT NULL,
    sha TEXT NOT NULL,                      -- of its newest commit
    PRIMARY KEY (repo_id, name)
);

CREATE TABLE IF NOT EXISTS revision (
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    sha TEXT NOT NULL,
    parent TEXT NOT NULL,
    message TEXT NOT NULL,
    author_id INTEGER NOT NULL,
    changes TEXT NOT NULL,                  -- {"added": [...], "removed": [...], "modified": [...]}
    created REAL NOT NULL,
    PRIMARY KEY (repo_id, sha)
);

CREATE TABLE IF NOT EXISTS file (
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    branch TEXT NOT NULL,
    path TEXT NOT NULL,
    sha TEXT NOT NULL,
    content BLOB NOT NULL,
    revision TEXT NOT NULL,
    PRIMARY KEY (repo_id, branch, path)
);

CREATE TABLE IF NOT EXISTS hook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL DEFAULT 0,    -- of an organization or user; 0 with repo_id 0: the whole instance
    repo_id INTEGER NOT NULL DEFAULT 0,
    type TEXT NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    branch_filter TEXT NOT NULL,
    authorization_header TEXT NOT NULL,
    active INTEGER NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id INTEGER NOT NULL,
    uuid TEXT NOT NULL,
    event TEXT NOT NULL,
    action TEXT NOT NULL,
    job_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,                    -- new, pending, sending, sent, failed, dropped
    loose INTEGER NOT NULL DEFAULT 0,       -- does not hold back those behind it (an injected fault)
    due REAL NOT NULL,
    tried REAL NOT NULL DEFAULT 0,
    took REAL NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (state, id) WHERE state IN ('new', 'pending');

CREATE TABLE IF NOT EXISTS registration (
    owner_id INTEGER NOT NULL,
    repo_id INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    PRIMARY KEY (owner_id, repo_id)
);

CREATE TABLE IF NOT EXISTS runner (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    token_digest TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    labels TEXT NOT NULL,
    ephemeral INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    repo_id INTEGER NOT NULL,
    last_online REAL NOT NULL DEFAULT 0,
    last_active REAL NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS tasks_version (
    owner_id INTEGER NOT NULL,
    repo_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (owner_id, repo_id)
);

CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    workflow TEXT NOT NULL,                 -- the file's name
    title TEXT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    ref TEXT NOT NULL,
    sha TEXT NOT NULL,
    actor_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    concurrency TEXT NOT NULL,              -- its group, "" for none
    held INTEGER NOT NULL,                  -- 1 while another run of its group is in progress
    created REAL NOT NULL,
    started REAL NOT NULL DEFAULT 0,
    stopped REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS run_of_repo ON run (repo_id, number);

CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    repo_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,                      -- its id in the workflow
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    needs TEXT NOT NULL,
    has_if INTEGER NOT NULL,
    workflow TEXT NOT NULL,                 -- the workflow with only this job, as its runner gets it
    steps TEXT NOT NULL,                    -- the names of its steps
    concurrency TEXT NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    task_id INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    updated INTEGER NOT NULL,
    started REAL NOT NULL DEFAULT 0,
    stopped REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS job_of_run ON job (run_id);
CREATE INDEX IF NOT EXISTS job_by_status ON job (status, updated, id);

CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    runner_id INTEGER NOT NULL,
    runner_name TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    stopped REAL NOT NULL DEFAULT 0,
    updated REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS task_of_job ON task (job_id);
CREATE INDEX IF NOT EXISTS task_of_runner ON task (runner_id);
CREATE INDEX IF NOT EXISTS task_running ON task (updated) WHERE status = 'in_progress';

CREATE TABLE IF NOT EXISTS step (
    task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL DEFAULT 0,
    stopped REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (task_id, number)
);

CREATE TABLE IF NOT EXISTS output (
    task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (task_id, name)
);

CREATE TABLE IF NOT EXISTS log_line (
    task_id INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (task_id, number)
);

CREATE TABLE IF NOT EXISTS pull (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    repo_id INTEGER NOT NULL REFERENCES repo ON DELETE CASCADE,
    head TEXT NOT NULL,                     -- the branch that wants to go into base
    base TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    author_id INTEGER NOT NULL,
    created REAL NOT NULL,
    merged REAL NOT NULL DEFAULT 0,
    UNIQUE (repo_id, number)
);
