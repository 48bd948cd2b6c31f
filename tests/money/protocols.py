"""The four protocols as plain bytes: how a client asks, what it makes of an answer, and
how a provider's answer with given counts of tokens looks."""

import json

GREETING = "Hello, w\u00f6rld \U0001f30d."  # what the mock provider begins with
NAMES = ("chat", "responses", "messages", "google")
WORDS = {"chat": "openai", "responses": "responses", "messages": "anthropic",
         "google": "google"}  # api_protocol
ROOTS = {"chat": "/v1", "responses": "/v1", "messages": "", "google": ""}


def request(protocol, model, stream, most=None, text="Hello"):
    """Path and body; most: the maximum of output, tokens."""
    turn = [{"role": "user", "content": text}]
    if protocol == "chat":
        body = {"model": model, "stream": stream, "messages": turn}
        if most:
            body["max_tokens"] = most
        return "/v1/chat/completions", body
    if protocol == "responses":
        body = {"model": model, "stream": stream, "input": text}
        if most:
            body["max_output_tokens"] = most
        return "/v1/responses", body
    if protocol == "messages":
        return "/v1/messages", {"model": model, "stream": stream, "messages": turn,
                                "max_tokens": most or 99}
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if most:
        body["generationConfig"] = {"maxOutputTokens": most}
    action = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{action}", body


def events(body):
    found = []
    for line in body.split("\n"):
        if line.startswith("data: "):
            data = line[6:].strip()
            try:
                found.append(data if data == "[DONE]" else json.loads(data))
            except ValueError:
                found.append({})
    return found


def _finishes(protocol, event):
    if protocol == "chat":
        return event == "[DONE]"
    if not isinstance(event, dict):
        return False
    if protocol == "google":
        return any(one.get("finishReason") for one in event.get("candidates") or [])
    return event.get("type") == {"responses": "response.completed",
                                 "messages": "message_stop"}[protocol]


def is_whole(protocol, stream, answer):
    """A good answer that says of itself that it is complete."""
    if answer.status != 200 or answer.cut:
        return False
    if stream:
        return any(_finishes(protocol, event) for event in events(answer.body))
    try:
        return "error" not in json.loads(answer.body) or protocol == "responses"
    except ValueError:
        return False


def error(protocol, body):
    """(code or status, message) of an error answer in the protocol's shape, or None."""
    try:
        said = json.loads(body)
        one = said["error"]
        if protocol == "google":
            if one["code"] != 429 and not isinstance(one["code"], int):
                return None
            return one["status"], one["message"]
        if protocol == "messages":
            if said["type"] != "error":
                return None
            return one["type"], one["message"]
        return one["code"], one["message"]
    except (ValueError, KeyError, TypeError):
        return None


# ---- what a provider says; usage has the normal form's buckets: input (all of it),
# read, write (parts of input), output (all of it), reasoning (part of output)

def counts(protocol, usage):
    """Usage as the protocol's own member says it."""
    if protocol == "chat":
        return {"prompt_tokens": usage["input"], "completion_tokens": usage["output"],
                "total_tokens": usage["input"] + usage["output"],
                "prompt_tokens_details": {"cached_tokens": usage["read"]},
                "completion_tokens_details": {"reasoning_tokens": usage["reasoning"]}}
    if protocol == "responses":
        return {"input_tokens": usage["input"], "output_tokens": usage["output"],
                "total_tokens": usage["input"] + usage["output"],
                "input_tokens_details": {"cached_tokens": usage["read"]},
                "output_tokens_details": {"reasoning_tokens": usage["reasoning"]}}
    if protocol == "messages":
        fresh = usage["input"] - usage["read"] - usage["write"]
        return {"input_tokens": fresh, "cache_read_input_tokens": usage["read"],
                "cache_creation_input_tokens": usage["write"],
                "output_tokens": usage["output"]}
    return {"promptTokenCount": usage["input"],
            "cachedContentTokenCount": usage["read"],
            "candidatesTokenCount": usage["output"] - usage["reasoning"],
            "thoughtsTokenCount": usage["reasoning"],
            "totalTokenCount": usage["input"] + usage["output"]}


def random_usage(protocol, random):
    """Counts that the protocol can tell."""
    count = random.randint(3, 5000)
    read = random.choice((0, random.randint(0, count)))
    write = random.choice((0, random.randint(0, count - read)))
    output = random.randint(1, 3000)
    reasoning = random.choice((0, random.randint(0, output)))
    return {"input": count, "read": read, "output": output,
            "write": write if protocol == "messages" else 0,
            "reasoning": 0 if protocol == "messages" else reasoning}


def _response(usage, is_done):
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "annotations": [], "text": "All right."}]}
    return {"id": "resp_1", "object": "response", "created_at": 1700000000,
            "status": "completed" if is_done else "in_progress", "error": None,
            "model": "mock", "output": [item] if is_done else [],
            "usage": counts("responses", usage) if is_done else None}


def _message(usage, is_done):
    said = counts("messages", usage)
    if not is_done:
        said["output_tokens"] = 1
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "mock",
            "content": [{"type": "text", "text": "All right."}] if is_done else [],
            "stop_reason": "end_turn" if is_done else None, "stop_sequence": None,
            "usage": said}


def plain(protocol, usage):
    if protocol == "chat":
        return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000,
                "model": "mock", "choices": [
                    {"index": 0, "finish_reason": "stop", "message":
                     {"role": "assistant", "content": "All right."}}],
                "usage": counts(protocol, usage)}
    if protocol == "responses":
        return _response(usage, True)
    if protocol == "messages":
        return _message(usage, True)
    return {"candidates": [{"index": 0, "finishReason": "STOP", "content":
                            {"role": "model", "parts": [{"text": "All right."}]}}],
            "usageMetadata": counts(protocol, usage), "modelVersion": "mock",
            "responseId": "one"}


def _chunk(**members):
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "mock",
            "created": 1700000000, **members}


def _chat_events(usage):
    def piece(delta, reason=None):
        return _chunk(choices=[{"index": 0, "delta": delta, "finish_reason": reason}])
    return [piece({"role": "assistant", "content": ""}), piece({"content": "All "}),
            piece({"content": "right."}), piece({}, "stop"),
            _chunk(choices=[], usage=counts("chat", usage)), "[DONE]"]


def _responses_events(usage):
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    item = _response(usage, True)["output"][0]
    part = item["content"][0]
    rows = [("created", {"response": _response(usage, False)}),
            ("output_item.added", {"output_index": 0, "item":
                                   {**item, "status": "in_progress", "content": []}}),
            ("content_part.added", {**at, "part": {**part, "text": ""}}),
            ("output_text.delta", {**at, "delta": "All "}),
            ("output_text.delta", {**at, "delta": "right."}),
            ("output_text.done", {**at, "text": "All right."}),
            ("content_part.done", {**at, "part": part}),
            ("output_item.done", {"output_index": 0, "item": item}),
            ("completed", {"response": _response(usage, True)})]
    return [{"type": f"response.{name}", "sequence_number": number, **rest}
            for number, (name, rest) in enumerate(rows)]


def _messages_events(usage):
    def piece(text):
        return {"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": text}}
    return [{"type": "message_start", "message": _message(usage, False)},
            {"type": "content_block_start", "index": 0,
             "content_block": {"type": "text", "text": ""}},
            piece("All "), piece("right."), {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "usage": counts("messages", usage),
             "delta": {"stop_reason": "end_turn", "stop_sequence": None}},
            {"type": "message_stop"}]


def _google_events(usage):
    first = plain("google", usage)
    del first["candidates"][0]["finishReason"]
    return [first, plain("google", usage)]


def silent(value):
    """The same without a word about tokens."""
    if isinstance(value, list):
        return [silent(one) for one in value]
    if isinstance(value, dict):
        return {name: silent(one) for name, one in value.items()
                if name not in ("usage", "usageMetadata")}
    return value


def event_rows(protocol, usage):
    """The same as the events of a stream."""
    return {"chat": _chat_events, "responses": _responses_events,
            "messages": _messages_events, "google": _google_events}[protocol](usage)


def streamed(protocol, rows):
    """The bytes of an event stream."""
    text = ""
    for row in rows:
        if protocol in ("responses", "messages"):
            text += f"event: {row['type']}\n"
        text += f"data: {row if row == '[DONE]' else json.dumps(row)}\n\n"
    return text
