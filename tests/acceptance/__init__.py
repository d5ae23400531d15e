"""What people were promised: one test for each acceptance case of the domain reference, by its number."""
