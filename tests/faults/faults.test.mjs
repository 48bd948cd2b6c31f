//  Every fault of a provider, as clients of all four protocols meet it: with another
//  endpoint that stands by, and alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { expected } from "./cases.mjs";
import { greeting, is_told, usage } from "./protocols.mjs";
import { admin, ask, close, first_model, play, second_model, second_protocol,
         until } from "./world.mjs";

const world = await play ();

//  Nano-dollars of a greeting: a dollar for a million tokens is 1000.
const price = usage.input * 1000 + usage.output * 2000;

const received = (model) => world.log.get (model) ?? [];

function check_whole (call, answer)
{
    assert.equal (answer.status, 200, answer.body);
    assert.equal (answer.cut, undefined);
    assert.equal (answer.error, undefined);
    assert.equal (answer.text, greeting);
    assert.ok (answer.finished, answer.body);
}

function check_late (call, answer)
{
    assert.equal (answer.status, 200, answer.body);
    assert.ok (answer.text && greeting.startsWith (answer.text), answer.body);
    assert.ok (answer.error, `no error event: ${answer.body}`);
    if (call.protocol !== "google" || answer.text !== greeting)
        assert.ok (!answer.finished, `it looks complete: ${answer.body}`);
    if (call.protocol === "chat")
        assert.doesNotMatch (answer.body, /\[DONE\]/);
}

function check_damaged (call, answer)
{
    assert.equal (answer.status, 200, answer.body);
    assert.ok (answer.text && answer.text !== greeting, answer.body);
    assert.match (answer.body, /bro\s*$/m);
}

function check_error ({ row, protocol }, answer, want)
{
    assert.ok (want.status.some ((status) => is_told (protocol, status, answer.status)),
               `${answer.status}: ${answer.body}`);
    assert.ok (answer.error, `not in the protocol's shape: ${answer.body}`);
    assert.doesNotMatch (answer.body, /sk-case/);
    if (row.says)
        assert.match (answer.error, row.says);
    if (row.retry)
        assert.equal (answer.headers.get ("retry-after"), row.retry);
}

const checks = { whole: check_whole, late: check_late, damaged: check_damaged,
                 error: check_error };

function check_answer (call)
{
    const want = expected (call.row, call.spare);
    const { answer } = call;
    assert.ok (!answer.hung, `it hangs: ${answer.cut}`);
    const kind = ["whole", "late", "damaged"].find ((word) => want[word]) ?? "error";
    checks[kind] (call, answer, want);
    assert.equal (answer.headers.get ("x-bitrouter-request-id"), call.name);
    if (!call.spare && call.row.least_ms)
        assert.ok (answer.ms >= call.row.least_ms, `it took ${answer.ms} ms only`);
    const attempts = want.first + want.second;
    assert.equal (answer.headers.get ("x-bitrouter-attempts"), String (attempts));
}

function check_received (call)
{
    const { row } = call;
    const want = expected (row, call.spare);
    const first = received (first_model (call));
    const second = received (second_model (call));
    if (!row.place)
        assert.equal (first.length, want.first, "requests to the first endpoint");
    assert.equal (second.length, want.second, "requests to the second endpoint");
    for (const line of second) {
        assert.equal (line.ended, "complete");
        assert.ok (first.every ((before) => before.at_ns < line.at_ns), "one by one");
    }
}

function check_billed (call)
{
    const want = expected (call.row, call.spare);
    const rows = world.rows.get (call.name) ?? [];
    assert.equal (rows.length, 1, `${rows.length} rows`);
    const [row] = rows;
    const billed = want.whole || want.damaged;
    assert.equal (row.outcome, billed ? "ok" : "failed");
    assert.equal (row.attempts, want.first + want.second);
    if (!billed) {
        assert.equal (row.cost_nusd, 0);
        assert.ok (is_told (call.protocol, row.status, call.answer.status), row.status);
        return;
    }
    const second = `second-${second_protocol (call)}`;
    assert.equal (row.provider, want.second ? second : call.id);
    assert.deepEqual ({ input: row.input_tokens, output: row.output_tokens }, usage);
    assert.equal (row.cost_nusd, price);
}

//  Of an endpoint of its own, after both of its calls. One that was waited for may be
//  open still, or not any more.
function check_breaker (call)
{
    if (call.row.least_ms)
        return;
    const found = world.breakers.find ((row) => row.provider === call.id);
    const state = found?.state ?? "closed";
    assert.equal (state, call.row.open ? "open" : "closed", JSON.stringify (found));
    if (call.row.open)
        assert.equal (found.reason, call.row.open);
}

for (const pair of world.pairs)
    for (const call of pair) {
        const { row, protocol, stream, spare } = call;
        const title = `${row.fault}, ${protocol}${stream ? " streamed" : ""}, ${
            spare ? "another stands by" : "alone"}`;
        test (title, () => {
            check_answer (call);
            check_received (call);
            check_billed (call);
            if (!spare)
                check_breaker (call);
        });
    }

//  Calls one after the other, until the endpoint that was down is in use again.
test ("an endpoint that is down for a while: no call notices, few reach it", async () => {
    const is_open = () => admin (world, "breakers").some (
        ({ provider, state }) => provider === "flapping" && state !== "closed");
    let calls = 0, passed_by = 0;
    await until ("it is in use again", async () => {
        const answer = await ask (world, { name: `flapping-${calls++}`, model: "flapping",
                                           protocol: "chat", stream: calls % 2 === 0 });
        check_whole (undefined, answer);
        const provider = answer.headers.get ("x-bitrouter-provider");
        passed_by += provider === "flapping" ? 0 : 1;
        return calls > 8 && provider === "flapping" && !is_open ();
    });
    //  Its eight failures would be those of three calls, if nobody remembered them.
    assert.ok (passed_by > 3, `${passed_by} of ${calls} calls passed it by`);
});

test ("the server ends well", async () => {
    assert.equal (await close (world), 0);
});
