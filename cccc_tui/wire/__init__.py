"""The wire formats, purely: bytes and dicts in, bytes and dicts out.

No I/O, no clock, no asyncio and no logging in here, so that every line can be tested with plain values.
"""
