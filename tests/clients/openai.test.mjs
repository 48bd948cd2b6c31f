//  OpenAI's client, by both of its protocols, to each provider's protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { direct, forget, model, received, server, serves, upstreams } from "./pairs.mjs";
import { greeting, parameters, question, run, scenarios, tools, usages }
    from "./scenarios.mjs";

const openai = new OpenAI ({ baseURL: `${server}/v1`, apiKey: "sk-test-000000000001",
                             maxRetries: 0 });

const classes = { 400: OpenAI.BadRequestError, 429: OpenAI.RateLimitError,
                  500: OpenAI.InternalServerError };

function fits (error, status)
{
    return error instanceof classes[status];
}

function chat_usage (usage)
{
    return { input: usage.prompt_tokens,
             cached: usage.prompt_tokens_details.cached_tokens,
             output: usage.completion_tokens,
             reasoning: usage.completion_tokens_details.reasoning_tokens };
}

//  Puts a delta of a message onto what there is: texts grow, calls go by their index.
function grow (message, delta)
{
    for (const [key, value] of Object.entries (delta)) {
        if (key === "tool_calls")
            for (const { index, ...part } of value)
                grow ((message.tool_calls ??= [])[index] ??= {}, part);
        else if (key === "function")
            grow (message.function ??= {}, value);
        else if (Array.isArray (value))
            message[key] = [...(message[key] ?? []), ...value];
        else if (typeof value === "string" && !["role", "type", "id"].includes (key))
            message[key] = (message[key] ?? "") + value;
        else
            message[key] = value;
    }
}

//  One answer as message and usage, however it comes. All members are kept, also those
//  that the protocol does not have.
async function complete ({ stream, ...request })
{
    request.reasoning_effort = "medium";
    if (!stream) {
        const answer = await openai.chat.completions.create (request);
        const { message, finish_reason: finish } = answer.choices[0];
        return { message, finish, usage: chat_usage (answer.usage) };
    }
    const message = {};
    let finish, usage;
    for await (const chunk of await openai.chat.completions.create (
        { ...request, stream, stream_options: { include_usage: true } })) {
        grow (message, chunk.choices[0]?.delta ?? {});
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ? chat_usage (chunk.usage) : usage;
    }
    message.content ||= null;
    return { message, finish, usage };
}

scenarios ({
    name: "openai chat", protocol: "chat", salt: 1000, reasons: true, carries: true, fits,
    async text (request) {
        const { message, finish, usage } = await complete (
            { ...request, messages: [{ role: "user", content: "Hello" }] });
        assert.equal (finish, "stop");
        return { text: message.content, reasoning: message.reasoning_content, usage };
    },
    async round (request) {
        const messages = [{ role: "system", content: "Be exact." },
                          { role: "user", content: question }];
        request.tools = tools.map (({ name, description }) => (
            { type: "function", function: { name, description, parameters } }));
        const one = await complete ({ ...request, messages });
        assert.equal (one.finish, "tool_calls");
        const calls = one.message.tool_calls.map ((call) => (
            { name: call.function.name, args: JSON.parse (call.function.arguments) }));
        messages.push (one.message, ...one.message.tool_calls.map ((call, i) => (
            { role: "tool", tool_call_id: call.id,
              content: run (calls[i].name, calls[i].args) })));
        const two = await complete ({ ...request, messages });
        assert.equal (two.finish, "stop");
        return { calls, text: two.message.content, usages: [one.usage, two.usage] };
    },
});

//  ---- Completions, which came before Chat

//  One answer as text, finish and usage, however it comes.
async function continued ({ stream, ...request })
{
    if (!stream) {
        const { object, choices, usage } = await openai.completions.create (request);
        assert.equal (object, "text_completion");
        return { text: choices[0].text, finish: choices[0].finish_reason, usage };
    }
    let text = "", finish, usage;
    for await (const chunk of await openai.completions.create (
        { ...request, stream, stream_options: { include_usage: true } })) {
        assert.equal (chunk.object, "text_completion");
        text += chunk.choices[0]?.text ?? "";
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ?? usage;
    }
    return { text, finish, usage };
}

for (const stream of [false, true]) {
    const how = stream ? "streamed" : "plain";
    const skip = direct || upstreams ("chat").length === 0;
    test (`openai completions to chat, ${how}: a text, its usage`, { skip }, async () => {
        const { text, finish, usage } = await continued (
            { model: model ("chat", "tools"), prompt: "Hello", stream });
        assert.equal (text, greeting);
        assert.equal (finish, "stop");
        assert.equal (usage.prompt_tokens, usages.greeting.input);
        assert.equal (usage.completion_tokens, usages.greeting.output);
    });
    test (`openai completions to echo, ${how}: what was asked`, { skip }, async () => {
        const prompt = "Grüße, \"quoted\" and 漢字 🙂";
        const { text, finish, usage } = await continued (
            { model: "echo:echo", prompt, stream });
        assert.equal (text, prompt);
        assert.equal (finish, "stop");
        assert.ok (usage.total_tokens > 0);
    });
    test (`openai completions to chat, ${how}: a provider's 429 is its own error`,
          { skip }, async () => {
              const name = model ("chat", `429-size${stream ? 3501 : 3500}`);
              await assert.rejects (continued ({ model: name, prompt: "Hello", stream }),
                                    OpenAI.RateLimitError);
          });
}

test ("openai completions to chat: a stream that is cut is an error",
      { skip: direct || upstreams ("chat").length === 0 }, async () => {
          await assert.rejects (continued ({ model: model ("chat", "tools-cut3"),
                                             prompt: "Hello", stream: true }),
                                OpenAI.APIError);
      });

//  ---- Responses

function response_usage (usage)
{
    return { input: usage.input_tokens, cached: usage.input_tokens_details.cached_tokens,
             output: usage.output_tokens,
             reasoning: usage.output_tokens_details.reasoning_tokens };
}

//  The finished response. What a stream told in pieces must be what it told at its end.
async function respond ({ stream, ...request })
{
    request = { ...request, store: false, include: ["reasoning.encrypted_content"],
                reasoning: { effort: "medium", summary: "auto" } };
    if (!stream)
        return await openai.responses.create (request);
    let response, text = "", number = 0;
    const items = [];
    for await (const event of await openai.responses.create ({ ...request, stream })) {
        assert.equal (event.sequence_number, number++);
        assert.ok (!response, "nothing comes after the end");
        if (event.type === "response.output_text.delta")
            text += event.delta;
        else if (event.type === "response.output_item.done")
            items[event.output_index] = event.item;
        else if (event.type === "response.completed")
            response = event.response;
    }
    assert.ok (response, "the stream has an end");
    assert.deepEqual (items, response.output);
    response.output_text = text;
    return response;
}

const client = {
    name: "openai responses", protocol: "responses", salt: 2000, reasons: true,
    carries: true, fits,
    async text (request) {
        const response = await respond ({ ...request, input: "Hello" });
        assert.equal (response.status, "completed");
        const reasoning = response.output.find (({ type }) => type === "reasoning");
        return { text: response.output_text, usage: response_usage (response.usage),
                 reasoning: reasoning?.summary.map ((part) => part.text).join ("") };
    },
    async round (request) {
        const input = [{ role: "user", content: question }];
        request.instructions = "Be exact.";
        request.tools = tools.map (({ name, description }) => (
            { type: "function", name, description, parameters, strict: false }));
        const one = await respond ({ ...request, input });
        const asked = one.output.filter (({ type }) => type === "function_call");
        const calls = asked.map (({ name, arguments: args }) => (
            { name, args: JSON.parse (args) }));
        input.push (...one.output, ...asked.map ((call, i) => (
            { type: "function_call_output", call_id: call.call_id,
              output: run (call.name, calls[i].args) })));
        const two = await respond ({ ...request, input });
        return { calls, text: two.output_text,
                 usages: [response_usage (one.usage), response_usage (two.usage)] };
    },
};
scenarios (client);

test ("openai: the list of models", { skip: !direct }, async () => {
    const ids = [];
    for await (const { id } of openai.models.list ())
        ids.push (id);
    assert.deepEqual (ids, ["mock"]);
});

for (const upstream of upstreams ("chat"))
    test (`openai to ${upstream}: embeddings`,
          { skip: upstream !== "chat" || !serves ("embeddings") }, async () => {
        const { data } = await openai.embeddings.create (
            { model: model (upstream, "tools"), input: ["one", "two"] });
        assert.deepEqual (data.map (({ embedding }) => [...embedding]),
                          [[0.5, -0.25, 0], [0.5, -0.25, 1]]);
    });

for (const upstream of upstreams ("responses"))
    test (`openai responses to ${upstream}: the provider is asked twice`, async () => {
        await forget ();
        await client.round ({ model: model (upstream, "tools"), stream: false });
        assert.equal ((await received ()).length, 2);
    });
