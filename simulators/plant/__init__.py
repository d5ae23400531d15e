"""The physical side: latches, drawers and what really lies in each pocket. Knows no bytes and no daemon."""
