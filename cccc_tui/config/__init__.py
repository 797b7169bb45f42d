"""The user's YAML: its schema, its problems, its secrets, and edits that keep its comments."""
