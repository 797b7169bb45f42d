"""Client set-up without a screen: what stands in a client's configuration, what would change, and the way back.

`claude` and `codex` say what is to be written, `plan` turns that into new bytes and a diff, `apply` writes them,
`undo` takes them back. Screens and the command line both work on these plans.
"""
