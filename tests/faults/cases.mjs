//  cases: every fault that the suite plays, a row each.
//
//  fault     its name
//  words     what the mock provider is told, see bench/README.md; or a function of the
//            protocol. null: the provider is none of the mock's, see place
//  after     what the router does next, as in broker/core/br_failures.def
//  heals     the provider is well again after that many requests
//  status    that a client gets when no other endpoint is left
//  says      what its error tells
//  retry     retry-after of that error
//  least_ms  that a call takes, when no other endpoint is left
//  once      alone it is not asked again: it says that it will be long
//  late      the stream has begun: the client gets the words so far, and an error event
//  whole     it is no fault: the answer is complete
//  damaged   one event of the stream is nonsense, which its reader sees
//  open      why the breaker opens for it at once; none: it stays closed
//  headers   of the client
//  streams   the kinds of calls that it is played with; both when it is left out
//  only      the protocols that it is played with; all when it is left out
//  windows   tokens that the first and the second endpoint's model can take
//  translated
//            the first endpoint speaks another protocol than the client
//  place     where the provider is: "dead" nobody listens, "nameless" no address,
//            "foreign" a certificate of nobody's

import { told } from "./protocols.mjs";

//  Seconds; less would be the machine's load.
const first_byte = { "x-bitrouter-first-byte-timeout": "1.5" };
const idle = { "x-bitrouter-idle-timeout": "1.5" };

//  A stream that breaks when so much of it was told.
const at = (key, where) => (protocol) => `${key}${told[protocol][where]}-gap2`;

const limits = [
    { fault: "429 with retry-after", words: "429-retry7", after: "NEXT", status: 429,
      says: /too many requests/, retry: "7", once: true, open: "rate" },
    { fault: "429 for ever", words: "429-noretryafter", after: "NEXT", status: 429,
      says: /too many requests/ },
    { fault: "429 once, with retry-after", words: "429-retry1-times1", after: "NEXT",
      heals: 1, status: 429, least_ms: 1000 },
    { fault: "429 once", words: "429-noretryafter-times1", after: "NEXT", heals: 1,
      status: 429 },
    { fault: "429 not to be tried again", words: "429-noretryafter-shouldretry0",
      after: "OTHER", status: 429, says: /too many requests/ },
];

const servers = [
    { fault: "500 once", words: "500-times1", after: "AGAIN", heals: 1, status: 500 },
    { fault: "500 for ever", words: "500", after: "AGAIN", status: 500,
      says: /the server failed/ },
    { fault: "500 not to be tried again", words: "500-shouldretry0", after: "OTHER",
      status: 500, says: /the server failed/ },
    { fault: "503", words: "503-noretryafter", after: "NEXT", status: 503,
      says: /overloaded/ },
    { fault: "503 with retry-after", words: "503-retry7", after: "NEXT", status: 503,
      says: /overloaded/, once: true, only: ["chat", "responses", "messages"] },
    { fault: "529", words: "529", after: "NEXT", status: 529, says: /overloaded/ },
    { fault: "504", words: "504", after: "NEXT", status: 504 },
    { fault: "an error in a 200", words: "error", after: "NEXT",
      status: [500, 502, 503] },
];

const connections = [
    { fault: "reset before the head", words: "reset", after: "AGAIN", status: 502 },
    { fault: "closed before the head", words: "empty", after: "AGAIN", status: 502 },
    { fault: "no response", words: "stall", after: "NEXT", headers: first_byte,
      status: 504 },
    { fault: "slow first token", words: "first4000", after: "NEXT", headers: first_byte,
      status: 504, says: /first|begin|time/ },
    { fault: "no token behind the head", words: "stallafter1", after: "NEXT",
      headers: first_byte, streams: [true], only: ["chat", "responses", "messages"],
      status: 504 },
    { fault: "the client's time is over", words: "stall", after: "STOP",
      headers: { "x-bitrouter-timeout": "1.5" }, status: 504 },
    { fault: "first token slow, but in time", words: "first300", whole: true },
    { fault: "nobody listens", words: null, place: "dead", after: "NEXT", status: 502 },
    { fault: "no address", words: null, place: "nameless", after: "NEXT",
      headers: { "x-bitrouter-connect-timeout": "1.5" }, status: [502, 503, 504] },
    { fault: "TLS failure", words: null, place: "foreign", after: "OTHER", status: 502 },
];

const answers = [
    { fault: "a page instead of an answer", words: "html", after: "NEXT", status: 502 },
    { fault: "a stream that begins with no JSON", words: "badchunk0", after: "NEXT",
      streams: [true], only: ["chat"], status: 502 },
    { fault: "wrong content type", words: "mistyped", whole: true },
    { fault: "cut in the middle", words: "cut1", after: "AGAIN", streams: [false],
      status: 502 },
    { fault: "cut behind the head", words: "cut0", after: "AGAIN", streams: [true],
      status: 502 },
];

const late = [
    { fault: "cut at 40 %", words: at ("cut", "first") },
    { fault: "cut at 60 %", words: at ("cut", "words") },
    { fault: "reset at 60 %", words: (name) => `${at ("cut", "words") (name)}-reset` },
    { fault: "ended at 60 %", words: at ("endafter", "words") },
    { fault: "an error at 40 %", words: at ("errorafter", "first") },
    { fault: "silence at 40 %", words: at ("stallafter", "first"), headers: idle },
].map ((row) => ({ ...row, late: true, streams: [true] }));

//  What a provider of the client's own protocol says passes as it came; and Chat's end
//  mark stands behind the reason of the end, which is enough.
const endings = [
    { fault: "malformed event at 40 %", words: at ("badchunk", "first"), damaged: true,
      streams: [true] },
    { fault: "missing terminator", words: at ("endafter", "most"), late: true,
      streams: [true], only: ["responses", "messages", "google"] },
];

//  The same when the provider speaks another protocol than the client.
const translated = [
    { fault: "translated: cut at 60 %", words: at ("cut", "words"), late: true,
      streams: [true] },
    { fault: "translated: malformed event at 40 %", words: at ("badchunk", "first"),
      late: true, streams: [true] },
    { fault: "translated: an error at 60 %", words: at ("errorafter", "words"),
      late: true, streams: [true] },
    { fault: "translated: 500 for ever", words: "500", after: "AGAIN", status: [500, 502],
      says: /the server failed/ },
    { fault: "translated: 429 with retry-after", words: "429-retry7", after: "NEXT",
      status: 429, says: /too many requests/, retry: "7", once: true, open: "rate" },
    { fault: "translated: 400", words: "400", after: "STOP", status: 400,
      says: /the request is wrong/ },
    { fault: "translated: 401", words: "401", after: "OTHER", status: 502, open: "auth" },
].map ((row) => ({ ...row, translated: true }));

const requests = [
    { fault: "400", words: "400", after: "STOP", status: 400,
      says: /the request is wrong/ },
    { fault: "413", words: "413", after: "STOP", status: 413,
      says: /the request is too large/ },
    { fault: "422", words: "422", after: "STOP", status: 422 },
    { fault: "409 for ever", words: "409", after: "AGAIN", status: 409 },
    { fault: "409 once", words: "409-times1", after: "AGAIN", heals: 1, status: 409 },
    { fault: "400 to be tried again", words: "400-shouldretry1-times1", after: "AGAIN",
      heals: 1, status: 400 },
    { fault: "content filter", words: "400-policy", after: "STOP", status: 400,
      says: /filter|policy/ },
    { fault: "context length, the next one is larger", words: "400-context",
      after: "OTHER", windows: [8192, 1000000], status: 400,
      says: /length|too long|exceeds/ },
    { fault: "context length, none is larger", words: "400-context", after: "STOP",
      windows: [8192, 8192], status: 400, says: /length|too long|exceeds/ },
    { fault: "context length, nothing is known", words: "400-context", after: "STOP",
      status: 400, says: /length|too long|exceeds/ },
    { fault: "404", words: "404", after: "OTHER", status: 404 },
];

const credentials = [
    { fault: "401", words: "401", after: "OTHER", status: 502, open: "auth" },
    { fault: "403", words: "403", after: "OTHER", status: 502, open: "auth" },
    { fault: "402", words: "402", after: "OTHER", status: 502, open: "credit" },
    { fault: "429 without money", words: "429-noretryafter-credit", after: "OTHER",
      status: 429, open: "credit", only: ["chat", "responses"] },
    { fault: "400 without money", words: "400-credit", after: "OTHER", status: 400,
      open: "credit", only: ["messages"] },
];

export const faults = [...limits, ...servers, ...connections, ...answers, ...late,
                       ...endings, ...translated, ...requests, ...credentials];

//  Requests that the first endpoint gets, by what the router does next.
export const retries = 2;
const asked = { AGAIN: retries + 1, NEXT: 1, OTHER: 1, STOP: 1 };
const alone = { AGAIN: retries + 1, NEXT: retries + 1, OTHER: 1, STOP: 1 };

//  What must come of a call: { first, second } requests to each endpoint, whole, late or
//  damaged, or the status of an error. spare: a second endpoint stands by.
export function expected (row, spare)
{
    const { whole, late, damaged } = row;
    if (whole || late || damaged)
        return { first: 1, second: 0, whole, late, damaged };
    if (row.heals && row.after === "AGAIN")
        return { first: row.heals + 1, second: 0, whole: true };
    if (spare && row.after !== "STOP")
        return { first: asked[row.after], second: 1, whole: true };
    if (row.heals)
        return { first: row.heals + 1, second: 0, whole: true };
    const first = row.once ? 1 : alone[row.after];
    return { first, second: 0, status: [row.status].flat () };
}
