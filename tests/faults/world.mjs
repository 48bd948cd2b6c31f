//  world: a bitrouter with its providers, all calls of the suite, and what is known of
//  them afterwards: what clients saw, what providers received, what the ledger says, and
//  what the breaker thinks. Calls run at the same time, each with names of its own, so
//  that no one disturbs another.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
         writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expected, faults, retries } from "./cases.mjs";
import { names, read, request, word } from "./protocols.mjs";

const build = process.env.BR_BUILD_DIR ?? ".";
const bitrouter = process.env.BITROUTER ?? join (build, "bitrouter");
const mock = process.env.MOCK ?? join (build, "bench/mock");

const at_once = 16;      //  pairs of calls under way
const patience_ms = 60000;
const call_ms = 30000;   //  more is a call that hangs
const failures = 7;      //  that open the breaker: more than one case's calls have

//  Dollars for a million tokens, so that a call's price is known.
const pricing = { input_tokens: { no_cache: 1 }, output_tokens: { text: 2 } };

//  ---- calls

//  One row a fault, protocol and kind of call; each has two calls, one after the other.
//  A call is { name, tag, row, protocol, stream, spare }.
function all_pairs ()
{
    const pairs = [];
    let tag = 1;
    const wanted = new RegExp (process.env.BR_ONLY ?? "");
    for (const row of faults.filter ((one) => wanted.test (one.fault)))
        for (const protocol of row.only ?? names)
            for (const stream of row.streams ?? [false, true]) {
                const about = { row, protocol, stream, id: `case-${pairs.length}` };
                pairs.push ([true, false].map ((spare) => ({
                    ...about, spare, tag: tag += 2,
                    name: `${about.id}-${spare ? "spare" : "alone"}` })));
            }
    return pairs;
}

//  The model of the first endpoint, which misbehaves, and of the second, which does not.
export function first_model (call)
{
    const { row, tag } = call;
    const words = typeof row.words === "function" ? row.words (first_protocol (call))
                                                  : row.words;
    return `mock-tools-${words ? `${words}-` : ""}tag${tag}`;
}

export function second_model ({ tag })
{
    return `mock-tools-tag${tag + 1}`;
}

function another (protocol)
{
    return names[(names.indexOf (protocol) + 1) % names.length];
}

function first_protocol ({ row, protocol })
{
    return row.translated ? another (protocol) : protocol;
}

//  The second endpoint of a stream speaks another protocol than the client.
export function second_protocol ({ protocol, stream })
{
    return stream ? another (protocol) : protocol;
}

//  ---- the configuration; it is JSON, which YAML is a superset of

function first_provider (call, ports)
{
    const { row, id } = call;
    const protocol = first_protocol (call);
    const hosts = {
        dead: `http://127.0.0.1:${ports.dead}`,
        nameless: "http://nobody.invalid:80",
        foreign: `https://127.0.0.1:${ports.foreign}`,
    };
    const base = hosts[row.place] ?? `http://127.0.0.1:${ports.mock}`;
    return { api_protocol: word (protocol), api_base: `${base}/${id}${root (protocol)}`,
             api_key: `sk-${id}-0123456789`, models: {} };
}

//  What a base of the protocol ends with.
function root (protocol)
{
    return protocol === "chat" || protocol === "responses" ? "/v1" : "";
}

function second_provider (protocol, ports)
{
    return { api_protocol: word (protocol),
             api_base: `http://127.0.0.1:${ports.mock}/second${root (protocol)}`,
             api_key: `sk-second-${protocol}-0123456789`, models: {} };
}

function facts (window)
{
    return window ? { max_input_tokens: window, pricing } : { pricing };
}

function add_call (conf, call)
{
    const { row, name, id, spare } = call;
    const [narrow, wide] = row.windows ?? [];
    const second = `second-${second_protocol (call)}`;
    const endpoints = [{ provider: id, service_id: first_model (call) }];
    conf.providers[id].models[first_model (call)] = facts (narrow);
    if (spare) {
        endpoints.push ({ provider: second, service_id: second_model (call) });
        conf.providers[second].models[second_model (call)] = facts (wide);
    }
    conf.models[name] = { strategy: "priority", endpoints };
}

//  An endpoint that fails once more than opens its breaker, so that the first look at it
//  finds it down still; and another one.
function add_flapping (conf, ports)
{
    conf.providers.flapping = first_provider ({ row: {}, protocol: "chat",
                                                id: "flapping" }, ports);
    const first = "mock-tools-500-times8-tag999999";
    const second = "mock-tools-tag999998";
    conf.providers.flapping.models[first] = facts ();
    conf.providers["second-chat"].models[second] = facts ();
    conf.models.flapping = { strategy: "priority", endpoints: [
        { provider: "flapping", service_id: first },
        { provider: "second-chat", service_id: second }] };
}

function conf_of (pairs, ports)
{
    const conf = {
        inherit_defaults: false,
        server: { listen: `127.0.0.1:${ports.listen}` },
        upstream: {
            retries,
            backoff: { base_ms: 2, max_ms: 8, retry_after_max_secs: 3 },
            breaker: { failures, open_secs: 0.3, open_max_secs: 300 },
        },
        providers: {}, models: {},
    };
    for (const protocol of names)
        conf.providers[`second-${protocol}`] = second_provider (protocol, ports);
    for (const [call, alone] of pairs) {
        conf.providers[call.id] = first_provider (call, ports);
        add_call (conf, call);
        add_call (conf, alone);
    }
    add_flapping (conf, ports);
    return conf;
}

//  ---- programs

//  Waits until test returns something, and returns that.
export async function until (what, test)
{
    for (const from = Date.now (); Date.now () < from + patience_ms; await sleep (20)) {
        const found = await test ();
        if (found)
            return found;
    }
    return assert.fail (`did not happen: ${what}`);
}

async function free_port ()
{
    const server = createServer ();
    await new Promise ((done) => { server.listen (0, "127.0.0.1", done); });
    const { port } = server.address ();
    await new Promise ((done) => { server.close (done); });
    return port;
}

function start (world, name, program, args)
{
    const child = spawn (program, args, { stdio: ["ignore", "pipe", "pipe"],
                                          env: world.env });
    const file = createWriteStream (join (world.folder, `${name}.out`));
    child.output = "";
    for (const stream of [child.stdout, child.stderr])
        stream.on ("data", (bytes) => {
            child.output += bytes;
            file.write (bytes);
        });
    child.ended = new Promise ((done) => { child.on ("exit", done); });
    world.children.push (child);
    return child;
}

async function start_mock (world, name, args)
{
    const log = join (world.folder, `${name}.log`);
    writeFileSync (log, "");
    const child = start (world, name, mock, ["--port", "0", "--log", log, ...args]);
    await until (`${mock} listens`, () => child.output.includes ("listening"));
    return Number (child.output.match (/:(\d+)/)[1]);
}

function certificate (folder)
{
    const paths = ["certificate.pem", "key.pem"].map ((name) => join (folder, name));
    execFileSync ("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt",
                              "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                              "/CN=nobody", "-out", paths[0], "-keyout", paths[1]],
                  { stdio: "ignore" });
    return paths;
}

//  The result of an admin command.
export function admin (world, command)
{
    return JSON.parse (execFileSync (
        bitrouter, ["--home-dir", world.home, "admin", command],
        { encoding: "utf8", env: world.env, stdio: ["ignore", "pipe", "ignore"] }));
}

function is_ready (world)
{
    try {
        return admin (world, "status").ready;
    } catch {
        return false;
    }
}

async function open ()
{
    const folder = mkdtempSync (join (tmpdir (), "br-faults."));
    const world = { folder, home: join (folder, "home"), children: [],
                    env: { PATH: process.env.PATH, HOME: folder } };
    process.on ("exit", () => end (world));
    mkdirSync (world.home);
    const ports = {
        mock: await start_mock (world, "mock", []),
        foreign: await start_mock (world, "foreign", ["--tls", ...certificate (folder)]),
        dead: await free_port (),
        listen: await free_port (),
    };
    world.pairs = all_pairs ();
    writeFileSync (join (world.home, "bitrouter.yaml"),
                   JSON.stringify (conf_of (world.pairs, ports), null, 1));
    world.url = `http://127.0.0.1:${ports.listen}`;
    world.server = start (world, "serve", bitrouter,
                          ["--home-dir", world.home, "serve"]);
    await until (`${bitrouter} is ready`,
                 () => world.server.exitCode !== null || is_ready (world));
    assert.equal (world.server.exitCode, null, world.server.output);
    return world;
}

function end (world)
{
    for (const child of world.children)
        child.kill ("SIGKILL");
    if (!process.env.BR_KEEP)
        rmSync (world.folder, { recursive: true, force: true });
}

//  Ends the server in an orderly way, then the rest; what its exit status was, or
//  undefined.
export async function close (world)
{
    world.server.kill ("SIGTERM");
    const late = sleep (patience_ms, undefined, { ref: false });
    const status = await Promise.race ([world.server.ended, late]);
    for (const child of world.children)
        child.kill ("SIGKILL");
    return status;
}

//  ---- what happens

//  One call, as its client sees it. cut: the connection ended before the answer did.
export async function ask (world, { name, model, protocol, stream, headers })
{
    const { path, body } = request (protocol, model ?? name, stream);
    const from = performance.now ();
    const answer = { status: 0, headers: new Headers (), body: "" };
    try {
        const response = await fetch (world.url + path, {
            method: "POST", body, signal: AbortSignal.timeout (call_ms),
            headers: { "content-type": "application/json",
                       "anthropic-version": "2023-06-01",
                       "x-bitrouter-request-id": name, ...headers } });
        answer.status = response.status;
        answer.headers = response.headers;
        const decoder = new TextDecoder ();
        for await (const bytes of response.body)
            answer.body += decoder.decode (bytes, { stream: true });
    } catch (error) {
        answer.hung = error.name === "TimeoutError";
        answer.cut = String (error.cause ?? error);
    }
    answer.ms = performance.now () - from;
    return { ...answer, ...read (protocol, stream, answer) };
}

async function ask_all (world)
{
    const left = [...world.pairs];
    const work = async () => {
        for (let pair = left.shift (); pair; pair = left.shift ())
            for (const call of pair)
                call.answer = await ask (world, { ...call, headers: call.row.headers });
    };
    await Promise.all (Array.from ({ length: at_once }, work));
}

//  Requests that providers have finished, by their models, in order.
function read_log (world)
{
    const found = new Map ();
    const lines = readFileSync (join (world.folder, "mock.log"), "utf8").split ("\n");
    for (const line of lines.filter ((text) => text).map ((text) => JSON.parse (text)))
        found.set (line.model, [...found.get (line.model) ?? [], line]);
    return found;
}

//  Rows of the ledger by their calls, once there are as many as calls.
async function read_ledger (world, count)
{
    const path = join (world.home, "bitrouter.db");
    await until ("a row for each call", () =>
        existsSync (path) && admin (world, "ledger").rows >= count).catch (() => {});
    const db = new DatabaseSync (path, { readOnly: true });
    const found = new Map ();
    for (const row of db.prepare ("SELECT * FROM calls").all ())
        found.set (row.request_id, [...found.get (row.request_id) ?? [], row]);
    db.close ();
    return found;
}

//  Whether providers have finished as many requests of a call as they should.
function is_received (log, call)
{
    const want = expected (call.row, call.spare);
    const count = (model) => log.get (model)?.length ?? 0;
    return count (second_model (call)) >= want.second
           && (call.row.place || call.answer.hung
               || count (first_model (call)) >= want.first);
}

//  Whether the breaker thinks of a call's endpoint as it should. One that was waited for
//  may be open or not.
function is_judged (breakers, { row, id })
{
    const state = breakers.find ((one) => one.provider === id)?.state ?? "closed";
    return row.least_ms || state === (row.open ? "open" : "closed");
}

//  What has become as it should, or what it is when patience has ended.
async function settled (what, look, is_right)
{
    const found = () => {
        const now = look ();
        return is_right (now) && now;
    };
    return until (what, found).catch (look);
}

//  Everything is played; then it can be judged. The world has pairs, whose calls have
//  answers, log, rows and breakers.
export async function play ()
{
    const world = await open ();
    const from = performance.now ();
    await ask_all (world);
    const calls = world.pairs.flat ();
    world.rows = await read_ledger (world, calls.length);
    world.breakers = await settled (
        "the breaker has judged", () => admin (world, "breakers"),
        (breakers) => calls.every ((call) => is_judged (breakers, call)));
    world.log = await settled (
        "providers have seen all ends", () => read_log (world),
        (log) => calls.every ((call) => is_received (log, call)));
    console.log (`${calls.length} calls in ${Math.round (performance.now () - from)} ms`);
    return world;
}

