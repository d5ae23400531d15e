"""Tests, mirroring the source; `simulated/` holds whole stations, `proof/` the long campaigns, `kit/` what tests share."""
