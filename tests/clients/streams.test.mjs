//  Many streams, and streams that are left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, client, log, text_of, until } from "./world.mjs";

//  The line of a request in a mock's log, once it has ended.
function ending (which, model)
{
    return until (`the end of ${model}`,
                  () => log (which).find ((line) => line.model === model));
}

test ("a stream that is aborted closes the provider's connection", async () => {
    const model = "mock-chunks2000-gap20";
    const stream = await client ().chat.completions.create (
        { model: `first:${model}`, messages: ask ("Hello"), stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
        chunks += chunk.choices.length;
        if (chunks === 5)
            stream.controller.abort ();
    }
    const line = await ending ("first", model);
    assert.equal (line.ended, "client_closed");
    assert.ok (line.chunks < 2000);
});

test ("a loop that is left closes the provider's connection", async () => {
    const model = "mock-chunks2001-gap20";
    const stream = await client ().chat.completions.create (
        { model: `first:${model}`, messages: ask ("Hello"), stream: true });
    for await (const chunk of stream)
        if (chunk.choices.length)
            break;
    assert.equal ((await ending ("first", model)).ended, "client_closed");
});

for (const stream of [false, true])
    test (`a call without an answer yet, stream ${stream}, can be aborted`, async () => {
        const model = `mock-stall-size${stream ? 1001 : 1000}`;
        const controller = new AbortController ();
        const answer = client ().chat.completions.create (
            { model: `second:${model}`, messages: ask ("Hello"), stream },
            { signal: controller.signal });
        setTimeout (() => controller.abort (), 200);
        await assert.rejects (answer, { name: /Abort|Error/, message: /abort/i });
        assert.equal ((await ending ("second", model)).ended, "client_closed");
    });

test ("a client's own timeout closes the provider's connection", async () => {
    const model = "mock-stall-size1002";
    await assert.rejects (client ({ timeout: 200 }).chat.completions.create (
        { model: `second:${model}`, messages: ask ("Hello") }), /timed out/i);
    assert.equal ((await ending ("second", model)).ended, "client_closed");
});

test ("50 streams at once, each whole and in order", async () => {
    const openai = client ();
    const texts = await Promise.all (Array.from ({ length: 50 }, async (_, i) => {
        const words = Array.from ({ length: 200 }, (__, j) => `${i}.${j}`).join (" ");
        const which = i % 2;
        const stream = await openai.chat.completions.create (
            { model: which ? "echo:echo" : "first:mock-chunks40-gap5",
              messages: ask (words), stream: true });
        const text = await text_of (stream);
        return which ? text === words : text.match (/@\d{16}/g)?.length === 40;
    }));
    assert.deepEqual (texts.filter ((sound) => !sound), []);
});

test ("half of 50 streams are left, the others do not notice", async () => {
    const openai = client ();
    const model = "mock-chunks60-gap10";
    const ended = log ("second").length;
    const counts = await Promise.all (Array.from ({ length: 50 }, async (_, i) => {
        const stream = await openai.chat.completions.create (
            { model: `second:${model}`, messages: ask ("Hello"), stream: true });
        let chunks = 0;
        for await (const chunk of stream) {
            chunks += chunk.choices[0]?.delta?.content ? 1 : 0;
            if (i % 2 && chunks === 10)
                break;
        }
        return chunks;
    }));
    assert.deepEqual (counts, counts.map ((_, i) => i % 2 ? 10 : 60));
    const lines = await until ("all have ended", () => {
        const all = log ("second").slice (ended);
        return all.length >= 50 && all;
    });
    assert.equal (lines.filter (({ ended: how }) => how === "complete").length, 25);
    assert.equal (lines.filter (({ ended: how }) => how === "client_closed").length, 25);
});
