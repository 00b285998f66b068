"""Reading for pages, ready to show. Writes nothing."""
