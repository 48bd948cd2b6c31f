//  world: what the tests share: the client, the logs of the mock providers, and waiting.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";

export const url = process.env.BR_URL;

//  A client that does not try again by itself, unless told.
export function client (options = {})
{
    return new OpenAI ({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0,
                         ...options });
}

export function ask (text)
{
    return [{ role: "user", content: text }];
}

//  The text of a stream, read to its end.
export async function text_of (stream)
{
    let text = "";
    for await (const chunk of stream)
        text += chunk.choices[0]?.delta?.content ?? "";
    return text;
}

export function sha256 (bytes)
{
    return createHash ("sha256").update (bytes).digest ("hex");
}

//  Requests that a mock provider has finished, oldest first.
export function log (which)
{
    const path = process.env[`BR_${which.toUpperCase ()}_LOG`];
    return readFileSync (path, "utf8").split ("\n").filter ((line) => line)
        .map ((line) => JSON.parse (line));
}

//  Waits until test returns something, and returns that.
export async function until (what, test)
{
    for (let tries = 0; tries < 1000; tries++) {
        const found = await test ();
        if (found)
            return found;
        await sleep (10);
    }
    throw new Error (`did not happen: ${what}`);
}
