//  Anthropic's client to each provider's protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { direct, model, server, upstreams } from "./pairs.mjs";
import { parameters, question, run, scenarios, tools } from "./scenarios.mjs";

const anthropic = new Anthropic ({ baseURL: server, apiKey: "sk-ant-test-00000001",
                                   maxRetries: 0 });

const classes = { 400: Anthropic.BadRequestError, 429: Anthropic.RateLimitError,
                  500: Anthropic.InternalServerError };

function normal (usage)
{
    return { input: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0)
                    + (usage.cache_read_input_tokens ?? 0),
             cached: usage.cache_read_input_tokens ?? 0, output: usage.output_tokens,
             reasoning: usage.output_tokens_details?.thinking_tokens };
}

async function ask ({ stream, ...request })
{
    request = { ...request, max_tokens: 4096,
                thinking: { type: "enabled", budget_tokens: 2048 } };
    return stream ? await anthropic.messages.stream (request).finalMessage ()
                  : await anthropic.messages.create (request);
}

function text_of (message)
{
    return message.content.filter (({ type }) => type === "text")
        .map (({ text }) => text).join ("");
}

scenarios ({
    name: "anthropic", protocol: "messages", salt: 3000, reasons: true, carries: true,
    fits: (error, status) => error instanceof classes[status],
    async text (request) {
        const message = await ask (
            { ...request, messages: [{ role: "user", content: "Hello" }] });
        assert.equal (message.stop_reason, "end_turn");
        const [first] = message.content;
        return { text: text_of (message), usage: normal (message.usage),
                 reasoning: first.type === "thinking" ? first.thinking : undefined };
    },
    async round (request) {
        const messages = [{ role: "user", content: question }];
        request.system = "Be exact.";
        request.tools = tools.map (({ name, description }) => (
            { name, description, input_schema: parameters }));
        const one = await ask ({ ...request, messages });
        assert.equal (one.stop_reason, "tool_use");
        const uses = one.content.filter (({ type }) => type === "tool_use");
        messages.push ({ role: "assistant", content: one.content },
                       { role: "user", content: uses.map (({ id, name, input }) => (
                           { type: "tool_result", tool_use_id: id,
                             content: run (name, input) })) });
        const two = await ask ({ ...request, messages });
        assert.equal (two.stop_reason, "end_turn");
        return { calls: uses.map (({ name, input }) => ({ name, args: input })),
                 text: text_of (two), usages: [normal (one.usage), normal (two.usage)] };
    },
});

for (const upstream of upstreams ("messages"))
    test (`anthropic to ${upstream}: tokens are counted`, async () => {
        const { input_tokens: count } = await anthropic.messages.countTokens (
            { model: model (upstream, "tools"),
              messages: [{ role: "user", content: question }] });
        if (upstream === "messages")
            assert.equal (count, 42);
        else
            assert.ok (Number.isInteger (count) && count > 0);
    });

test ("anthropic: the list of models",
      { skip: upstreams ("messages").length === 0 }, async () => {
          const ids = [];
          for await (const { id, type, display_name: name } of anthropic.models.list ()) {
              assert.equal (type, "model");
              assert.equal (typeof name, "string");
              ids.push (id);
          }
          if (direct)
              assert.deepEqual (ids, ["mock"]);
          else
              assert.ok (ids.includes ("mock-messages:mock-tools"), String (ids));
      });
