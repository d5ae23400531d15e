"""Who may do what: people, sessions, terminals, witnesses, rights."""
