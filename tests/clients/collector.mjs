//  collector: what telemetry is sent to. Appends each request to a file, one JSON line each:
//  the path, the content type and the body as it came. Says its port.

import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [file] = process.argv.slice (2);

const server = createServer ((request, response) => {
    const parts = [];
    request.on ("data", (part) => parts.push (part));
    request.on ("end", () => {
        const body = Buffer.concat (parts).toString ("utf8");
        const type = request.headers["content-type"];
        appendFileSync (file, `${JSON.stringify ({ path: request.url, type, body })}\n`);
        response.writeHead (200, { "content-type": "application/json" });
        response.end ("{}");
    });
});
server.listen (0, "127.0.0.1", () => console.log (`listening:${server.address ().port}`));
