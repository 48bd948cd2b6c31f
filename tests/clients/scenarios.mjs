//  scenarios: what each client is put through for each provider's protocol. A client is
//    name       for the tests' names
//    protocol   that it speaks
//    salt       a number of its own, so that no two clients ask for the same bad model
//    reasons    it shows reasoning; false where it does not know of it
//    carries    it gives reasoning state back
//    text ({ model, stream })    resolves to { text, reasoning, usage }
//    round ({ model, stream })   runs both tools; { calls, text, usages }
//    fits (error, status)        whether that is its own error of a status
//  A usage is { input, cached, output, reasoning }, input and output with all in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { direct, model, talker, upstreams } from "./pairs.mjs";

//  As the mock provider has it.
export const greeting = "Hello, wörld 🌍.";
export const thought = "I add, and I multiply.";
export const usages = {
    greeting: { input: 40, cached: 10, output: 20, reasoning: 8 },
    calling: { input: 120, cached: 100, output: 60, reasoning: 25 },
    telling: { input: 200, cached: 150, output: 30, reasoning: 5 },
};

export const question = "What are 2 + 3 and 2 * 3?";
export const parameters = {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
};
export const tools = [
    { name: "add", description: "The sum of two numbers", run: ({ a, b }) => a + b },
    { name: "multiply", description: "The product of two", run: ({ a, b }) => a * b },
];

//  The result of a call, as text.
export function run (name, args)
{
    return String (tools.find ((tool) => tool.name === name).run (args));
}

function check_text (client, upstream, stream)
{
    return async () => {
        //  Small pieces cut events, and characters too.
        const words = stream ? "tools-split5" : "tools";
        const got = await client.text ({ model: model (upstream, words), stream });
        assert.equal (got.text, greeting);
        if (client.reasons)
            assert.equal (got.reasoning, thought);
        assert.deepEqual (got.usage, usages.greeting);
    };
}

function check_round (client, upstream, stream)
{
    return async () => {
        const got = await client.round (
            { model: talker (client.protocol, upstream, client.carries), stream });
        assert.deepEqual (got.calls, [{ name: "add", args: { a: 2, b: 3 } },
                                      { name: "multiply", args: { a: 2, b: 3 } }]);
        assert.equal (got.text, "sum 5, product 6");
        assert.deepEqual (got.usages, [usages.calling, usages.telling]);
    };
}

//  Of the mock provider's errors; they reach the client.
const words = { 400: /the request is wrong/, 429: /too many requests/,
                500: /the server failed/ };

function check_error (client, upstream, status, stream)
{
    const name = model (upstream, `${status}-size${client.salt + (stream ? 500 : 0)}`);
    return async () => {
        await assert.rejects (client.text ({ model: name, stream }), (error) => {
            assert.ok (client.fits (error, status), `${error?.name}: ${error}`);
            assert.match (error.message, words[status]);
            return true;
        });
    };
}

//  Events of a greeting until the first of its words was told, so that it is too late
//  for another answer.
const told = { chat: 4, responses: 12, messages: 9, google: 3 };

//  Ways for a stream to break; some are only seen by who knows the protocol's end.
const breaks = [
    { word: "cut", what: "is cut" },
    { word: "errorafter", what: "has an error in it" },
    { word: "endafter", what: "ends too early", routed: true },
];

//  The error of a stream that had begun: it does not blame the request. Some clients make
//  a status of the provider's words.
function is_late (error)
{
    const status = error?.status ?? error?.statusCode;
    assert.ok (!(status >= 400 && status < 500), `${status}: ${error}`);
    return true;
}

export function scenarios (client)
{
    for (const upstream of upstreams (client.protocol)) {
        const pair = `${client.name} to ${upstream}`;
        for (const stream of [false, true]) {
            const how = stream ? "streamed" : "plain";
            test (`${pair}, ${how}: a text, its reasoning, its usage`,
                  check_text (client, upstream, stream));
            test (`${pair}, ${how}: two calls at once and their results`,
                  check_round (client, upstream, stream));
            for (const status of [400, 429, 500])
                test (`${pair}, ${how}: a provider's ${status} is the client's own error`,
                      check_error (client, upstream, status, stream));
        }
        for (const row of breaks)
            test (`${pair}: a stream that ${row.what} is an error`,
                  { skip: row.routed && direct }, async () => {
                      const name = model (upstream, `tools-${row.word}${told[upstream]}`);
                      await assert.rejects (client.text ({ model: name, stream: true }),
                                            is_late);
                  });
    }
}
