"""What people do across drawers and pockets: each workflow one readable coroutine."""
