//  Usage of Chat streams: the provider is always asked for it, the client sees what it has
//  asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct } from "./pairs.mjs";
import { ask, client, url } from "./world.mjs";

const model = "mock-chat:mock-chunks3";
const skip = direct && "without a router nobody asks";

//  What the provider has received.
async function received ()
{
    const response = await fetch (`${process.env.BR_MOCK_URL}/mock/last`);
    return JSON.parse ((await response.json ()).body);
}

//  The data lines of a stream.
async function lines_of (body)
{
    const response = await fetch (`${url}/v1/chat/completions`, {
        method: "POST", body: JSON.stringify (body),
        headers: { "content-type": "application/json" } });
    assert.equal (response.status, 200);
    return (await response.text ()).split ("\n\n").filter ((line) => line);
}

for (const options of [undefined, {}, { include_usage: false }])
    test (`a stream with options ${JSON.stringify (options)} has no chunk of usage`,
          { skip }, async () => {
        const body = { model, messages: ask ("Hello"), stream: true,
                       stream_options: options, seed: 7 };
        const lines = await lines_of (body);
        assert.equal (lines.at (-1), "data: [DONE]");
        const chunks = lines.slice (0, -1).map ((line) => JSON.parse (line.slice (6)));
        assert.equal (chunks.length, 4, "three of content and a finish");
        for (const chunk of chunks)
            assert.equal (chunk.choices.length, 1);
        assert.deepEqual (await received (), {
            ...body, model: "mock-chunks3", stream_options: { include_usage: true } });
    });

test ("a stream that asks for usage has one chunk of it", { skip }, async () => {
    const stream_options = { include_usage: true };
    const stream = await client ().chat.completions.create (
        { model, messages: ask ("Hello"), stream: true, stream_options });
    const without_choice = [];
    for await (const chunk of stream)
        if (chunk.choices.length === 0)
            without_choice.push (chunk.usage);
    assert.equal (without_choice.length, 1);
    assert.ok (without_choice[0].prompt_tokens > 0);
    assert.deepEqual ((await received ()).stream_options, stream_options);
});

test ("a single answer is not asked for options", { skip }, async () => {
    const answer = await client ().chat.completions.create (
        { model, messages: ask ("Hello") });
    assert.ok (answer.usage.total_tokens > 0);
    assert.equal ((await received ()).stream_options, undefined);
});
