//  pairs: which client's protocol reaches which provider's, and how names and addresses
//  are written for that. Tests of clients are written once and run for each pair.
//
//  BR_DIRECT=1 leaves the router out: each client talks to the mock provider itself, in
//  its own protocol. That shows that the mock satisfies the client.

export const protocols = ["chat", "responses", "messages", "google"];

//  The table of translations through the router, client's protocol first:
//  0  not there: the pair is not tested
//  1  the conversation works
//  2  it works, and the provider gets its reasoning state back, byte for byte
const routed = {
    chat:      { chat: 2, responses: 2, messages: 2, google: 2 },
    responses: { chat: 2, responses: 2, messages: 2, google: 2 },
    messages:  { chat: 2, responses: 2, messages: 2, google: 2 },
    google:    { chat: 2, responses: 2, messages: 2, google: 2 },
};

//  What the router serves beside conversations. Where it does not, it is not tested.
const served = { embeddings: true };

export const direct = process.env.BR_DIRECT === "1";
const mock = process.env.BR_MOCK_URL;

//  Where clients of all protocols find their server, without a path.
export const server = direct ? mock : process.env.BR_URL;

//  BR_PAIRS=1 or 2 takes all pairs, whatever the table says.
function grade (client, upstream)
{
    if (direct)
        return client === upstream ? 2 : 0;
    return Number (process.env.BR_PAIRS ?? routed[client][upstream]);
}

export function serves (feature)
{
    return direct || Boolean (process.env.BR_PAIRS) || served[feature];
}

export function upstreams (client)
{
    return protocols.filter ((upstream) => grade (client, upstream) > 0);
}

//  The name of a mock provider's model, as the server wants it.
export function model (upstream, words)
{
    return direct ? `mock-${words}` : `mock-${upstream}:mock-${words}`;
}

//  The scripted conversation, as strict as the pair allows. carries: the client gives
//  reasoning state back.
export function talker (client, upstream, carries)
{
    const strict = carries && grade (client, upstream) === 2;
    return model (upstream, strict ? "tools-strict" : "tools");
}

//  What the mock providers received, oldest first, since the last forget.
export async function received ()
{
    const calls = await (await fetch (`${mock}/mock/calls`)).json ();
    return calls.map ((call) => ({ ...call, body: call.body && JSON.parse (call.body) }));
}

export async function forget ()
{
    await fetch (`${mock}/mock/calls`, { method: "DELETE" });
}
