"""The configuration, typed: one frozen struct a section, a sentence under each key.

`load` builds these from YAML and checks them; the documentation table and `config.example.yaml` say the same
sentences. A key that is in no struct here is a problem in the user's file.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from cccc_tui.config.secrets import SecretRef

ClientName = Literal["claude-code", "codex", "openai-sdk", "anthropic-sdk", "other"]
Seconds = Annotated[float, msgspec.Meta(gt=0, extra={"unit": "seconds"})]
"""A duration: a number of seconds, or `30s`, `5m`, `1h30m`, `250ms` in the file."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One section of the file."""


class Server(Section, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    """Address to listen on. Only loopback addresses are accepted for now: nothing else checks who calls."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8080
    """Port to listen on, 1 to 65535."""
    max_body_mb: Annotated[float, msgspec.Meta(gt=0)] = 64
    """Largest request body, in MiB after decompression; a larger one gets a 413."""


class Proxy(Section, frozen=True, kw_only=True):
    type: Literal["http", "socks5"] = "http"
    """Kind of proxy."""
    address: str
    """`host:port` of the proxy."""
    username: str = ""
    """User name, with `password`."""
    password: SecretRef | None = None
    """Password, with `username`; may be `env:`, `keyring:` or `file:`."""


class RewriteRule(Section, frozen=True, kw_only=True):
    source_pattern: str
    """Glob (`*`, `?`, `[abc]`) that the requested model must match, the whole name."""
    target_model: str
    """Model to ask for instead."""


class ModelRewrite(Section, frozen=True, kw_only=True):
    enabled: bool = False
    """Whether the rules are used."""
    rules: tuple[RewriteRule, ...] = ()
    """The first rule whose pattern matches wins."""
    target_model: str = ""
    """Model for tests and health checks of this endpoint, and in place of one that cannot exist there
    (a Claude model at an OpenAI endpoint)."""


class Key(Section, frozen=True, kw_only=True):
    name: str = ""
    """Name of the key, as it is shown; its number in the list if left out."""
    value: SecretRef
    """The key itself: literal, `env:NAME`, `keyring:NAME` or `file:PATH`."""
    weight: Annotated[float, msgspec.Meta(ge=0)] = 1
    """Share of this key among the endpoint's keys."""


class ModelAlias(Section, frozen=True, kw_only=True):
    name: str
    """Name of the model at the endpoint."""
    alias: str
    """Name that clients ask for. One alias for several models is a pool of them."""
    fork: bool = False
    """Whether the endpoint's own name can still be asked for, beside the alias."""


class ModelPrice(Section, frozen=True, kw_only=True):
    model: str = "*"
    """Glob for the model's name at the endpoint."""
    input: Annotated[float, msgspec.Meta(ge=0)]
    """USD per million input tokens."""
    output: Annotated[float, msgspec.Meta(ge=0)]
    """USD per million output tokens."""


class Limits(Section, frozen=True, kw_only=True):
    max_concurrent: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Requests that the endpoint answers at the same time; 0 means any number."""
    max_queued: Annotated[int, msgspec.Meta(ge=0)] = 100
    """Requests that may wait for a place; the next one goes to another endpoint, or gets a 503."""
    queue_timeout: Seconds = 30.0
    """Seconds that a request waits for a place."""
    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Requests that are sent to the endpoint within a minute; 0 means any number."""

    @property
    def are_set(self) -> bool:
        return bool(self.max_concurrent or self.requests_per_minute)


class Endpoint(Section, frozen=True, kw_only=True):
    name: str
    """Unique name, shown everywhere."""
    url: str = ""
    """Base URL, `http://` or `https://`; `demo:` is the built-in demo provider."""
    url_anthropic: str = ""
    """Base URL for Anthropic Messages, when one provider has both kinds."""
    url_openai: str = ""
    """Base URL for the OpenAI formats, when one provider has both kinds."""
    endpoint_type: Literal["anthropic", "openai"] | None = None
    """Wire format of `url`; `anthropic` if left out. Not with the dual URLs, which say it themselves."""
    path_prefix: str = ""
    """Put before the path on an OpenAI endpoint (`/v1`), or the full path (`/v1/chat/completions`).
    Without it `/v1` is put in where the URL has no version; `/` puts in nothing."""
    openai_preference: Literal["auto", "responses", "chat_completions"] = "auto"
    """Which of the two OpenAI formats the endpoint speaks; `auto` finds out and remembers it."""
    auth_type: Literal["api_key", "auth_token", "auto"] = "auto"
    """`api_key` sends `x-api-key`, `auth_token` sends `Authorization: Bearer`, `auto` what the format's own
    clients send (Bearer for OpenAI; for Anthropic `x-api-key` first, and Bearer once that is refused)."""
    auth_value: SecretRef | None = None
    """Key or token: literal, `env:NAME`, `keyring:NAME` or `file:PATH`. Empty sends none."""
    keys: tuple[Key, ...] = ()
    """Several keys in place of `auth_value`: used in turn, and one that is refused or used up rests alone."""
    enabled: bool = True
    """Whether the endpoint is used."""
    priority: int = 1
    """Lower comes first; equals are ordered by `routing.strategy`, which keeps the order of the file."""
    weight: Annotated[float, msgspec.Meta(ge=0)] = 1
    """Share among endpoints of equal priority, for the strategy `weighted`."""
    tags: tuple[str, ...] = ()
    """Tags that a request must have for this endpoint; none means every request."""
    supported_clients: tuple[ClientName, ...] = ()
    """Clients that may use this endpoint; none means all."""
    model_rewrite: ModelRewrite = ModelRewrite()
    """Model names to change on the way; the answer has the client's name again."""
    models: tuple[str, ...] = ()
    """Globs of the models that the endpoint serves; it is not asked for others. None means that it is not known."""
    aliases: tuple[ModelAlias, ...] = ()
    """Other names for its models."""
    excluded_models: tuple[str, ...] = ()
    """Globs of models that it is never asked for, whatever their case."""
    prefix: str = ""
    """`work` makes the endpoint answer to `work/some-model`, and no other one does."""
    context_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most tokens of a request that it holds; a longer one goes elsewhere."""
    supports_images: bool | None = None
    """`false` sends requests with images elsewhere."""
    prices: tuple[ModelPrice, ...] = ()
    """What its models cost, for the strategy `lowest-cost`."""
    parameter_overrides: dict[str, str] = {}
    """Top-level request keys to set: JSON if it parses, else text; an empty value removes the key.
    A list of `{key, value}` is understood too."""
    header_overrides: dict[str, str] = {}
    """Headers to set on the way up, last of all; an empty value removes the header."""
    proxy: Proxy | None = None
    """Outbound proxy of this endpoint."""
    max_tokens_field_name: Literal["", "max_tokens", "max_completion_tokens", "max_output_tokens"] = ""
    """Name of the token limit in requests converted to an OpenAI format; empty takes the format's own."""
    count_tokens_enabled: bool = True
    """Whether `count_tokens` requests may go here."""
    limits: Limits = Limits()
    """How much may be asked of this endpoint at the same time, and a minute."""
    leaked_tool_calls: tuple[Literal["hermes", "qwen", "kimi", "deepseek", "mistral"], ...] = ()
    """Forms of tool calls that models here leak into their text, to be recognised in Chat answers. None means
    that text is text."""


class Logging(Section, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warn", "error"] = "info"
    """Least serious line that is logged."""
    log_request_types: Literal["failed", "success", "all"] = "all"
    """Which finished requests get a log line."""
    log_request_body: Literal["none", "truncated", "full"] = "truncated"
    """How much of a request's body is kept for the detail screen: none, 128 KiB, or up to 2 MiB."""
    log_response_body: Literal["none", "truncated", "full"] = "truncated"
    """The same for the answer's body."""
    log_directory: str = ""
    """Folder of the log file `cccc.log`; empty means the state folder."""
    exclude_paths: tuple[str, ...] = ("/v1/messages/count_tokens",)
    """Paths whose finished requests get no log line."""


class Timeouts(Section, frozen=True, kw_only=True):
    tls_handshake: Seconds = 10.0
    """Seconds for connecting, TLS included."""
    response_header: Seconds = 60.0
    """Seconds until the response headers of a streamed answer."""
    first_content: Seconds = 180.0
    """Seconds until the first content of a streamed answer; then the next endpoint is tried."""
    stream_idle: Seconds = 240.0
    """Seconds between two pieces of content; then the stream ends with an error that the agent retries."""
    answer: Seconds = 600.0
    """Seconds for a whole answer that is not streamed."""
    keep_alive: Seconds = 15.0
    """Seconds of silence after which the client gets a keep-alive of its format."""
    idle_connection: Seconds = 90.0
    """Seconds that an unused upstream connection is kept."""
    health_check_timeout: Seconds = 30.0
    """Seconds for the test of an endpoint."""
    check_interval: Seconds = 30.0
    """Seconds that a failing endpoint stays out before one real request tries it again."""
    recovery_threshold: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Successes in a row that bring a failing endpoint back."""
    shutdown: Seconds = 10.0
    """Seconds that requests in flight have to finish when cccc stops."""


class Tagger(Section, frozen=True, kw_only=True):
    name: str
    """Unique name."""
    type: Literal["builtin", "expression", "starlark"] = "builtin"
    """`builtin` looks at one thing; `expression` is a condition of your own; `starlark`, the script form of CCCC,
    is not run: write it as an expression."""
    builtin_type: (
        Literal["path", "header", "query", "body-json", "user-message", "model", "thinking"] | None
    ) = None
    """What a built-in tagger looks at."""
    tag: str
    """Tag that a match puts on the request."""
    enabled: bool = True
    """Whether the tagger runs."""
    priority: int = 0
    """Order in lists; every tagger runs."""
    config: dict[str, Any] = {}
    """Settings of the kind: `path_pattern`; `header_name`, `param_name` or `json_path` with `expected_value`;
    `expected_value`; `min_budget_tokens`. For an expression: `expression`."""


class TagRule(Section, frozen=True, kw_only=True):
    pattern: str
    """Glob for the model name."""
    tag: str
    """Tag that a match puts on the request."""


class Tagging(Section, frozen=True, kw_only=True):
    enabled: bool = True
    """Whether requests are tagged at all."""
    pipeline_timeout: Seconds = 5.0
    """Seconds for all taggers of one request."""
    taggers: tuple[Tagger, ...] = ()
    """The taggers, each looking at one thing."""
    rules: tuple[TagRule, ...] = ()
    """The short form: model pattern to tag."""


StrategyName = Literal["priority", "round-robin", "weighted", "fill-first", "lowest-latency", "lowest-cost"]


class GroupMember(Section, frozen=True, kw_only=True):
    endpoint: str = ""
    """Endpoint that is asked; every one that serves the model if left out."""
    model: str = ""
    """Model that it is asked for; the client's own if left out."""
    weight: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Share for the strategy `weighted`; the endpoint's own if left out."""


class ModelGroup(Section, frozen=True, kw_only=True):
    members: tuple[GroupMember, ...]
    """Who answers. Tags of endpoints do not count here."""
    strategy: StrategyName = "priority"
    """Which member is tried first: as listed (`priority`), in turn, by weight, the fastest, the cheapest."""
    fallbacks: tuple[str, ...] = ()
    """Groups that answer when no member can, in this order."""


class RoutingRule(Section, frozen=True, kw_only=True):
    name: str = ""
    """Name of the rule, for the route's reasons; what it asks for if left out."""
    when: tuple[
        Literal["thinking", "background", "long-context", "web-search", "subagent", "images"], ...
    ] = ()
    """What a request must be, all of it: thinking; `background` (titles, memory, Claude Code's haiku calls);
    `long-context`; `web-search` by the provider; from a subagent; with images."""
    min_tokens: Annotated[int, msgspec.Meta(ge=1)] = 60_000
    """From about how many tokens on a request is `long-context`."""
    for_model: str = ""
    """Glob for the model that the client asks for; every one if left out."""
    clients: tuple[ClientName, ...] = ()
    """Clients that the rule is for; none means all."""
    group: str = ""
    """Send it to this group."""
    model: str = ""
    """Ask for this model (or group) instead; with `endpoint`, only there."""
    endpoint: str = ""
    """Try this endpoint first."""
    tag: str = ""
    """Put this tag on it."""


class Sticky(Section, frozen=True, kw_only=True):
    enabled: bool = True
    """Whether a conversation stays with the endpoint and key that answered it, for its prompt cache."""
    ttl: Seconds = 3600.0
    """How long a silent conversation is remembered."""
    failback: Literal["stay", "return-when-idle", "return-now"] = "return-when-idle"
    """When a conversation that had to move goes back to a better endpoint: never, once it was idle, or at once."""
    idle: Seconds = 300.0
    """Silence after which `return-when-idle` goes back: as long as prompt caches last."""


class Routing(Section, frozen=True, kw_only=True):
    strategy: StrategyName = "priority"
    """Which of several endpoints of equal priority is tried first: the first in the file (`priority`, `fill-first`),
    each in turn, by weight, the fastest to the first content, the cheapest. `fill-first` also uses an
    endpoint's keys one after the other."""
    prefer: Literal["", "expiring-quota"] = ""
    """`expiring-quota` spends first what is renewed soonest, among equals."""
    force_prefix: bool = False
    """Whether an endpoint with a `prefix` answers only to names that begin with it."""
    implicit_rewrite: bool = True
    """Whether a model that cannot exist at an endpoint is replaced by its `model_rewrite.target_model`, or by
    the usual one at Anthropic's and OpenAI's own addresses."""
    sticky: Sticky = Sticky()
    """Conversations that stay where they are."""
    groups: dict[str, ModelGroup] = {}
    """Model names of your own, each answered by several endpoints and models."""
    fallbacks: dict[str, tuple[str, ...]] = {}
    """Fallbacks by group, in the place of the group's own: for profiles, which leave the members alone."""
    rules: tuple[RoutingRule, ...] = ()
    """Rules by what a request is for; the first that fits decides."""


class UpstreamErrorRule(Section, frozen=True, kw_only=True):
    status: tuple[Annotated[int, msgspec.Meta(ge=100, le=599)], ...] = ()
    """Statuses of the upstream that the rule is about; none means every failure."""
    pattern: str = ""
    """Regular expression that the error's text must contain. Answers are never searched."""
    case_insensitive: bool = True
    """Whether capitals make no difference to `pattern`."""
    action: Literal["retry", "next", "stop", "retry_endpoint", "switch_endpoint"] = "next"
    """`retry` asks the same endpoint again, `next` goes to the next one, `stop` gives the error to the client;
    the two long names are those of CCCC."""
    max_retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 1
    """With `retry`: how many times; after that comes the next endpoint."""
    cool_down: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "seconds"})] = 0
    """Seconds that the endpoint is left out from then on."""


class Retry(Section, frozen=True, kw_only=True):
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2
    """How often one endpoint is asked for one request when no other is left and the failure may pass."""
    backoff: Seconds = 0.5
    """Seconds before the second attempt, with jitter; each further one waits twice as long."""
    max_backoff: Seconds = 8.0
    """The wait between two attempts grows no longer than this."""
    deadline: Seconds = 600.0
    """Seconds after which no further attempt is begun."""
    wait_for_cool_down: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "seconds"})] = 10.0
    """Wait this long for an endpoint that is about to be back, when no other can answer; 0 never waits."""
    hedge_after: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "seconds"})] = 0
    """Ask the next endpoint too when the first has been silent for so many seconds; 0 never does. The first to
    answer wins, and what the other has cost is booked."""
    upstream_errors: tuple[UpstreamErrorRule, ...] = ()
    """Rules of your own for upstream errors; the first that fits decides."""


class Profile(Section, frozen=True, kw_only=True):
    routing: dict[str, Any] = {}
    """Keys of `routing` that are different in this profile; lists are replaced whole."""
    retry: dict[str, Any] = {}
    """Keys of `retry`."""
    blacklist: dict[str, Any] = {}
    """Keys of `blacklist`."""
    timeouts: dict[str, Any] = {}
    """Keys of `timeouts`."""


class Blacklist(Section, frozen=True, kw_only=True):
    enabled: bool = True
    """Whether failing endpoints are left out at all."""
    auto_blacklist: bool = True
    """Whether failures alone may leave an endpoint out."""
    business_error_safe: bool = True
    """Refusals with an error body (quota, content, model) do not count against the endpoint."""
    config_error_safe: bool = False
    """Refused credentials and wrong addresses do not count against the endpoint."""
    server_error_safe: bool = False
    """5xx answers, time-outs and broken connections do not count against the endpoint."""
    sse_validation_safe: bool = False
    """Broken streams do not count against the endpoint."""
    probe: Literal["off", "free", "tiny"] = "free"
    """How an endpoint that is out after failures is looked after, so that it is back sooner: not at all, by asking
    for its list of models, or, where that says nothing, also by a request of a few tokens."""


class PythonJsonFixing(Section, frozen=True, kw_only=True):
    enabled: bool = True
    """Mend tool arguments in converted answers that are almost JSON, such as a Python dict."""
    target_tools: tuple[str, ...] = ("*",)
    """Tools whose arguments are mended; `*` means all."""
    debug_logging: bool = False
    """Log each mended call."""
    max_attempts: Annotated[int, msgspec.Meta(ge=0)] = 3
    """Ways that are tried: 0 none, 1 as a Python value, 2 or more also by guessing what is missing."""


class Validation(Section, frozen=True, kw_only=True):
    python_json_fixing: PythonJsonFixing = PythonJsonFixing()
    """Mending of tool arguments."""


class Ui(Section, frozen=True, kw_only=True):
    theme: str = "cccc-dark"
    """Theme of the control center: a shipped one or a file in the themes folder."""
    language: Literal["auto", "en", "zh_CN"] = "auto"
    """Language of the control center and the command line; `auto` follows the locale."""
    glyphs: Literal["auto", "unicode", "ascii"] = "auto"
    """Symbols; `auto` takes plain ASCII where the terminal has no UTF-8."""
    refresh_hz: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0
    """Updates a second; 0 chooses (10 locally, 4 over SSH)."""
    keymap: dict[str, str] = {}
    """Other keys for actions, by action id."""


class Config(Section, frozen=True, kw_only=True):
    """The whole file."""

    server: Server = Server()
    """Where cccc listens."""
    endpoints: tuple[Endpoint, ...] = ()
    """The upstreams."""
    logging: Logging = Logging()
    """What is written to the log."""
    timeouts: Timeouts = Timeouts()
    """How long to wait for what."""
    tagging: Tagging = Tagging()
    """Tags on requests, by which endpoints are chosen."""
    routing: Routing = Routing()
    """Which of the endpoints that fit is asked first."""
    profile: str = ""
    """Profile in use: `reliability`, `balanced`, `cost` or one of `profiles`; empty is the file as it stands."""
    profiles: dict[str, Profile] = {}
    """Settings under a name, laid over this file while the profile is in use."""
    retry: Retry = Retry()
    """When the same endpoint is asked again, and what your own rules make of an error."""
    blacklist: Blacklist = Blacklist()
    """What counts against an endpoint."""
    validation: Validation = Validation()
    """Checks and repairs of answers."""
    ui: Ui = Ui()
    """The control center."""
