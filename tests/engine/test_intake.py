from tests.engine.conftest import body, endpoint


async def test_what_a_request_is_stands_on_its_exchange(start, upstream):
    gateway = await start(endpoint("one", upstream.url))
    headers = {
        "User-Agent": "claude-cli/2.1.329 (external, cli)",
        "X-Claude-Code-Session-Id": "s-1",
        "x-app": "cli",
    }
    request = {**body("anthropic", model="claude-x"), "thinking": {"type": "adaptive"}}
    async with gateway.post("/v1/messages?beta=true", json=request, headers=headers) as response:
        assert response.status == 200
    exchange = gateway.last
    assert (exchange.client, exchange.model, exchange.session) == ("claude-code", "claude-x", "s-1")
    assert exchange.client_reason
    assert (exchange.thinking, exchange.streamed) == (True, False)
    assert exchange.path == "/v1/messages?beta=true"
    assert b"claude-x" in exchange.request_body.head


async def test_no_body_is_kept_when_the_configuration_says_so(start, upstream):
    logging = {"log_request_body": "none", "log_response_body": "none"}
    gateway = await start(endpoint("one", upstream.url), logging=logging)
    await gateway.ask("anthropic")
    assert (gateway.last.request_body, gateway.last.response_body) == (None, None)
    assert gateway.last.request_bytes > 0


async def test_tags_are_found_before_the_route_is_chosen(start, upstream, second):
    taggers = [
        {
            "name": "big",
            "type": "builtin",
            "builtin_type": "model",
            "tag": "big",
            "config": {"expected_value": "huge-*"},
        }
    ]
    gateway = await start(
        endpoint("plain", upstream.url),
        endpoint("special", second.url, tags=["big"], priority=9),
        tagging={"taggers": taggers},
    )
    _, headers, _ = await gateway.ask("anthropic", model="huge-1")
    assert (headers["x-cccc-endpoint"], gateway.last.tags) == ("special", ("big",))
    _, headers, _ = await gateway.ask("anthropic", model="small-1")
    assert (headers["x-cccc-endpoint"], gateway.last.tags) == ("plain", ())
