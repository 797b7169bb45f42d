"""How fast cccc is, beside a proxy that does nothing else: `make bench`."""
