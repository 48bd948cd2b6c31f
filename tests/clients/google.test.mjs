//  Google's client to each provider's protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, GoogleGenAI } from "@google/genai";
import { direct, model, server, serves, upstreams } from "./pairs.mjs";
import { parameters, question, run, scenarios, tools } from "./scenarios.mjs";

const google = new GoogleGenAI ({ apiKey: "AIza-test-000000001",
                                  httpOptions: { baseUrl: server } });

function normal (usage)
{
    return { input: usage.promptTokenCount, cached: usage.cachedContentTokenCount ?? 0,
             output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
             reasoning: usage.thoughtsTokenCount ?? 0 };
}

//  All parts of an answer, in order, with its end and its usage.
async function ask ({ stream, model: name, contents, config = {} })
{
    const thinking = { includeThoughts: true, thinkingLevel: "MEDIUM" };
    const request = { model: name, contents,
                      config: { ...config, thinkingConfig: thinking } };
    const parts = [];
    let finish, usage;
    for await (const chunk of stream
        ? await google.models.generateContentStream (request)
        : [await google.models.generateContent (request)]) {
        parts.push (...(chunk.candidates?.[0]?.content?.parts ?? []));
        finish = chunk.candidates?.[0]?.finishReason ?? finish;
        usage = chunk.usageMetadata ?? usage;
    }
    assert.equal (finish, "STOP");
    return { parts, usage: normal (usage) };
}

function text_of (parts, thought)
{
    return parts.filter ((part) => part.text && Boolean (part.thought) === thought)
        .map ((part) => part.text).join ("");
}

scenarios ({
    name: "google", protocol: "google", salt: 4000, reasons: true, carries: true,
    fits: (error, status) => error instanceof ApiError
                             && (error.status === status
                                 || (status === 500 && error.status >= 500)),
    async text (request) {
        const { parts, usage } = await ask ({ ...request, contents: "Hello" });
        return { text: text_of (parts, false), reasoning: text_of (parts, true), usage };
    },
    async round (request) {
        const contents = [{ role: "user", parts: [{ text: question }] }];
        const config = { systemInstruction: "Be exact.", tools: [
            { functionDeclarations: tools.map (({ name, description }) => (
                { name, description, parametersJsonSchema: parameters })) }] };
        const one = await ask ({ ...request, contents, config });
        const calls = one.parts.flatMap (({ functionCall: call }) => call ? [call] : []);
        contents.push ({ role: "model", parts: one.parts },
                       { role: "user", parts: calls.map (({ id, name, args }) => (
                           { functionResponse: { ...(id && { id }), name,
                                                 response: { output: run (name, args) } }
                           })) });
        const two = await ask ({ ...request, contents, config });
        return { calls: calls.map (({ name, args }) => ({ name, args })),
                 text: text_of (two.parts, false), usages: [one.usage, two.usage] };
    },
});

for (const upstream of upstreams ("google"))
    test (`google to ${upstream}: tokens are counted`, async () => {
        const { totalTokens: count } = await google.models.countTokens (
            { model: model (upstream, "tools"), contents: question });
        if (upstream === "google")
            assert.equal (count, 42);
        else
            assert.ok (Number.isInteger (count) && count > 0);
    });

for (const upstream of upstreams ("google"))
    test (`google to ${upstream}: embeddings`,
          { skip: upstream !== "google" || !serves ("embeddings") }, async () => {
        const { embeddings } = await google.models.embedContent (
            { model: model (upstream, "tools"), contents: ["one", "two"] });
        assert.deepEqual (embeddings.map (({ values }) => values),
                          [[0.5, -0.25, 0], [0.5, -0.25, 1]]);
    });

test ("google: the list of models",
      { skip: upstreams ("google").length === 0 }, async () => {
          const names = [];
          for await (const { name } of await google.models.list ())
              names.push (name);
          if (direct)
              assert.deepEqual (names, ["models/mock"]);
          else
              assert.ok (names.includes ("models/mock-google:mock-tools"), `${names}`);
      });
