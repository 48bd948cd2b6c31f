//  protocols: the four protocols as plain bytes: how a client asks, how the parts of an
//  answer look, and how an error does.

//  The text that the mock provider's conversation begins with.
export const greeting = "Hello, wörld 🌍.";

//  What the mock provider counts for it, in every protocol.
export const usage = { input: 40, output: 20 };

//  Events of the greeting's stream: how many there are when its first words were told,
//  when all of them were, and when only the protocol's end is missing.
export const told = {
    chat: { first: 4, words: 5, most: 7 },
    responses: { first: 7, words: 8, most: 11 },
    messages: { first: 4, words: 5, most: 7 },
    google: { first: 1, words: 2, most: 2 },
};

const user = [{ role: "user", content: "Hello" }];

//  Google's words, without its reasoning.
const parts = (answer) => (answer.candidates?.[0]?.content?.parts ?? [])
    .filter ((part) => !part.thought);
const join = (list, pick) => list.map (pick).join ("");

//  path, body     of a request
//  text           of a whole answer
//  piece          text of one event of a stream
//  finishes       whether an event says that the answer is whole
//  error          the words of an error, an answer's or an event's; undefined if it is none
const rows = {
    chat: {
        word: "openai",
        path: () => "/v1/chat/completions",
        body: (model, stream) => ({ model, stream, messages: user, ...stream && {
            stream_options: { include_usage: true } } }),
        text: (answer) => answer.choices[0].message.content,
        piece: (event) => event.choices?.[0]?.delta?.content ?? "",
        finishes: (event) => event === "[DONE]",
        error: ({ error }) => error?.type && error.message,
    },
    responses: {
        word: "responses",
        path: () => "/v1/responses",
        body: (model, stream) => ({ model, stream, input: "Hello" }),
        text: (answer) => join (answer.output.flatMap ((item) => item.content ?? []),
                                ({ text }) => text ?? ""),
        piece: (event) => event.type === "response.output_text.delta" ? event.delta : "",
        finishes: (event) => event.type === "response.completed",
        error: (answer) => {
            if (answer.type === "error")
                return answer.message ?? answer.error?.message;
            const error = answer.error ?? answer.response?.error;
            return error?.message;
        },
    },
    messages: {
        word: "anthropic",
        path: () => "/v1/messages",
        body: (model, stream) => ({ model, stream, max_tokens: 99, messages: user }),
        text: (answer) => join (answer.content, ({ text }) => text ?? ""),
        piece: (event) => event.delta?.text ?? "",
        finishes: (event) => event.type === "message_stop",
        error: ({ type, error }) => type === "error" && error?.type ? error.message
                                                                    : undefined,
    },
    google: {
        word: "google",
        path: (model, stream) => `/v1beta/models/${model}:${
            stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        body: () => ({ contents: [{ role: "user", parts: [{ text: "Hello" }] }] }),
        text: (answer) => join (parts (answer), ({ text }) => text ?? ""),
        piece: (event) => join (parts (event), ({ text }) => text ?? ""),
        finishes: (event) => Boolean (event.candidates?.[0]?.finishReason),
        error: ({ error }) => error?.status && error.code && error.message,
    },
};

export const names = Object.keys (rows);

//  Whether a client of the protocol is told this status for one of ours: Google has no
//  502, and Messages says 529 when nobody can answer.
export function is_told (protocol, ours, status)
{
    const others = { google: { 502: 503 }, messages: { 503: 529 } };
    return status === ours || status === others[protocol]?.[ours];
}

//  How a provider of that protocol is called in a configuration.
export function word (protocol)
{
    return rows[protocol].word;
}

//  The request of a client.
export function request (protocol, model, stream)
{
    const row = rows[protocol];
    return { path: row.path (model, stream),
             body: JSON.stringify (row.body (model, stream)) };
}

function parse (text)
{
    try {
        return JSON.parse (text);
    } catch {
        return undefined;
    }
}

function events_of (body)
{
    return body.split ("\n").filter ((line) => line.startsWith ("data: "))
        .map ((line) => line.slice (6).trim ())
        .map ((data) => data === "[DONE]" ? data : parse (data) ?? {});
}

//  What a client makes of an answer: { text, finished, error }. finished: it says of
//  itself that it is whole. error: what it says went wrong, in the protocol's own shape.
export function read (protocol, stream, { status, body })
{
    const row = rows[protocol];
    if (status >= 400 || !stream) {
        const answer = parse (body);
        const error = answer && row.error (answer);
        if (status >= 400 || error || !answer)
            return { text: "", finished: false, error };
        return { text: row.text (answer), finished: true };
    }
    const events = events_of (body);
    return {
        text: join (events, row.piece),
        finished: events.some (row.finishes),
        error: events.map (row.error).find ((text) => text),
    };
}
