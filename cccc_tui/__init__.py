"""cccc: a terminal control center and gateway for AI coding agents.

Importing the package costs nothing: it holds the version only.
"""

__version__ = "0.1.0"
