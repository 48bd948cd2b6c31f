//  /openapi.json: a validator of OpenAPI takes it, and real answers are as it says: one call
//  at least for each operation. What the mock provider does not know (images, sound, stored
//  responses) is answered by a provider of this file, behind a server of its own, where also
//  everything is asked that stops a server or needs a credential.

import { Validator } from "@seriousme/openapi-schema-validator";
import formats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until, url } from "./world.mjs";

const doc = await (await fetch (`${url}/openapi.json`)).json ();
const operations = Object.entries (doc.paths).flatMap (([path, methods]) =>
    Object.entries (methods).map (([method, operation]) =>
        ({ ...operation, path, method: method.toUpperCase () })));

//  ---- the description as a judge

const ajv = new Ajv ({ strict: false, allErrors: true });
formats (ajv);
const whole = JSON.parse (JSON.stringify (doc).replaceAll ('"#/', '"doc#/'));
ajv.addSchema (whole, "doc");

function follow (node)
{
    if (!node?.$ref)
        return node;
    return node.$ref.slice (node.$ref.indexOf ("#") + 2).split ("/")
        .reduce ((at, key) => at[key], whole);
}

function fits (schema, value, what)
{
    const is_valid = ajv.compile (schema);
    assert.ok (is_valid (value), `${what}: ${ajv.errorsText (is_valid.errors)}: `
               + JSON.stringify (value).slice (0, 500));
}

//  An answer against what is told of its operation: status, type, body and headers.
async function judge (operation, response)
{
    const what = `${operation.method} ${operation.path} ${response.status}`;
    const { responses } = whole.paths[operation.path][operation.method.toLowerCase ()];
    const told = follow (responses[response.status] ?? responses.default);
    const type = response.headers.get ("content-type").split (";")[0];
    const media = told.content[type] ?? told.content[type.replace (/\/.*/, "/*")];
    const text = await response.text ();
    assert.ok (media, `${what}: ${type} is not described: ${text.slice (0, 300)}`);
    fits (media.schema, type === "application/json" ? JSON.parse (text) : text, what);
    for (const name of response.headers.keys ())
        assert.ok (!name.startsWith ("x-bitrouter-") || name in told.headers,
                   `${what}: the header ${name} is not described`);
    return text;
}

//  ---- asking

function form (model)
{
    const body = new FormData ();
    body.set ("model", model);
    body.set ("file", new Blob (["RIFF"]), "a.wav");
    return body;
}

function send (server, operation, { path = {}, query = "", headers = {}, body } = {})
{
    const to = operation.path.replace (/\{(\w+)\}/g, (_, name) => path[name]);
    const is_form = body instanceof FormData;
    if (body && !is_form) {
        headers = { "content-type": "application/json", ...headers };
        body = JSON.stringify (body);
    }
    return fetch (server + to + query, { method: operation.method, headers, body });
}

function example (operation)
{
    return operation.requestBody?.content["application/json"]?.example;
}

//  What is asked of the mock provider: a model for each operation, and maybe a query.
const talk = (model) => ({ body: { model } });
const google = (model, query) => ({ path: { model }, query });
const mocked = {
    createChatCompletion: [talk ("first:mock"), talk ("mock-messages:mock"),
                           { body: { model: "first:mock", stream: true } }],
    createCompletion: [talk ("first:mock")],
    createResponse: [talk ("mock-responses:mock"), talk ("mock-google:mock"),
                     { body: { model: "first:mock", stream: true } }],
    createMessage: [talk ("mock-messages:mock"), talk ("first:mock"),
                    { body: { model: "first:mock", stream: true } }],
    generateContent: [google ("mock-google:mock"), google ("first:mock")],
    streamGenerateContent: [google ("mock-google:mock"),
                            google ("first:mock", "?alt=sse")],
    countResponseTokens: [talk ("mock-responses:mock"), talk ("first:mock")],
    countMessageTokens: [talk ("mock-messages:mock"), talk ("first:mock")],
    countTokens: [google ("mock-google:mock"), google ("first:mock")],
    createEmbeddings: [talk ("first:mock")],
    embedContent: [google ("mock-google:mock")],
    batchEmbedContents: [google ("mock-google:mock")],
    listModels: [{}, { query: "?provider=first&id=mock" },
                 { query: "?limit=1", headers: { "anthropic-version": "2023-06-01" } }],
    getModel: [{ path: { model: "smart" } },
               { path: { model: "smart" }, headers: { "anthropic-version": "x" } }],
    listGoogleModels: [{}, { query: "?pageSize=2" }],
    getGoogleModel: [{ path: { model: "first:mock" } }],
    listRoutes: [{}],
    listTools: [{}],
    quote: [talk ("first:mock")],
    health: [{}],
    ready: [{}],
    openapi: [{}],
    metrics: [{}],
    prometheus: [{}],
    adminMetrics: [{}],
    adminListRoutes: [{}],
    adminRead: ["status", "providers", "calls", "upstreams", "ledger", "limits"].map (
        (id) => ({ path: { id } })),
    adminListTools: [{}],
    adminListToolSources: [{}],
    adminListAgents: [{}],
    adminListMcpTools: [{}],
    adminListMcpServers: [{}],
};

//  What is asked of the server behind which this file is the provider, in this order.
const stored = { path: { id: "resp_openapi" } };
const faked = {
    createResponse: [talk ("fake:any")],
    getResponse: [stored],
    listResponseItems: [stored],
    cancelResponse: [stored],
    deleteResponse: [stored],
    compactResponse: [talk ("fake:any")],
    createImage: [talk ("fake:any")],
    editImage: [{ body: form ("fake:any") }],
    varyImage: [{ body: form ("fake:any") }],
    createSpeech: [talk ("fake:any")],
    createTranscription: [{ body: form ("fake:any") }],
    createTranslation: [{ body: form ("fake:any") }],
    createModeration: [talk ("fake:any")],
    rerank: [talk ("fake:any")],
    adminAddRoute: [{ body: { endpoints: [{ provider: "fake", service_id: "any" }] } }],
    adminRemoveRoute: [{ path: { model: "cheap" } }],
    adminFilterMcpServer: [{ path: { id: "none" }, status: 404 }],
    adminBoundMcpServer: [{ path: { id: "none" }, status: 404 }],
    adminCommand: ["status", "reload", "stop"].map ((id) => ({ path: { id } })),
};

async function ask_all (server, table)
{
    for (const [id, calls] of Object.entries (table)) {
        const operation = operations.find (({ operationId }) => operationId === id);
        assert.ok (operation, `there is no operation ${id}`);
        for (const call of calls) {
            const given = call.body instanceof FormData ? call.body
                          : example (operation) && { ...example (operation), ...call.body };
            const response = await send (server, operation, { ...call, body: given });
            const text = await judge (operation, response);
            assert.equal (response.status, call.status ?? 200, `${id}: ${text}`);
        }
    }
}

//  ---- a provider, and servers of our own

const answers = {
    "POST /responses": { id: "resp_openapi", object: "response", created_at: 1,
                         status: "completed", model: "any", output: [],
                         usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
    "GET /responses/resp_openapi/input_items": { object: "list", data: [], first_id: null,
                                                 last_id: null, has_more: false },
    "DELETE /responses/resp_openapi": { id: "resp_openapi", object: "response.deleted",
                                        deleted: true },
    "POST /audio/speech": null,
};
const provider = createServer ((request, response) => {
    request.resume ().on ("end", () => {
        const asked = `${request.method} ${request.url}`;
        const answer = asked in answers ? answers[asked] : answers["POST /responses"];
        response.setHeader ("content-type", answer ? "application/json" : "audio/mpeg");
        response.end (answer ? JSON.stringify (answer) : "sound");
    });
});
const homes = [], servers = [];
let port;

before (async () => {
    await new Promise ((done) => provider.listen (0, "127.0.0.1", done));
    port = provider.address ().port;
});

after (() => {
    for (const server of servers)
        server.kill ("SIGKILL");
    for (const home of homes)
        rmSync (home, { recursive: true });
    provider.close ();
    provider.closeAllConnections ();
});

//  A port that was free a moment ago.
async function free_port ()
{
    const server = createServer ();
    await new Promise ((done) => server.listen (0, "127.0.0.1", done));
    const { port: free } = server.address ();
    await new Promise ((done) => server.close (done));
    return free;
}

//  Several shards: a stored response is known to all of them, whichever has made it.
const topology = "bus: inproc\nhosts:\n  - name: shared\n    place: thread\n"
    + "    actors: [meter, metrics, auth, breaker, limits, idempotency]\n"
    + "  - name: shard\n    place: thread\n    count: 3\n"
    + "    actors: [ingress, guard, router, echo, upstream/*]\n";

async function start (extra)
{
    const listen = `127.0.0.1:${await free_port ()}`;
    const home = mkdtempSync (join (tmpdir (), "openapi-"));
    homes.push (home);
    writeFileSync (join (home, "bitrouter.yaml"),
                   `server: { listen: "${listen}"${extra} }\nproviders:\n  fake:\n`
                   + "    api_protocol: [openai, responses]\n    api_key: sk-fake\n"
                   + `    api_base: http://127.0.0.1:${port}\n    models: { any: {} }\n`);
    writeFileSync (join (home, "topology.yaml"), topology);
    const server = spawn (process.env.BR_PROGRAM,
                          ["--home-dir", home, "serve", "--topology",
                           join (home, "topology.yaml")], { stdio: "ignore" });
    servers.push (server);
    await until ("the server is ready", async () => {
        const response = await fetch (`http://${listen}/ready`).catch (() => null);
        await response?.text ();
        return response?.ok;
    });
    return `http://${listen}`;
}

//  ---- tests

test ("a validator takes it", async () => {
    const { valid, errors } = await new Validator ().validate (structuredClone (doc));
    assert.ok (valid, JSON.stringify (errors, null, 1)?.slice (0, 3000));
});

test ("it needs no credential, and tells the version of the program", async () => {
    const { version } = await (await fetch (`${url}/admin/status`)).json ();
    assert.equal (doc.info.version, version);
});

test ("each operation is asked here", () => {
    const asked = new Set ([...Object.keys (mocked), ...Object.keys (faked)]);
    assert.deepEqual (operations.map (({ operationId }) => operationId).sort (),
                      [...asked].sort ());
});

test ("examples are what they stand for", () => {
    for (const operation of operations) {
        const path = whole.paths[operation.path][operation.method.toLowerCase ()];
        const media = path.requestBody?.content["application/json"];
        if (media?.example)
            fits (media.schema, media.example, operation.operationId);
    }
});

test ("answers by way of the mock provider are as it says", () => ask_all (url, mocked));

test ("answers of a provider that knows everything are as it says", async () => {
    await ask_all (await start (""), faked);
});

test ("an unknown model is told as it says", async () => {
    const wanted = operations.filter (({ tags, path }) => path.includes ("{model}")
        || ["talk", "tokens", "passed"].includes (tags[0]));
    for (const operation of wanted) {
        const given = example (operation) ?? (operation.requestBody && {});
        const body = given && { ...given, model: "no-such-model" };
        const response = await send (url, operation,
                                     { path: { model: "no-such-model" }, body });
        const text = await judge (operation, response);
        assert.equal (response.status, 404, `${operation.operationId}: ${text}`);
    }
});

test ("who shows no credential hears it as it says", async () => {
    const closed = await start (", require_auth: true");
    for (const operation of operations) {
        const is_open = operation.security?.length === 0;
        const response = await send (closed, operation, {
            path: { model: "any", id: "status" }, body: example (operation) });
        const text = await judge (operation, response);
        assert.equal (response.status, is_open ? 200 : 401,
                      `${operation.operationId}: ${text}`);
    }
});
