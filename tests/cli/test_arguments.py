from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8080.5", "", "٣"])
def test_a_port_that_is_none_is_refused(port: str, usage_error: Callable[[list[str]], str]):
    assert "is no port" in usage_error(["--serve", f"--port={port}"])


@pytest.mark.parametrize("host", [" ", "0.0.0.0", "192.168.1.1", "example.com", "::"])
def test_a_host_that_others_could_reach_is_refused(host: str, usage_error: Callable[[list[str]], str]):
    assert "no loopback address" in usage_error(["--serve", "--host", host])
