//  says: what a provider answers, in each protocol, plain or as a stream of small pieces:
//  thoughts, a text and a call of the tool send, whichever there are.

//  Pieces of count characters.
function pieces (text, count)
{
    return [...text].reduce ((found, one, i) => {
        i % count ? found[found.length - 1] += one : found.push (one);
        return found;
    }, []);
}

function sse (rows)
{
    return rows.map ((row) => (row.type ? `event: ${row.type}\n` : "")
        + `data: ${typeof row === "string" ? row : JSON.stringify (row)}\n\n`).join ("");
}

//  ---- Chat Completions

const chat_usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };

function chat_plain ({ thoughts, text, args })
{
    const tool_calls = args && [{ id: "call_1", type: "function",
                                  function: { name: "send", arguments: args } }];
    const message = { role: "assistant", content: text ?? null,
                      ...(thoughts && { reasoning_content: thoughts }),
                      ...(args && { tool_calls }) };
    const finish_reason = args ? "tool_calls" : "stop";
    return { id: "chatcmpl-1", object: "chat.completion", created: 1700000000,
             model: "m", choices: [{ index: 0, message, finish_reason }],
             usage: chat_usage };
}

function chat_rows ({ thoughts, text, args }, count)
{
    const row = (delta, finish_reason = null) => (
        { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1700000000,
          model: "m", choices: [{ index: 0, delta, finish_reason }] });
    const call = (more) => row ({ tool_calls: [{ index: 0, ...more }] });
    return [row ({ role: "assistant", content: "" }),
            ...pieces (thoughts ?? "", count).map (
                (part) => row ({ reasoning_content: part })),
            ...pieces (text ?? "", count).map ((part) => row ({ content: part })),
            ...(args ? [call ({ id: "call_1", type: "function",
                                function: { name: "send", arguments: "" } })] : []),
            ...pieces (args ?? "", count).map (
                (part) => call ({ function: { arguments: part } })),
            row ({}, args ? "tool_calls" : "stop"),
            { ...row ({}), choices: [], usage: chat_usage }, "[DONE]"];
}

//  ---- Responses

function response_items ({ thoughts, text, args })
{
    const part = { type: "output_text", annotations: [], text };
    return [
        thoughts && { id: "rs_1", type: "reasoning",
                      summary: [{ type: "summary_text", text: thoughts }] },
        text && { id: "msg_1", type: "message", status: "completed", role: "assistant",
                  content: [part] },
        args && { id: "fc_1", type: "function_call", status: "completed",
                  call_id: "call_1", name: "send", arguments: args },
    ].filter (Boolean);
}

function response (status, output)
{
    return { id: "resp_1", object: "response", created_at: 1700000000, status,
             error: null, model: "m", output, parallel_tool_calls: true, tools: [],
             usage: { input_tokens: 9, output_tokens: 9, total_tokens: 18,
                      input_tokens_details: { cached_tokens: 0 },
                      output_tokens_details: { reasoning_tokens: 0 } } };
}

//  Events of one item's words: added, piece by piece, done.
const item_rows = {
    reasoning ({ summary: [part] }, at, count) {
        at = { item_id: "rs_1", output_index: at, summary_index: 0 };
        const name = "reasoning_summary";
        return [[`${name}_part.added`, { ...at, part: { ...part, text: "" } }],
                ...pieces (part.text, count).map (
                    (delta) => [`${name}_text.delta`, { ...at, delta }]),
                [`${name}_text.done`, { ...at, text: part.text }],
                [`${name}_part.done`, { ...at, part }]];
    },
    message ({ content: [part] }, at, count) {
        at = { item_id: "msg_1", output_index: at, content_index: 0 };
        return [["content_part.added", { ...at, part: { ...part, text: "" } }],
                ...pieces (part.text, count).map (
                    (delta) => ["output_text.delta", { ...at, delta, logprobs: [] }]),
                ["output_text.done", { ...at, text: part.text, logprobs: [] }],
                ["content_part.done", { ...at, part }]];
    },
    function_call ({ arguments: whole }, at, count) {
        at = { item_id: "fc_1", output_index: at };
        return [...pieces (whole, count).map (
                    (delta) => ["function_call_arguments.delta", { ...at, delta }]),
                ["function_call_arguments.done", { ...at, arguments: whole }]];
    },
};

//  An item of which nothing was told yet.
const bare = { reasoning: { summary: [] }, message: { content: [] },
               function_call: { arguments: "" } };

function responses_rows (said, count)
{
    const items = response_items (said);
    const begun = response ("in_progress", []);
    const rows = [["created", { response: begun }], ["in_progress", { response: begun }]];
    items.forEach ((item, output_index) => {
        const status = item.status && { status: "in_progress" };
        rows.push (["output_item.added", { output_index, item: { ...item,
                                           ...bare[item.type], ...status } }],
                   ...item_rows[item.type] (item, output_index, count),
                   ["output_item.done", { output_index, item }]);
    });
    rows.push (["completed", { response: response ("completed", items) }]);
    return rows.map (([type, rest], sequence_number) => (
        { type: `response.${type}`, sequence_number, ...rest }));
}

//  ---- Messages

function message_blocks ({ thoughts, text, args })
{
    return [
        thoughts && { type: "thinking", thinking: thoughts, signature: "c2lnbmVk" },
        text && { type: "text", text },
        args && { type: "tool_use", id: "toolu_1", name: "send",
                  input: JSON.parse (args) },
    ].filter (Boolean);
}

function message (content, stop_reason)
{
    return { id: "msg_1", type: "message", role: "assistant", model: "m", content,
             stop_reason, stop_sequence: null,
             usage: { input_tokens: 9, output_tokens: 9 } };
}

//  A block at its start, and its deltas.
function block_parts (block, args, count)
{
    if (block.type === "thinking")
        return [{ ...block, thinking: "", signature: "" },
                ...pieces (block.thinking, count).map (
                    (thinking) => ({ type: "thinking_delta", thinking })),
                { type: "signature_delta", signature: block.signature }];
    if (block.type === "text")
        return [{ type: "text", text: "" }, ...pieces (block.text, count).map (
            (text) => ({ type: "text_delta", text }))];
    return [{ ...block, input: {} }, ...pieces (args, count).map (
        (partial_json) => ({ type: "input_json_delta", partial_json }))];
}

function messages_rows (said, count)
{
    const rows = [{ type: "message_start", message: message ([], null) }];
    message_blocks (said).forEach ((block, index) => {
        const [content_block, ...deltas] = block_parts (block, said.args, count);
        rows.push ({ type: "content_block_start", index, content_block },
                   ...deltas.map ((delta) => (
                       { type: "content_block_delta", index, delta })),
                   { type: "content_block_stop", index });
    });
    const stop_reason = said.args ? "tool_use" : "end_turn";
    return [...rows, { type: "message_delta", delta: { stop_reason, stop_sequence: null },
                       usage: { output_tokens: 9 } }, { type: "message_stop" }];
}

//  ---- Google

function google_row (parts, end)
{
    return { candidates: [{ index: 0, content: { role: "model", parts },
                            ...(end && { finishReason: "STOP" }) }],
             usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 9,
                              totalTokenCount: 18 },
             modelVersion: "m", responseId: "one" };
}

function google_parts ({ thoughts, text, args }, count)
{
    return [
        ...pieces (thoughts ?? "", count).map ((text) => ({ text, thought: true })),
        ...pieces (text ?? "", count).map ((text) => ({ text })),
        ...(args ? [{ functionCall: { name: "send", args: JSON.parse (args) } }] : []),
    ];
}

//  ---- all of them: { thoughts, text, args }, args as JSON

const whole = {
    chat: chat_plain,
    responses: (said) => response ("completed", response_items (said)),
    messages: (said) => message (message_blocks (said),
                                 said.args ? "tool_use" : "end_turn"),
    google: (said) => google_row (google_parts (said, Infinity), true),
};

const rows = {
    chat: chat_rows,
    responses: responses_rows,
    messages: messages_rows,
    google: (said, count) => google_parts (said, count).map (
        (part, i, parts) => google_row ([part], i === parts.length - 1)),
};

export function plain (protocol, said)
{
    return JSON.stringify (whole[protocol] (said));
}

//  Events with count characters each.
export function streamed (protocol, said, count)
{
    return sse (rows[protocol] (said, count));
}
