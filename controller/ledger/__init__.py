"""The provable record: append-only, hash-chained, one file per station; every balance is a fold of it."""
