//  What becomes of connections: one client, one connection at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, fetch } from "undici";
import { ask, client } from "./world.mjs";

const runs = [["a provider", "first:mock-chunks50-gap5"], ["echo", "echo:echo"]];

for (const [where, model] of runs)
    test (`to ${where}: single, streamed, error and single again on one connection, then cancelled`, async () => {
        let opened = 0;
        const dispatcher = new Agent ({ connections: 1, pipelining: 1 });
        dispatcher.on ("connect", () => opened++);
        const openai = client ({ fetch, fetchOptions: { dispatcher } });
        const request = { model, messages: ask ("one two three ".repeat (20)) };
        const single = async () => {
            const answer = await openai.chat.completions.create (request);
            assert.ok (answer.choices[0].message.content.length);
        };
        const stream = () => openai.chat.completions.create ({ ...request, stream: true });
        //  As a response, since the client's own loop may close at [DONE], before the end.
        const streamed = async () => {
            const response = await stream ().asResponse ();
            assert.match (await response.text (), /data: \[DONE\]\n\n$/);
        };
        const cancelled = async () => {
            for await (const chunk of await stream ())
                if (chunk.choices.length)
                    break;
        };

        await single ();
        await streamed ();
        await assert.rejects (openai.chat.completions.create ({ ...request, model: "none" }));
        await single ();
        assert.equal (opened, 1);

        //  HTTP/1.1 cancels an answer by closing: the next one comes on another connection.
        await cancelled ();
        await single ();
        await streamed ();
        await dispatcher.close ();
    });
