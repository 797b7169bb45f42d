"""The proxy engine: it listens, routes, calls upstream and answers. It knows of no UI."""
