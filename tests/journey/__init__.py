"""One pick list of forty lines from the pharmacy of `sites/robot.toml` to the ward of `sites/ward.toml`, in virtual time."""
