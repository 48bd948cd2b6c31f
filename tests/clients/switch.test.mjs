//  Conversations whose turns are answered by providers of different protocols, one after
//  the other, by clients that give back all they got: what one provider signed never
//  reaches another, and each gets its own again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct, forget, protocols, received, server } from "./pairs.mjs";
import { parameters, question, run, tools } from "./scenarios.mjs";

//  What the mock provider signs with, in all protocols but Chat.
const seal = "bW9jay1zZWFsLzAxKzIzPT0vYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=";

//  Without the router there is nobody to be switched between.
const sources = direct ? [] : protocols;

async function post (path, body)
{
    const response = await fetch (server + path, {
        method: "POST",
        headers: { "content-type": "application/json",
                   "anthropic-version": "2023-06-01" },
        body: JSON.stringify (body) });
    const text = await response.text ();
    assert.equal (response.status, 200, `${text} to ${JSON.stringify (body)}`);
    return text;
}

const data_of = (stream) => stream.split ("\n")
    .filter ((line) => line.startsWith ("data: "))
    .map ((line) => JSON.parse (line.slice (6)));

//  The content of a streamed message, as clients put it together.
function content_of (stream)
{
    const content = [];
    const deltas = {
        text_delta: (block, delta) => { block.text += delta.text; },
        thinking_delta: (block, delta) => { block.thinking += delta.thinking; },
        signature_delta: (block, delta) => { block.signature = delta.signature; },
        input_json_delta: (block, delta) => {
            block.json = (block.json ?? "") + delta.partial_json;
        },
    };
    for (const { type, index, content_block, delta } of data_of (stream))
        if (type === "content_block_start")
            content[index] = { ...content_block };
        else if (type === "content_block_delta")
            deltas[delta.type] (content[index], delta);
    return content.map (({ json, ...block }) =>
        json ? { ...block, input: JSON.parse (json) } : block);
}

const first_turn = [{ role: "user", content: question }];

//  Each takes what was said so far, and gives what is said next, by both.
const clients = {
    messages: {
        streams: [false, true],
        async ask (model, messages, stream) {
            const answer = await post ("/v1/messages", {
                model, max_tokens: 4096, stream, messages,
                thinking: { type: "enabled", budget_tokens: 2048 },
                tools: tools.map (({ name, description }) =>
                    ({ name, description, input_schema: parameters })) });
            const content = stream ? content_of (answer) : JSON.parse (answer).content;
            const thinking = content.find (({ type }) => type === "thinking");
            assert.ok (!thinking || thinking.signature, "thinking is signed");
            const results = content.filter (({ type }) => type === "tool_use")
                .map (({ id, name, input }) => ({ type: "tool_result", tool_use_id: id,
                                                  content: run (name, input) }));
            return [{ role: "assistant", content },
                    { role: "user", content: results.length ? results : question }];
        },
    },
    responses: {
        streams: [false, true],
        async ask (model, input, stream) {
            const answer = await post ("/v1/responses", {
                model, stream, input, store: false,
                include: ["reasoning.encrypted_content"],
                reasoning: { effort: "medium", summary: "auto" },
                tools: tools.map (({ name, description }) =>
                    ({ type: "function", name, description, parameters,
                       strict: false })) });
            const { output } = stream ? data_of (answer).at (-1).response
                                      : JSON.parse (answer);
            const results = output.filter (({ type }) => type === "function_call")
                .map (({ call_id, name, arguments: text }) =>
                    ({ type: "function_call_output", call_id,
                       output: run (name, JSON.parse (text)) }));
            return [...output, ...(results.length ? results : first_turn)];
        },
    },
    chat: {
        streams: [false],
        async ask (model, messages) {
            const { message } = JSON.parse (await post ("/v1/chat/completions", {
                model, messages, reasoning_effort: "medium",
                tools: tools.map (({ name, description }) =>
                    ({ type: "function", function: { name, description, parameters } }))
            })).choices[0];
            const results = (message.tool_calls ?? []).map ((call) => ({
                role: "tool", tool_call_id: call.id,
                content: run (call.function.name,
                              JSON.parse (call.function.arguments)) }));
            return [message, ...(results.length ? results : first_turn)];
        },
    },
    google: {
        streams: [false, true],
        first: [{ role: "user", parts: [{ text: question }] }],
        async ask (model, contents, stream) {
            const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
            const answer = await post (
                `/v1beta/models/${model}:${method}`, {
                    contents,
                    generationConfig: { thinkingConfig: { includeThoughts: true,
                                                          thinkingBudget: 2048 } },
                    tools: [{ functionDeclarations: tools.map (({ name, description }) =>
                        ({ name, description, parametersJsonSchema: parameters })) }],
                });
            const content = { role: "model", parts: [] };
            const events = stream ? data_of (answer) : [JSON.parse (answer)];
            for (const { candidates } of events)
                content.parts.push (...candidates[0].content.parts);
            const results = content.parts.filter (({ functionCall }) => functionCall)
                .map (({ functionCall: { id, name, args } }) => ({ functionResponse: {
                    id, name, response: { output: run (name, args) } } }));
            return [content, { role: "user",
                               parts: results.length ? results
                                                     : [{ text: question }] }];
        },
    },
};

//  Three answers. No envelope goes up, and who signed the first one gets that back with
//  the third call.
async function check (client, from, to, stream)
{
    await forget ();
    const talk = [...client.first ?? first_turn];
    for (const upstream of [from, to, from])
        talk.push (...await client.ask (`mock-${upstream}:mock-tools`, talk, stream));
    const texts = (await received ()).map (({ body }) => JSON.stringify (body));
    assert.equal (texts.length, 3);
    for (const text of texts)
        assert.ok (!text.includes ('"br1.'), text);
    assert.ok (from === "chat" || texts[2].includes (seal), texts[2]);
}

for (const [name, client] of Object.entries (clients))
    for (const from of sources)
        for (const to of sources)
            for (const stream of client.streams)
                test (`${name}: ${from}, ${to}, ${from} again, stream ${stream}`,
                      () => check (client, from, to, stream));
