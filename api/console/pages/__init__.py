"""One module for each page: what it shows, and what is posted from it. Whatever has a `pages` here is served."""
