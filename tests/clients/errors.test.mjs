//  What goes wrong, as the client's typed errors.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { ask, client, log, url } from "./world.mjs";

//  The error of a call that must fail, with what every error of ours has.
async function failure (model, options = {}, request = {})
{
    try {
        await client (options).chat.completions.create (
            { model, messages: ask ("Hello"), ...request });
    } catch (error) {
        assert.ok (error instanceof OpenAI.APIError, String (error));
        assert.ok (error.headers.get ("x-bitrouter-request-id"));
        assert.ok (error.message.length > 0);
        return error;
    }
    return assert.fail (`${model} was answered`);
}

for (const stream of [false, true])
    test (`an unknown model, stream ${stream}: NotFoundError with near names`, async () => {
        const error = await failure ("smrat", {}, { stream });
        assert.ok (error instanceof OpenAI.NotFoundError, String (error));
        assert.equal (error.status, 404);
        assert.equal (error.code, "not_found");
        assert.equal (error.type, "not_found_error");
        assert.match (error.message, /'smrat'/);
        assert.match (error.message, /near names:.*'smart'/);
    });

test ("a provider without a key: the error says what is missing", async () => {
    const error = await failure ("openai:gpt-4o");
    assert.ok (error instanceof OpenAI.NotFoundError, String (error));
    assert.match (error.message, /OPENAI_API_KEY/);
});

test ("a provider's 429: RateLimitError with its headers and body", async () => {
    const error = await failure ("first:mock-429-retry7");
    assert.ok (error instanceof OpenAI.RateLimitError, String (error));
    assert.equal (error.headers.get ("retry-after"), "7");
    assert.equal (error.headers.get ("x-ratelimit-limit-requests"), "100");
    assert.equal (error.headers.get ("x-ratelimit-remaining-requests"), "0");
    assert.equal (error.code, "rate_limit_exceeded");
});

test ("a client that tries again waits as long as retry-after says", async () => {
    const model = "mock-429-retry1-times1";
    const from = Date.now ();
    const answer = await client ({ maxRetries: 1 }).chat.completions.create (
        { model: `second:${model}`, messages: ask ("Hello") });
    assert.equal (answer.object, "chat.completion");
    assert.ok (Date.now () - from >= 1000, "it waited");
    assert.deepEqual (log ("second").filter ((line) => line.model === model)
        .map ((line) => line.status), [429, 200]);
});

test ("a provider's 400: BadRequestError with its body", async () => {
    const error = await failure ("first:mock-400");
    assert.ok (error instanceof OpenAI.BadRequestError, String (error));
    assert.equal (error.code, "bad_request");
});

for (const [what, body] of [["no model", { messages: [] }],
                            ["a model that is a number", { model: 7, messages: [] }],
                            ["a body that is a list", []]])
    test (`${what}: BadRequestError of our own`, async () => {
        await assert.rejects (client ().chat.completions.create (body), (error) => {
            assert.ok (error instanceof OpenAI.BadRequestError, String (error));
            assert.equal (error.type, "invalid_request_error");
            return true;
        });
    });

test ("a provider that refuses our credential: 502, without its body", async () => {
    const error = await failure ("first:mock-401");
    assert.equal (error.status, 502);
    assert.equal (error.code, "upstream_auth");
    assert.doesNotMatch (error.message, /the key is wrong|sk-first/);
});

test ("every endpoint fails: InternalServerError with the provider's body", async () => {
    const error = await failure ("all-500");
    assert.ok (error instanceof OpenAI.InternalServerError, String (error));
    assert.equal (error.status, 500);
    assert.equal (error.code, "server_error");
    assert.equal (error.headers.get ("x-bitrouter-attempts"), "2");
});

test ("nobody listens: 502 that says so", async () => {
    const error = await failure ("nobody");
    assert.equal (error.status, 502);
    assert.equal (error.code, "upstream_bad_gateway");
    assert.match (error.message, /dead/);
});

test ("a stream that is cut throws, and does not end as if all were well", async () => {
    const stream = await client ().chat.completions.create (
        { model: "first:mock-chunks9-cut3", messages: ask ("Hello"), stream: true });
    let chunks = 0;
    await assert.rejects (async () => {
        for await (const chunk of stream)
            chunks += chunk.choices.length;
    }, (error) => {
        assert.ok (error instanceof OpenAI.APIError, String (error));
        assert.equal (error.code, "upstream_truncated");
        return true;
    });
    assert.ok (chunks >= 3, `${chunks} chunks came before`);
});

test ("unknown paths and methods are told in the same shape", async () => {
    const openai = client ();
    await assert.rejects (openai.files.list (), OpenAI.NotFoundError);
    const response = await fetch (`${url}/v1/chat/completions`);
    assert.equal (response.status, 405);
    assert.equal (response.headers.get ("allow"), "POST");
    assert.equal ((await response.json ()).error.code, "method_not_allowed");
});
