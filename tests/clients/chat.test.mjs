//  What goes well: models, answers, streams, tools and large bodies.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ask, client, sha256, text_of, url } from "./world.mjs";

const data = new URL ("data/", import.meta.url);

//  A client that keeps the body of its last request.
function watched ()
{
    const seen = {};
    const openai = client ({ fetch: (to, init) => {
        seen.body = init.body;
        return fetch (to, init);
    } });
    return { openai, seen };
}

test ("models are listed: routes and providers' catalogues", async () => {
    const ids = [];
    for await (const model of client ().models.list ()) {
        assert.equal (model.object, "model");
        assert.equal (typeof model.created, "number");
        assert.equal (typeof model.owned_by, "string");
        ids.push (model.id);
    }
    for (const id of ["smart", "past-dead", "turns", "first:mock"])
        assert.ok (ids.includes (id), `${id} is missing in ${ids}`);
    assert.equal (new Set (ids).size, ids.length, "each once");
});

for (const model of ["smart", "first:mock", "first/mock", "pool:mock"])
    test (`a single answer of ${model}`, async () => {
        const { data: answer, response } = await client ().chat.completions
            .create ({ model, messages: ask ("Hello") }).withResponse ();
        assert.equal (answer.object, "chat.completion");
        assert.equal (answer.choices[0].finish_reason, "stop");
        assert.ok (answer.choices[0].message.content.length > 0);
        assert.ok (answer.usage.total_tokens > 0);
        assert.equal (response.headers.get ("x-request-id"), "req-mock");
        assert.ok (response.headers.get ("x-bitrouter-request-id"));
        assert.equal (response.headers.get ("x-bitrouter-attempts"), "1");
        assert.equal (response.headers.get ("x-bitrouter-model"), "mock");
    });

test ("a request id of the client's own comes back", async () => {
    const { response } = await client ().chat.completions.create (
        { model: "smart", messages: ask ("Hello") },
        { headers: { "x-bitrouter-request-id": "mine-1" } }).withResponse ();
    assert.equal (response.headers.get ("x-bitrouter-request-id"), "mine-1");
});

test ("a stream comes in whole chunks, in order, with usage", async () => {
    const stream = await client ().chat.completions.create (
        { model: "first:mock-chunks20-gap2", messages: ask ("Hello"), stream: true,
          stream_options: { include_usage: true } });
    let content = 0, finish = null, usage = null;
    for await (const chunk of stream) {
        assert.equal (chunk.object, "chat.completion.chunk");
        if (chunk.choices[0]?.delta?.content)
            content++;
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ?? usage;
    }
    assert.equal (content, 20);
    assert.equal (finish, "stop");
    assert.ok (usage.total_tokens > 0);
});

test ("the client's stream helper puts an answer together", async () => {
    const answer = await client ().chat.completions
        .stream ({ model: "echo:echo", messages: ask ("one two three") })
        .finalChatCompletion ();
    assert.equal (answer.choices[0].message.content, "one two three");
});

test ("echo answers with what it was asked, single and streamed", async () => {
    const openai = client ();
    const words = "Grüße, \"quoted\" \\ and 漢字 🙂";
    const answer = await openai.chat.completions.create (
        { model: "echo:echo", messages: ask (words) });
    assert.equal (answer.choices[0].message.content, words);
    const stream = await openai.chat.completions.create (
        { model: "echo:echo", messages: ask (words), stream: true });
    assert.equal (await text_of (stream), words);
});

test ("tools and their results reach the provider byte by byte", async () => {
    const { openai, seen } = watched ();
    const call = { id: "call_1", type: "function",
                   function: { name: "weather", arguments: "{\"city\": \"K\\u00f6ln\" }" } };
    const answer = await openai.chat.completions.create ({
        model: "first:mock-echo",
        messages: [...ask ("Weather?"),
                   { role: "assistant", content: null, tool_calls: [call] },
                   { role: "tool", tool_call_id: "call_1", content: "{\"t\":1e-7}" }],
        tools: [{ type: "function", function: {
            name: "weather", description: "of a city", strict: true,
            parameters: { type: "object", properties: { city: { type: "string" } } } } }],
        tool_choice: "auto", seed: 9007199254740993, unknown_member: [null, {}],
    });
    const wanted = seen.body.replace ("\"first:mock-echo\"", "\"mock-echo\"");
    assert.notEqual (wanted, seen.body);
    assert.equal (answer.mock.body_sha256, sha256 (wanted));
});

test ("tool calls of an answer come back unchanged", async () => {
    const response = await client ().chat.completions.create (
        { model: "first:mock-file.tools.json", messages: ask ("Weather?") }).asResponse ();
    assert.equal (await response.text (), readFileSync (new URL ("tools.json", data), "utf8"));
    const answer = await client ().chat.completions.create (
        { model: "first:mock-file.tools.json", messages: ask ("Weather?") });
    const [call] = answer.choices[0].message.tool_calls;
    assert.equal (answer.choices[0].finish_reason, "tool_calls");
    assert.deepEqual (JSON.parse (call.function.arguments), { city: "Köln" });
});

test ("tool calls of a stream come back unchanged", async () => {
    const recorded = readFileSync (new URL ("tools.sse", data), "utf8");
    const request = { model: "first:mock-file.tools.sse", stream: true,
                      messages: ask ("Weather?") };
    const openai = client ();
    const response = await openai.chat.completions.create (request).asResponse ();
    assert.equal (await response.text (), recorded);
    let text = "";
    for await (const chunk of await openai.chat.completions.create (request))
        text += chunk.choices[0].delta.tool_calls?.[0].function.arguments ?? "";
    assert.deepEqual (JSON.parse (text), { city: "Köln", unit: "C" });
});

test ("a body of 5 MB arrives whole", async () => {
    const { openai, seen } = watched ();
    const answer = await openai.chat.completions.create (
        { model: "second:mock-echo", messages: ask ("0123456789abcdef".repeat (327680)) });
    const wanted = seen.body.replace ("\"second:mock-echo\"", "\"mock-echo\"");
    assert.ok (wanted.length > 5 << 20);
    assert.equal (answer.mock.body_bytes, wanted.length);
    assert.equal (answer.mock.body_sha256, sha256 (wanted));
});

test ("an answer of 5 MB arrives whole, single and streamed", async () => {
    const openai = client ();
    const single = await openai.chat.completions.create (
        { model: "first:mock-size5000000", messages: ask ("Hello") }).asResponse ();
    assert.equal ((await single.text ()).length, 5000000);
    for (let i = 0; i < 20; i++) {
        const stream = await openai.chat.completions.create (
            { model: "first:mock-size50000-chunks100", messages: ask ("Hello"),
              stream: true });
        assert.ok ((await text_of (stream)).length > 4900000);
    }
});

test ("health and readiness need no client", async () => {
    for (const path of ["/health", "/ready"])
        assert.equal ((await fetch (url + path)).status, 200, path);
});
