"""The built-in demo: a provider that needs no key and no network, and agents that ask it things.

The engine calls the provider as it calls any other upstream, so what a new user sees is the real way of a
request.
"""

from cccc_tui.engine.demo.provider import PERSONALITIES, DemoProvider
from cccc_tui.engine.demo.traffic import DemoTraffic

__all__ = ["PERSONALITIES", "DemoProvider", "DemoTraffic"]
