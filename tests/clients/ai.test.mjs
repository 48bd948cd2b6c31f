//  The AI SDK with its providers of OpenAI, by both protocols, of Anthropic and of
//  Google, to each provider's protocol. It runs the tools by itself.

import assert from "node:assert/strict";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool }
    from "ai";
import { server } from "./pairs.mjs";
import { parameters, question, run, scenarios, tools } from "./scenarios.mjs";

const key = "sk-test-00000000000001";
const openai = createOpenAI ({ baseURL: `${server}/v1`, apiKey: key });
const anthropic = createAnthropic ({ baseURL: `${server}/v1`, apiKey: key });
const google = createGoogleGenerativeAI ({ baseURL: `${server}/v1beta`, apiKey: key });

//  reasons, carries: as in scenarios. The provider of Chat Completions asks for an
//  effort, but knows no reasoning text.
const clients = [
    { name: "chat", protocol: "chat", salt: 5000, reasons: false, carries: false,
      open: (name) => openai.chat (name),
      options: { openai: { forceReasoning: true, reasoningEffort: "medium" } } },
    { name: "responses", protocol: "responses", salt: 6000, reasons: true, carries: true,
      open: (name) => openai.responses (name),
      options: { openai: { store: false, forceReasoning: true, reasoningEffort: "medium",
                           reasoningSummary: "auto",
                           include: ["reasoning.encrypted_content"] } } },
    { name: "anthropic", protocol: "messages", salt: 7000, reasons: true, carries: true,
      open: (name) => anthropic (name),
      options: { anthropic: { thinking: { type: "enabled", budgetTokens: 2048 } } } },
    { name: "google", protocol: "google", salt: 8000, reasons: true, carries: true,
      open: (name) => google (name),
      options: { google: { thinkingConfig: { includeThoughts: true,
                                             thinkingLevel: "medium" } } } },
];

const toolbox = Object.fromEntries (tools.map (({ name, description }) => (
    [name, tool ({ description, inputSchema: jsonSchema (parameters),
                   execute: async (args) => run (name, args) })])));

function normal (usage)
{
    return { input: usage.inputTokens, cached: usage.inputTokenDetails.cacheReadTokens,
             output: usage.outputTokens,
             reasoning: usage.outputTokenDetails.reasoningTokens };
}

//  All steps of a conversation. A stream's errors come as parts of it.
async function steps_of ({ model, stream, ...request }, client)
{
    request = { ...request, model: client.open (model), maxRetries: 0,
                maxOutputTokens: 4096, providerOptions: client.options };
    if (!stream)
        return (await generateText (request)).steps;
    const result = streamText ({ ...request, onError: () => {} });
    for await (const part of result.fullStream)
        if (part.type === "error")
            throw part.error;
    return await result.steps;
}

for (const client of clients)
    scenarios ({
        ...client, name: `ai ${client.name}`,
        fits: (error, status) => APICallError.isInstance (error)
                                 && (error.statusCode === status
                                     || (status === 500 && error.statusCode >= 500)),
        async text (request) {
            const [step] = await steps_of ({ ...request, prompt: "Hello" }, client);
            assert.equal (step.finishReason, "stop");
            return { text: step.text, reasoning: step.reasoningText,
                     usage: normal (step.usage) };
        },
        async round (request) {
            const steps = await steps_of (
                { ...request, system: "Be exact.", prompt: question, tools: toolbox,
                  stopWhen: stepCountIs (3) }, client);
            assert.deepEqual (steps.map ((step) => step.finishReason),
                              ["tool-calls", "stop"]);
            return { calls: steps[0].toolCalls.map (({ toolName: name, input }) => (
                         { name, args: input })),
                     text: steps[1].text,
                     usages: steps.map (({ usage }) => normal (usage)) };
        },
    });
