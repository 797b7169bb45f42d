"""What a conversion leaves out, and why: every field and type of the providers that has no counterpart.

A test walks the field lists of the official packages; what is neither read by a format's module nor stands
here fails it by name, so that an upgrade of a package shows what is new. Traffic in its own format passes
untouched and loses nothing of this.
"""

from __future__ import annotations

from typing import Final

_SERVER = "runs on Anthropic's servers only"
_OPENAI = "runs on OpenAI's servers only"
_CALLER = "says which server tool made a call; there are none elsewhere"
_STATE = "needs state that is kept at the provider"
_ACCOUNT = "belongs to the provider's account model"
_LOGPROBS = "no other format has log probabilities"
_AUDIO = "no other format speaks"
_SEEN_IN_DONE = "the item's done event holds all of it"
_REPEATED = "repeats the request; the client's own request is repeated instead"
_LOADED = "tools are loaded at once"

DROPPED: Final[dict[str, dict[str, str]]] = {
    "anthropic request": {
        "container": _SERVER,
        "diagnostics": "explains a cache miss of the provider's own cache",
        "inference_geo": _ACCOUNT,
        "user_profile_id": _ACCOUNT,
        "workspace_id": _ACCOUNT,
    },
    "anthropic block": {
        "citations": "quotes in the history; the text that carries them is kept",
        "transformations": "how Anthropic scales an image",
        "caller": _CALLER,
        "toolset_name": "names a toolset of Anthropic's; the tool's own name is kept",
    },
    "anthropic block type": {
        "server_tool_use": _SERVER,
        "web_search_tool_result": "sealed for Anthropic; what the model said of it is kept",
        "web_fetch_tool_result": _SERVER,
        "code_execution_tool_result": _SERVER,
        "bash_code_execution_tool_result": _SERVER,
        "text_editor_code_execution_tool_result": _SERVER,
        "tool_search_tool_result": _SERVER,
        "container_upload": _SERVER,
    },
    "anthropic tool": {
        "allowed_callers": _CALLER,
        "eager_input_streaming": "arguments are always streamed",
        "input_examples": "no other format has examples beside a schema",
        "max_characters": "the client's own limit holds",
        "response_inclusion": "how much of a search's pages Anthropic shows",
    },
    "anthropic tool type": {
        "code_execution_20250522": _SERVER,
        "code_execution_20250825": _SERVER,
        "code_execution_20260120": _SERVER,
        "code_execution_20260521": _SERVER,
        "browser_toolset_20260801": "a toolset that only Claude models know by name",
        "computer_toolset_20260801": "a toolset that only Claude models know by name",
        "web_fetch_20250910": _SERVER,
        "web_fetch_20260209": _SERVER,
        "web_fetch_20260309": _SERVER,
        "web_fetch_20260318": _SERVER,
        "tool_search_tool_bm25_20251119": "all deferred tools are loaded instead",
        "tool_search_tool_bm25": "all deferred tools are loaded instead",
        "tool_search_tool_regex_20251119": "all deferred tools are loaded instead",
        "tool_search_tool_regex": "all deferred tools are loaded instead",
    },
    "anthropic answer": {
        "container": _SERVER,
        "diagnostics": "explains a cache miss of the provider's own cache",
        "role": "always the assistant",
        "type": "always a message",
        "stop_details": "stop_reason says that it is a refusal",
    },
    "anthropic answer block": {"caller": _CALLER, "toolset_name": "the tool's own name is kept"},
    "anthropic answer block type": {
        "web_fetch_tool_result": _SERVER,
        "code_execution_tool_result": _SERVER,
        "bash_code_execution_tool_result": _SERVER,
        "text_editor_code_execution_tool_result": _SERVER,
        "tool_search_tool_result": _SERVER,
        "container_upload": _SERVER,
    },
    "anthropic usage": {
        "cache_creation": "its sum is kept",
        "inference_geo": _ACCOUNT,
        "server_tool_use": "the searches themselves are shown",
        "service_tier": _ACCOUNT,
        "speed": _ACCOUNT,
    },
    "chat message": {"audio": _AUDIO},
    "chat answer": {
        "metadata": _REPEATED,
        "moderation": "no other format carries moderation results",
        "object": "always a completion",
        "service_tier": _ACCOUNT,
        "system_fingerprint": "names the provider's build",
    },
    "chat answer choice": {"logprobs": _LOGPROBS},
    "chat answer message": {"audio": _AUDIO, "role": "always the assistant"},
    "chat chunk": {
        "moderation": "no other format carries moderation results",
        "obfuscation": "padding",
        "object": "always a chunk",
        "service_tier": _ACCOUNT,
        "system_fingerprint": "names the provider's build",
    },
    "chat call delta": {"type": "the field of the call says it"},
    "responses request": {
        "access_programs": _ACCOUNT,
        "background_options": "the answer is given at once",
        "context_management": "the client's own compaction holds",
        "conversation": f"refused: {_STATE}",
        "previous_response_id": "answered from the converted answers that are kept; refused when it is none of them",
        "prompt": f"refused: {_STATE}",
        "image": _OPENAI,
        "include": "asked for as the upstream needs it",
        "max_tool_calls": "limits the server's own tools",
        "stream_options": "padding against eavesdroppers",
        "top_logprobs": _LOGPROBS,
        "truncation": "no other format shortens a conversation by itself",
    },
    "responses item": {
        "phase": "comment or final answer: no other format tells",
        "async": "calls that outlive their turn: no other format has them",
        "caller": _CALLER,
        "execution": "the client's, always",
        "environment": _OPENAI,
        "max_output_length": "the client's own limit holds",
    },
    "responses item type": {
        "file_search_call": _OPENAI,
        "computer_call": "a tool that only OpenAI's models know by name",
        "computer_call_output": "a tool that only OpenAI's models know by name",
        "web_search_call": "what the model said of it is kept",
        "configuration_update": "changes settings of a stored conversation",
        "compaction": "sealed for OpenAI, unless it holds a summary of ours, which is passed on as words",
        "image_generation_call": _OPENAI,
        "code_interpreter_call": _OPENAI,
        "mcp_list_tools": _OPENAI,
        "mcp_approval_request": _OPENAI,
        "mcp_approval_response": _OPENAI,
        "mcp_call": _OPENAI,
        "item_reference": f"refused: {_STATE}",
        "program": _OPENAI,
        "program_output": _OPENAI,
    },
    "responses tool": {
        "allowed_callers": _CALLER,
        "async": "calls that outlive their turn: no other format has them",
        "defer_loading": _LOADED,
        "output_schema": "no other format describes a result",
        "environment": _OPENAI,
        "execution": "the client's, always",
        "search_content_types": "no other format lets one choose",
    },
    "responses tool type": {
        "file_search": _OPENAI,
        "computer": "a tool that only OpenAI's models know by name",
        "computer_use_preview": "a tool that only OpenAI's models know by name",
        "mcp": _OPENAI,
        "code_interpreter": _OPENAI,
        "programmatic_tool_calling": _OPENAI,
        "image_generation": _OPENAI,
    },
    "responses answer": dict.fromkeys(
        [
            "background", "instructions", "max_output_tokens", "max_tool_calls", "metadata",
            "parallel_tool_calls", "previous_response_id", "prompt", "prompt_cache_key",
            "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier",
            "service_tier", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p",
            "truncation", "user", "moderation",
        ],
        _REPEATED,
    )
    | {
        "access_programs": _ACCOUNT,
        "completed_at": "no other format tells when an answer ended",
        "conversation": _STATE,
        "error": "read before the answer is",
        "image": _OPENAI,
        "input_transformations": _OPENAI,
        "object": "always a response",
        "prompt_cache_diagnostics": "explains a cache miss of the provider's own cache",
        "tool_usage": "counts the server's own tools",
    },
    "responses answer item": {
        "async": "calls that outlive their turn: no other format has them",
        "caller": _CALLER,
        "namespace": "namespaces are flattened before they are sent",
        "phase": "comment or final answer: no other format tells",
        "role": "always the assistant",
        "status": "the answer's own status says it",
    },
    "responses answer item type": dict.fromkeys(
        [
            "file_search_call", "computer_call", "image_generation_call", "code_interpreter_call",
            "mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "program",
            "program_output", "compaction",
        ],
        _OPENAI,
    )
    | dict.fromkeys(
        [
            "function_call_output", "computer_call_output", "local_shell_call_output",
            "shell_call_output", "apply_patch_call_output", "custom_tool_call_output",
            "tool_search_output", "additional_tools",
        ],
        "stands in stored conversations only",
    )
    | dict.fromkeys(
        ["tool_search_call", "local_shell_call", "shell_call", "apply_patch_call"],
        "these tools are sent as functions, so their calls are function calls",
    ),
    "responses event": dict.fromkeys(
        [
            "content_part.added", "content_part.done", "output_text.done", "refusal.done",
            "function_call_arguments.done", "custom_tool_call_input.done", "reasoning_summary_part.added",
            "reasoning_summary_part.done", "reasoning_summary_text.done", "reasoning_text.done",
            "web_search_call.completed", "web_search_call.in_progress", "web_search_call.searching",
        ],
        _SEEN_IN_DONE,
    )
    | dict.fromkeys(
        [
            "audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done",
        ],
        _AUDIO,
    )
    | dict.fromkeys(
        [
            "code_interpreter_call_code.delta", "code_interpreter_call_code.done",
            "code_interpreter_call.completed", "code_interpreter_call.in_progress",
            "code_interpreter_call.interpreting", "file_search_call.completed",
            "file_search_call.in_progress", "file_search_call.searching", "image_generation_call.completed",
            "image_generation_call.generating", "image_generation_call.in_progress",
            "image_generation_call.partial_image", "mcp_call_arguments.delta", "mcp_call_arguments.done",
            "mcp_call.completed", "mcp_call.failed", "mcp_call.in_progress", "mcp_list_tools.completed",
            "mcp_list_tools.failed", "mcp_list_tools.in_progress", "compaction.compacting",
            "shell_call_command.added", "shell_call_command.delta", "shell_call_command.done",
            "shell_call_output_content.delta", "shell_call_output_content.done",
        ],
        _OPENAI,
    )
    | {
        "created": "read as the answer's start whenever a response is shown",
        "in_progress": "read as the answer's start whenever a response is shown",
        "queued": "read as the answer's start whenever a response is shown",
    },
}  # fmt: skip


def as_markdown() -> str:
    """The table as a page for people."""
    sections = []
    for title, entries in DROPPED.items():
        rows = "\n".join(f"| `{name}` | {reason} |" for name, reason in sorted(entries.items()))
        sections.append(f"## {title.capitalize()}\n\n| left out | why |\n|---|---|\n{rows}\n")
    return "\n".join(sections)
