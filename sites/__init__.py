"""What stands where: the models of the site file, its checker, a cabinet's geometry, and site files that run as they are."""
