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

//  Each call is a conversation of its own: those of one stay with one endpoint.
async function spread (model, calls)
{
    const before = [log ("first").length, log ("second").length];
    const openai = client ();
    for (let i = 0; i < calls; i++)
        await openai.chat.completions.create ({ model, messages: ask (`Hello ${i}`) });
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
    assert.ok (Math.abs (first - second) <= 24, JSON.stringify (counts));
});

test ("a conversation stays with one endpoint", async () => {
    const before = [log ("first").length, log ("second").length];
    const openai = client ();
    for (let i = 0; i < 10; i++)
        await openai.chat.completions.create (
            { model: "turns", messages: [...ask ("Keep to it"),
                                         { role: "assistant", content: `${i}` },
                                         { role: "user", content: "Go on" }] });
    const counts = await until ("every call is in a log", () => {
        const sizes = [log ("first").length - before[0],
                       log ("second").length - before[1]];
        return sizes[0] + sizes[1] === 10 ? sizes : null;
    });
    assert.ok (counts.includes (10), JSON.stringify (counts));
});

test ("a pool of keys is balanced", async () => {
    const counts = await spread ("pool:mock", 40);
    const { "Bearer ***aaaa": first, "Bearer ***bbbb": second, ...others } = counts;
    assert.deepEqual (others, {}, JSON.stringify (counts));
    assert.equal (first + second, 40, JSON.stringify (counts));
    assert.ok (Math.abs (first - second) <= 24, JSON.stringify (counts));
});
