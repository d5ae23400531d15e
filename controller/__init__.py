"""What should happen and why: state tables, actors, workflows, the ledger and the policy of one station."""
