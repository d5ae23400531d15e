"""One actor per physical thing: an inbox, one task, one table, at most one duty."""
