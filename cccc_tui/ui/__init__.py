"""The control center: the only package that imports textual or rich. It knows the engine only by
`Control`."""
