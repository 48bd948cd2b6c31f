//  Recorded answers of real providers, through the server to a client of the same
//  protocol: not a byte of them changes, however they are cut into pieces. The corpus is
//  not part of the sources; BR_CORPUS names it, without it nothing is tested.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { direct, server, upstreams } from "./pairs.mjs";

const corpus = process.env.BR_CORPUS;

//  Streams whose first word is an error: the router tells it as a status, before anything
//  is sent.
const refusals = { "vercel-openai-error-1": 402 };

const user = { role: "user", content: "Hello" };

//  How each protocol asks for an answer, in the least words.
const askers = {
    chat: { folder: "openai-chat", path: "/v1/chat/completions",
            body: { messages: [user] } },
    responses: { folder: "openai-responses", path: "/v1/responses",
                 body: { input: "Hello" } },
    messages: { folder: "anthropic-messages", path: "/v1/messages",
                headers: { "anthropic-version": "2023-06-01", "x-api-key": "unused" },
                body: { max_tokens: 9, messages: [user] } },
    google: { folder: "google-generate", headers: { "x-goog-api-key": "unused" },
              body: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] } },
};

//  Cases with a body that is kept as it was, by their names, with its bytes.
function cases (folder)
{
    const names = readdirSync (`${corpus}/${folder}`)
        .filter ((name) => name.endsWith (".meta.json"))
        .map ((name) => name.slice (0, -".meta.json".length));
    return names.flatMap ((name) => {
        const meta = JSON.parse (readFileSync (`${corpus}/${folder}/${name}.meta.json`));
        const end = ["json", "sse"].find (
            (one) => existsSync (`${corpus}/${folder}/${name}.${one}`));
        return meta.status === 200 && end ? [{ name, stream: end === "sse",
            bytes: readFileSync (`${corpus}/${folder}/${name}.${end}`) }] : [];
    });
}

async function answer (protocol, { name, stream }, words)
{
    const { folder, path, headers, body } = askers[protocol];
    const recording = `replay/${folder}/${name}${words}`;
    const model = direct ? recording : `mock-${protocol}:${recording}`;
    const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
    const google = `/v1beta/models/${encodeURIComponent (model)}:${verb}`;
    //  Who does not ask for usage is not shown the chunk that has it.
    const asks = stream && protocol === "chat"
        && { stream_options: { include_usage: true } };
    const request = path ? { model, ...(stream && { stream }), ...asks, ...body } : body;
    const response = await fetch (server + (path ?? google), {
        method: "POST", headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify (request),
    });
    const bytes = Buffer.from (await response.arrayBuffer ());
    return { status: response.status, bytes };
}

for (const protocol of Object.keys (askers))
    for (const words of ["", "@split7"])
        test (`recorded answers of ${protocol}${words} come through byte by byte`,
              { skip: !corpus || !upstreams (protocol).includes (protocol) },
              async () => {
                  const wrong = [];
                  for (const one of cases (askers[protocol].folder)) {
                      const { status, bytes } = await answer (protocol, one, words);
                      const wanted = direct ? 200 : refusals[one.name] ?? 200;
                      const same = status !== 200 || bytes.equals (one.bytes);
                      if (status !== wanted || !same)
                          wrong.push (`${one.name}: ${status}, ${bytes.length} bytes`);
                  }
                  assert.deepEqual (wrong, []);
              });
