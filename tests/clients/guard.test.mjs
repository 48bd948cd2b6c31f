//  Guardrails as clients see them. Providers guard-... are under rules that redact, block
//  and warn, each by a word of its own (bitrouter.yaml.in); what they answer is written
//  for each test, in pieces of three characters.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { direct, protocols } from "./pairs.mjs";
import { plain, streamed } from "./says.mjs";
import { until, url } from "./world.mjs";

const skip = direct && "without a router nobody looks";
const mock = process.env.BR_GUARDED_URL;
const secret = "0123456789abcdef";
const REDACT = `redact-${secret}`, BLOCK = `block-${secret}`, WARN = `warn-${secret}`;
const key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"; //  of a family that comes with it

const parameters = { type: "object", properties: { to: { type: "string" } } };
const about = { name: "send", description: "Sends" };
const openai = new OpenAI ({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });
const anthropic = new Anthropic ({ baseURL: url, apiKey: "unused", maxRetries: 0 });
const google = new GoogleGenAI ({ apiKey: "unused", httpOptions: { baseUrl: url } });

//  ---- clients: ask with a text, get { thoughts, text, args }

async function all (stream)
{
    const found = [];
    for await (const one of stream)
        found.push (one);
    return found;
}

//  What the deltas of a chat say, or its message.
function chat_said (messages)
{
    const join = (get) => messages.map ((one) => get (one) ?? "").join ("");
    return { thoughts: join ((one) => one.reasoning_content),
             text: join ((one) => one.content),
             args: join ((one) => one.tool_calls?.[0].function?.arguments) };
}

function response_said (response)
{
    const of = (type) => response.output.find ((item) => item.type === type);
    return { thoughts: of ("reasoning")?.summary[0]?.text ?? "",
             text: of ("message")?.content[0].text ?? "",
             args: of ("function_call")?.arguments ?? "" };
}

//  The finished response; what was told in pieces and by its events is the same.
function response_of (events)
{
    const last = events.at (-1);
    assert.equal (last.type, "response.completed");
    const told = (type) => events.filter ((one) => one.type === `response.${type}`)
        .map (({ delta, text, arguments: args }) => delta ?? text ?? args).join ("");
    const said = response_said (last.response);
    for (const [name, what] of [["output_text", "text"],
                                ["reasoning_summary_text", "thoughts"],
                                ["function_call_arguments", "args"]]) {
        assert.equal (told (`${name}.delta`), said[what]);
        assert.equal (told (`${name}.done`), said[what]);
    }
    return last.response;
}

const clients = {
    chat: {
        error: OpenAI.APIError, bad: OpenAI.BadRequestError, code: (error) => error.code,
        async ask (model, text, stream) {
            const tools = [{ type: "function", function: { ...about, parameters } }];
            const got = await openai.chat.completions.create (
                { model, stream, tools, messages: [{ role: "user", content: text }] });
            return chat_said (stream ? (await all (got)).map (
                (chunk) => chunk.choices[0]?.delta ?? {}) : [got.choices[0].message]);
        },
    },
    responses: {
        error: OpenAI.APIError, bad: OpenAI.BadRequestError, code: (error) => error.code,
        async ask (model, text, stream) {
            const tools = [{ type: "function", ...about, parameters, strict: false }];
            const got = await openai.responses.create (
                { model, stream, tools, input: text, reasoning: { summary: "auto" } });
            return response_said (stream ? response_of (await all (got)) : got);
        },
    },
    messages: {
        error: Anthropic.APIError, bad: Anthropic.BadRequestError,
        async ask (model, text, stream) {
            const tools = [{ ...about, input_schema: parameters }];
            const thinking = { type: "enabled", budget_tokens: 2048 };
            const request = { model, tools, thinking, max_tokens: 4096,
                              messages: [{ role: "user", content: text }] };
            const { content } = stream
                ? await anthropic.messages.stream (request).finalMessage ()
                : await anthropic.messages.create (request);
            const of = (type) => content.find ((block) => block.type === type);
            const input = of ("tool_use")?.input;
            return { thoughts: of ("thinking")?.thinking ?? "",
                     text: of ("text")?.text ?? "",
                     args: input ? JSON.stringify (input) : "" };
        },
    },
    google: {
        error: ApiError, bad: ApiError,
        async ask (model, contents, stream) {
            const tools = [{ functionDeclarations: [
                { ...about, parametersJsonSchema: parameters }] }];
            const config = { tools, thinkingConfig: { includeThoughts: true } };
            const request = { model, contents, config };
            const chunks = stream
                ? await all (await google.models.generateContentStream (request))
                : [await google.models.generateContent (request)];
            const parts = chunks.flatMap (
                (one) => one.candidates?.[0]?.content?.parts ?? []);
            const join = (thought) => parts.filter (
                (part) => part.text && Boolean (part.thought) === thought)
                .map (({ text }) => text).join ("");
            const call = parts.find ((part) => part.functionCall)?.functionCall;
            return { thoughts: join (true), text: join (false),
                     args: call ? JSON.stringify (call.args) : "" };
        },
    },
};

//  ---- the provider

let number = 0;

//  A model of that protocol's provider that answers so. Writes of some bytes each cut
//  events, escapes and characters too.
function model_of (protocol, said, stream, { count = 3, words = "" } = {})
{
    const name = `guarded${number++}.${stream ? "sse" : "json"}`;
    const text = stream ? streamed (protocol, said, count) : plain (protocol, said);
    writeFileSync (`${process.env.BR_GUARDED}/${name}`, text);
    return `guard-${protocol}:mock-file.${name}${words}`;
}

async function received ()
{
    return await (await fetch (`${mock}/mock/calls`)).text ();
}

async function forget ()
{
    await fetch (`${mock}/mock/calls`, { method: "DELETE" });
}

//  ---- what comes down

//  An answer with a word in it, everywhere.
function saying (word)
{
    return { thoughts: `I have ${word}, "quoted".`, text: `Grüße 🌍: ${word}!\nBye`,
             args: JSON.stringify ({ to: `all ${word} "x"\n`, n: [1, 2.5, true] }) };
}

//  Arguments are compared as what they say.
function same (got, wanted)
{
    assert.deepEqual ({ ...got, args: JSON.parse (got.args) },
                      { ...wanted, args: JSON.parse (wanted.args) });
}

async function check_down (name, upstream, stream, from, to)
{
    const words = stream ? "-split7" : "";
    const model = model_of (upstream, saying (from), stream, { words });
    same (await clients[name].ask (model, "Hello", stream), saying (to));
}

function for_each_way (run)
{
    for (const name of protocols)
        for (const upstream of protocols)
            for (const stream of [false, true])
                run (name, upstream, stream,
                     `${name} to ${upstream}, ${stream ? "streamed" : "plain"}`);
}

for_each_way ((name, upstream, stream, way) => {
    test (`${way}: a secret comes redacted`, { skip }, async () => {
        await check_down (name, upstream, stream, REDACT, "[REDACTED]");
    });
    test (`${way}: what only warns comes as it is`, { skip }, async () => {
        await check_down (name, upstream, stream, WARN, WARN);
    });
});

//  ---- blocked answers

//  The error of a call that must fail.
async function failure (name, ...request)
{
    try {
        await clients[name].ask (...request);
    } catch (error) {
        assert.ok (error instanceof clients[name].error, `${error?.name}: ${error}`);
        assert.ok (!JSON.stringify ([error, error.message]).includes (secret));
        return error;
    }
    return assert.fail ("it was answered");
}

const long = "Many words of no harm. ".repeat (40);

for_each_way ((name, upstream, stream, way) => {
    for (const what of ["thoughts", "text", "args"])
        test (`${way}: blocked ${what} are the client's error`, { skip }, async () => {
            const said = { ...saying ("nothing"), text: long,
                           [what]: saying (BLOCK)[what] };
            const error = await failure (name, model_of (upstream, said, stream), "Hello",
                                         stream);
            assert.match (error.message, /guardrail blocked downgoing/);
            assert.match (error.message, /custom pattern 'canary_block'/);
            if (!stream)
                assert.equal (error.status, 502);
            assert.ok (!(error.status >= 400 && error.status < 500), `${error.status}`);
            if (clients[name].code)
                assert.equal (error.code, "upstream_guardrail_blocked");
        });
});

test ("a stream whose first event is blocked is a 502", { skip }, async () => {
    const model = model_of ("google", { text: BLOCK }, true, { count: Infinity });
    const error = await failure ("google", model, "Hello", true);
    assert.equal (error.status, 502);
    const contents = [{ role: "user", parts: [{ text: "Hello" }] }];
    const response = await fetch (
        `${url}/v1beta/models/${model}:streamGenerateContent?alt=sse`,
        { method: "POST", headers: { "content-type": "application/json" },
          body: JSON.stringify ({ contents }) });
    assert.equal (response.status, 502);
    assert.match ((await response.json ()).error.message, /guardrail blocked downgoing/);
});

test ("a stream that is blocked has given its first words", { skip }, async () => {
    const model = model_of ("chat", { text: `${long}${BLOCK}` }, true);
    let text = "";
    await assert.rejects (async () => {
        for await (const chunk of await openai.chat.completions.create (
            { model, stream: true, messages: [{ role: "user", content: "Hello" }] }))
            text += chunk.choices[0]?.delta.content ?? "";
    }, OpenAI.APIError);
    assert.ok (text.length > 0 && long.startsWith (text), text);
});

//  ---- what goes up

for (const name of protocols)
    for (const stream of [false, true]) {
        const way = `${name}, ${stream ? "streamed" : "plain"}`;
        const said = { text: "All right." };
        test (`${way}: a blocked request is 400, and nobody else hears of it`, { skip },
              async () => {
                  await forget ();
                  const model = model_of (name, said, stream);
                  const error = await failure (name, model, `Keep ${BLOCK}.`, stream);
                  assert.ok (error instanceof clients[name].bad, String (error));
                  assert.equal (error.status, 400);
                  assert.match (error.message, /guardrail blocked upgoing user message/);
                  if (clients[name].code)
                      assert.equal (error.code, "guardrail_blocked");
                  assert.equal (await received (), "[]");
              });
        for (const [word, upstream] of [[REDACT, name], [key, name], [REDACT, "chat"],
                                        [REDACT, "messages"]])
            test (`${way} to ${upstream}: ${word.slice (0, 6)} goes up redacted`,
                  { skip }, async () => {
                      await forget ();
                      const model = model_of (upstream, said, stream);
                      const got = await clients[name].ask (model, `Keep "${word}".`,
                                                           stream);
                      assert.equal (got.text, "All right.");
                      const calls = await received ();
                      assert.ok (!calls.includes (word));
                      assert.match (calls, /Keep .{1,4}\[REDACTED\]/);
                  });
    }

//  ---- what is told

//  Lines that `bitrouter events guard.finding` prints while work runs, until there is one
//  that is wanted.
async function events_of (work, wanted)
{
    const child = spawn (process.env.BR_PROGRAM, ["--home-dir", process.env.BR_HOME,
                                                  "events", "guard.finding"]);
    let told = "";
    child.stdout.on ("data", (bytes) => { told += bytes; });
    try {
        return await until ("a finding is told", async () => {
            await work (); //  events begin some time after the command did
            return told.split ("\n").slice (0, -1).map ((line) => JSON.parse (line))
                .find (wanted);
        });
    } finally {
        child.kill ();
    }
}

async function figure (labels)
{
    const text = await (await fetch (`${url}/metrics`)).text ();
    const line = text.split ("\n").find (
        (one) => one.startsWith ("bitrouter_guard_findings_total{")
                 && labels.every ((label) => one.includes (label)));
    return line ? Number (line.split (" ").at (-1)) : 0;
}

test ("a warning is an event, a line of log and a figure", { skip }, async () => {
    await forget ();
    const labels = ['direction="upgoing"', 'action="warn"', 'family="custom"'];
    const before = await figure (labels);
    const model = model_of ("chat", { text: "All right." }, false);
    const event = await events_of (
        async () => { await clients.chat.ask (model, `Keep ${WARN}.`, false); },
        (one) => JSON.stringify (one).includes ("upgoing"));
    const told = JSON.stringify (event);
    assert.match (told, /canary_warn/);
    assert.match (told, /user message/);
    assert.ok (!told.includes (secret), told);
    assert.ok ((await received ()).includes (WARN), "the provider got it as it was");
    await until ("the figure grows", async () => await figure (labels) > before);
    const log = readFileSync (process.env.BR_LOG, "utf8");
    assert.match (log, /guardrail found something.*canary_warn/);
});

test ("no log, admin answer or figure has a secret of this file", { skip }, async () => {
    const run = promisify (execFile);
    const { stdout } = await run (process.env.BR_PROGRAM, [
        "--home-dir", process.env.BR_HOME, "admin", "guard"]);
    assert.match (stdout, /"custom"/);
    for (const text of [stdout, readFileSync (process.env.BR_LOG, "utf8"),
                        await (await fetch (`${url}/metrics`)).text ()]) {
        assert.ok (!text.includes (secret));
        assert.ok (!text.includes (key));
    }
});
