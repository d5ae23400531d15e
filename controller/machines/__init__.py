"""Pure state tables: they decide and never act. They import transitions and nothing of ours."""
