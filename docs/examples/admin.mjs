#!/usr/bin/env node
//  Lists the routes of a running bitrouter, adds one, hears a call over it, removes it: over
//  HTTP, as docs/rfc/6-ADMIN.md tells, and `bitrouter events`. Needs nothing but Node.js.
//
//      admin.mjs [PROVIDER:MODEL]
//
//  BITROUTER_URL is http://127.0.0.1:8787 by default. BITROUTER_ADMIN_TOKEN, of the scope
//  admin, and BITROUTER_TOKEN, for the call, are sent when they are set.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const url = process.env.BITROUTER_URL ?? 'http://127.0.0.1:8787';
const [provider, ...rest] = (process.argv[2] ?? 'echo:echo').split (':');
const name = `example-${process.pid}`;
const CALLS_MAX = 40;

const headers = token => ({
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {})
});

const send = async (method, path, body, token) => {
    const response = await fetch (url + path, {
        method,
        headers: headers (token),
        body: body && JSON.stringify (body)
    });
    const answer = await response.json ();
    if (!response.ok)
        throw new Error (`${method} ${path}: ${response.status} ${answer.error?.message}`);
    return answer;
};

const admin = (method, path, body) =>
    send (method, `/admin/${path}`, body, process.env.BITROUTER_ADMIN_TOKEN);

const call = () =>
    send ('POST', '/v1/chat/completions',
          { model: name, messages: [{ role: 'user', content: 'hello' }] },
          process.env.BITROUTER_TOKEN);

//  A line of JSON for each event. It takes a moment to begin, and what is told before is not
//  heard: so there is another call until one is.
const callAndHear = async () => {
    const events = spawn (process.env.BITROUTER ?? 'bitrouter', ['events', 'call.ended'],
                          { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = null;
    events.on ('error', error => { throw error; });
    createInterface ({ input: events.stdout }).on ('line', line => {
        const event = JSON.parse (line);
        if (event.route === name)
            heard = event;
    });
    for (let i = 0; i < CALLS_MAX && !heard; i++) {
        await call ();
        await new Promise (resolve => setTimeout (resolve, 250));
    }
    events.kill ();
    if (!heard)
        throw new Error ('no event came');
    return heard;
};

const { routes } = await admin ('GET', 'routes');
console.log (`routes: ${routes.map (route => route.name).join (', ') || 'none'}`);
const added = await admin ('POST', 'routes', {
    name,
    endpoints: [{ provider, service_id: rest.join (':') }]
});
console.log (`added ${added.name}`);
try {
    const ended = await callAndHear ();
    console.log (`a call over ${name}: ${ended.outcome}, ${ended.provider}:${ended.model}`);
} finally {
    const removed = await admin ('DELETE', `routes/${encodeURIComponent (name)}`);
    console.log (`removed ${removed.name}`);
}
