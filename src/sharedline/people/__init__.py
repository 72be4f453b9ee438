"""People and their access: accounts, what each role may do, sessions, tokens, the audit log."""
