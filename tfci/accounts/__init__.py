"""Who: people, teams, roles, API tokens, the audit log."""
