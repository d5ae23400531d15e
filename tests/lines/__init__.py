"""A line of belts in a world of its own: totes as bodies, hands, readers that miss; judged from the truth alone."""
