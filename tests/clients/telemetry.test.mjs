//  What a collector of OpenTelemetry gets, read with OpenTelemetry's own code; and what
//  Prometheus reads, and GET /admin/metrics.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ask, client, text_of, until, url } from "./world.mjs";

const require = createRequire (import.meta.url);
const { opentelemetry } =
    require ("@opentelemetry/otlp-transformer/build/src/generated/root");
const collector = opentelemetry.proto.collector;
const kinds = {
    "/v1/traces": collector.trace.v1.ExportTraceServiceRequest,
    "/v1/metrics": collector.metrics.v1.ExportMetricsServiceRequest,
};
const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const canary = "canary-prompt-7c1f";

//  All requests so far, as their messages; each must be one.
function requests (path)
{
    const lines = readFileSync (process.env.BR_TELEMETRY, "utf8").split ("\n");
    return lines.filter ((line) => line).map ((line) => JSON.parse (line))
        .filter ((request) => request.path === path)
        .map ((request) => {
            assert.equal (request.type, "application/json");
            const message = kinds[path].fromObject (JSON.parse (request.body));
            assert.equal (kinds[path].verify (message), null);
            return kinds[path].toObject (message, { longs: String, bytes: String });
        });
}

function spans ()
{
    return requests ("/v1/traces").flatMap ((request) =>
        request.resourceSpans.flatMap ((resource) =>
            resource.scopeSpans.flatMap ((scope) => scope.spans)));
}

function attributes (span)
{
    const value = (any) => any.stringValue ?? any.intValue ?? any.boolValue;
    return Object.fromEntries (span.attributes.map ((item) =>
        [item.key, value (item.value)]));
}

test ("calls are spans, attempts their children", async () => {
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`,
                      "x-bitrouter-session": "talk-telemetry",
                      "x-bitrouter-agent": "tester" };
    const openai = client ({ defaultHeaders: headers });
    await openai.chat.completions.create ({ model: "first:mock", messages: ask (canary) });
    await text_of (await openai.chat.completions.create (
        { model: "first:mock", messages: ask (canary), stream: true }));
    await assert.rejects (openai.chat.completions.create (
        { model: "first:mock-500", messages: ask (canary) }));
    const own = await until ("three spans of calls", () => {
        const found = spans ().filter ((span) => span.traceId === trace && span.kind === 2);
        return found.length >= 3 && found;
    });
    for (const span of own) {
        const said = attributes (span);
        assert.equal (span.parentSpanId, "00f067aa0ba902b7");
        assert.equal (said["gen_ai.operation.name"], "chat");
        assert.equal (said["gen_ai.provider.name"], "first");
        assert.equal (said["gen_ai.conversation.id"], "talk-telemetry");
        assert.equal (said["gen_ai.agent.name"], "tester");
        assert.ok (BigInt (span.endTimeUnixNano) >= BigInt (span.startTimeUnixNano));
        const children = spans ().filter ((child) => child.parentSpanId === span.spanId);
        assert.equal (children.length, 1);
        assert.equal (children[0].kind, 3);
    }
    const failed = own.filter ((span) => attributes (span)["error.type"]);
    assert.equal (failed.length, 1);
    assert.equal (failed[0].status.code, 2);
    const good = own.filter ((span) => !attributes (span)["error.type"]);
    for (const span of good)
        assert.ok (Number (attributes (span)["gen_ai.usage.output_tokens"]) > 0);
});

test ("figures come as metrics", async () => {
    const names = await until ("metrics", () => {
        const found = requests ("/v1/metrics").flatMap ((request) =>
            request.resourceMetrics.flatMap ((resource) =>
                resource.scopeMetrics.flatMap ((scope) =>
                    scope.metrics.map ((metric) => metric.name))));
        return found.length && found;
    });
    for (const name of ["gen_ai.client.operation.duration", "gen_ai.client.token.usage",
                        "bitrouter.requests"])
        assert.ok (names.includes (name), name);
});

test ("no word of a prompt and no key is told", () => {
    const told = readFileSync (process.env.BR_TELEMETRY, "utf8");
    assert.ok (!told.includes (canary));
    assert.ok (!told.includes ("sk-first"));
});

test ("GET /admin/metrics and /v1/metrics tell each route", async () => {
    for (const path of ["/admin/metrics", "/v1/metrics"]) {
        const answer = await (await fetch (url + path)).json ();
        assert.ok (answer.uptime_seconds >= 0);
        const route = answer.routes["first:mock"];
        assert.ok (route.total_requests >= 2);
        assert.equal (route.by_endpoint["first:mock"].total_errors, 0);
        assert.ok (route.latency_p99_ms >= route.latency_p50_ms);
    }
});

test ("GET /metrics is text for Prometheus", async () => {
    const response = await fetch (`${url}/metrics`);
    assert.match (response.headers.get ("content-type"), /^text\/plain; version=0\.0\.4/);
    const text = await response.text ();
    assert.match (text, /^bitrouter_calls_total\{.*outcome="ok"\} \d+$/m);
    assert.match (text, /^bitrouter_host_messages_total\{host="/m);
});
