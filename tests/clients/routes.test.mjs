//  Which provider answers: fail-over and taking turns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, client, log, text_of, until } from "./world.mjs";

for (const model of ["past-dead", "past-500", "past-error-in-200"])
    for (const stream of [false, true])
        test (`${model}, stream ${stream}: the second endpoint answers`, async () => {
            const { data, response } = await client ().chat.completions.create (
                { model, messages: ask ("Hello"), stream }).withResponse ();
            const text = stream ? await text_of (data) : data.choices[0].message.content;
            assert.ok (text.length > 0);
            assert.equal (response.headers.get ("x-bitrouter-provider"), "second");
            assert.equal (response.headers.get ("x-bitrouter-attempts"), "2");
        });

//  Each shard of the server takes its own turns, so halves are equal but for a few.
async function spread (model, calls)
{
    const before = [log ("first").length, log ("second").length];
    const openai = client ();
    for (let i = 0; i < calls; i++)
        await openai.chat.completions.create ({ model, messages: ask ("Hello") });
    return until ("every call is in a log", () => {
        const lines = [...log ("first").slice (before[0]),
                       ...log ("second").slice (before[1])];
        if (lines.length < calls)
            return null;
        const counts = {};
        for (const { authorization } of lines)
            counts[authorization] = (counts[authorization] ?? 0) + 1;
        return counts;
    });
}

test ("load_balance takes turns between providers, each with its key", async () => {
    const counts = await spread ("turns", 40);
    const { "Bearer ***0001": first, "Bearer ***0002": second, ...others } = counts;
    assert.deepEqual (others, {}, JSON.stringify (counts));
    assert.equal (first + second, 40, JSON.stringify (counts));
    assert.ok (Math.abs (first - second) <= 8, JSON.stringify (counts));
});

test ("a pool of keys is balanced", async () => {
    const counts = await spread ("pool:mock", 40);
    const { "Bearer ***aaaa": first, "Bearer ***bbbb": second, ...others } = counts;
    assert.deepEqual (others, {}, JSON.stringify (counts));
    assert.equal (first + second, 40, JSON.stringify (counts));
    assert.ok (Math.abs (first - second) <= 8, JSON.stringify (counts));
});
