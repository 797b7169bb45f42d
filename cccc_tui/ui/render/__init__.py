"""Pure drawing: objects in, runs of text with a tone out. Knows no widget and no theme."""
