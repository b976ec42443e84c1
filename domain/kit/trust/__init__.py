"""Who may be believed: credentials, keys, secret links and attempts counted, and their ports."""
