//  translate_made: all of it is made as Chat has it, and translated to the others, so that
//  each protocol says the same.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/translate_made.h"
#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/net/sse.h"

#define FILE_MAX (1u << 20)
#define TEXT_LEAST 24 //  bytes of a recorded text that is taken
#define PIECE 20      //  bytes of a delta
#define SAID 700      //  bytes of a text in a conversation
#define TOOLS 12      //  of the conversation
#define ARGS 120      //  bytes of a call's arguments

//  ---- recorded texts

static void
s_take_strings (const json_tree_t *tree, const json_node_t *node, br_buf_t *out)
{
    if (json_is (node, JSON_STRING) && node->size > TEXT_LEAST
        && memchr (json_tree_bytes (tree) + node->offset, ' ', node->size)) {
        json_node_add (tree, node, out);
        br_buf_addc (out, '\n');
    }
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n))
        s_take_strings (tree, n, out);
}

static void
s_take_file (const char *path, br_buf_t *out)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return;
    uint8_t *bytes = br_alloc (1, FILE_MAX);
    size_t size = fread (bytes, 1, FILE_MAX, file);
    fclose (file);
    json_tree_t *tree = json_tree_new ();
    s_take_strings (tree, json_tree_parse (tree, bytes, size, NULL), out);
    json_tree_destroy (&tree);
    free (bytes);
}

static void
s_take_folder (const char *path, br_buf_t *out)
{
    struct dirent **list;
    int count = scandir (path, &list, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *name = br_strf ("%s/%s", path, list[i]->d_name);
        if (strstr (name, ".json") && !strstr (name, ".meta."))
            s_take_file (name, out);
        free (name);
        free (list[i]);
    }
    if (count >= 0)
        free (list);
}

int
made_texts (const char *corpus, size_t bytes, br_buf_t *out)
{
    static const char *const folders[] = { "openai-chat", "openai-responses",
                                           "anthropic-messages", "google-generate" };
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char *path = br_strf ("%s/%s", corpus, folders[i]);
        s_take_folder (path, out);
        free (path);
    }
    size_t size = out->size;
    if (size < SAID)
        return -1;
    for (size_t i = 0; out->size < bytes; i++) //  again from the start
        br_buf_addc (out, (char) out->data[i % size]);
    return 0;
}

//  The next so many bytes, cut where characters begin.
static br_text_t
s_next (const br_buf_t *texts, size_t *at, size_t size)
{
    if (*at + size + 4 > texts->size)
        *at = 0;
    size_t from = *at;
    size_t to = from + size;
    while ((texts->data[to] & 0xc0) == 0x80)
        to++;
    *at = to;
    return (br_text_t) { (const char *) texts->data + from, to - from };
}

//  ---- Chat

static void
s_put_message (json_writer_t *json, const char *role, br_text_t text)
{
    json_open (json, NULL, '{');
    json_put_string (json, "role", role);
    json_put (json, "content", text);
}

static void
s_put_call (json_writer_t *json, unsigned number, br_text_t text)
{
    char id[32], name[32];
    snprintf (id, sizeof id, "call_%08u", number);
    snprintf (name, sizeof name, "tool_%u", number % TOOLS);
    br_buf_t args;
    br_buf_init (&args, MADE_BYTES_MAX);
    json_writer_t inner = json_writer (&args);
    json_open (&inner, NULL, '{');
    json_put (&inner, "query", text);
    json_put_integer (&inner, "limit", 10);
    json_close (&inner, '}');
    json_open (json, NULL, '{');
    json_put_string (json, "id", id);
    json_put_string (json, "type", "function");
    json_open (json, "function", '{');
    json_put_string (json, "name", name);
    json_put_string (json, "arguments", br_buf_text (&args));
    br_buf_free (&args);
    json_close (json, '}');
    json_close (json, '}');
}

static void
s_put_tools (json_writer_t *json, const br_buf_t *texts, size_t *at)
{
    json_open (json, "tools", '[');
    for (unsigned i = 0; i < TOOLS; i++) {
        char name[32];
        snprintf (name, sizeof name, "tool_%u", i);
        json_open (json, NULL, '{');
        json_put_string (json, "type", "function");
        json_open (json, "function", '{');
        json_put_string (json, "name", name);
        json_put (json, "description", s_next (texts, at, SAID));
        json_put_raw (json, "parameters",
                      BR_TEXT ("{\"type\":\"object\",\"properties\":{\"query\":{\"type\":"
                               "\"string\",\"description\":\"what is looked for\"},"
                               "\"limit\":{\"type\":\"integer\",\"minimum\":1},\"order\":"
                               "{\"type\":\"string\",\"enum\":[\"newest\",\"best\"]}},"
                               "\"required\":[\"query\"]}"));
        json_close (json, '}');
        json_close (json, '}');
    }
    json_close (json, ']');
}

//  Asked, called, found, said; again and again.
static void
s_chat_request (const br_buf_t *texts, size_t bytes, br_buf_t *out)
{
    size_t at = 0;
    json_writer_t json = json_writer (out);
    json_open (&json, NULL, '{');
    json_put_string (&json, "model", "m");
    json_put_integer (&json, "max_completion_tokens", 4096);
    s_put_tools (&json, texts, &at);
    json_open (&json, "messages", '[');
    s_put_message (&json, "system", s_next (texts, &at, 4 * SAID));
    json_close (&json, '}');
    for (unsigned i = 0; out->size < bytes; i++) {
        s_put_message (&json, "user", s_next (texts, &at, SAID));
        json_close (&json, '}');
        s_put_message (&json, "assistant", s_next (texts, &at, SAID / 4));
        json_open (&json, "tool_calls", '[');
        s_put_call (&json, i, s_next (texts, &at, ARGS));
        json_close (&json, ']');
        json_close (&json, '}');
        s_put_message (&json, "tool", s_next (texts, &at, 2 * SAID));
        char id[32];
        snprintf (id, sizeof id, "call_%08u", i);
        json_put_string (&json, "tool_call_id", id);
        json_close (&json, '}');
        s_put_message (&json, "assistant", s_next (texts, &at, SAID));
        json_close (&json, '}');
    }
    s_put_message (&json, "user", s_next (texts, &at, SAID));
    json_close (&json, '}');
    json_close (&json, ']');
    json_close (&json, '}');
}

#define USAGE                                                                            \
    "\"usage\":{\"prompt_tokens\":1200,\"completion_tokens\":900,\"total_tokens\":2100," \
    "\"prompt_tokens_details\":{\"cached_tokens\":1000},"                                \
    "\"completion_tokens_details\":{\"reasoning_tokens\":100}}"

static void
s_chat_answer (const br_buf_t *texts, size_t bytes, br_buf_t *out)
{
    size_t at = 0;
    json_writer_t json = json_writer (out);
    br_buf_adds (out,
                 "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
                 "\"model\":\"gpt-5.1\"," USAGE ",\"choices\":[{\"index\":0,"
                 "\"finish_reason\":\"tool_calls\",\"message\":");
    s_put_message (&json, "assistant", s_next (texts, &at, bytes - bytes / 10));
    json_open (&json, "tool_calls", '[');
    for (unsigned i = 0; out->size < bytes; i++)
        s_put_call (&json, i, s_next (texts, &at, ARGS));
    json_close (&json, ']');
    json_close (&json, '}');
    br_buf_adds (out, "}]}");
}

#define CHUNK(choices)                                                                   \
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"   \
    "\"model\":\"gpt-5.1\",\"choices\":[" choices "]"
#define DELTA(delta) CHUNK ("{\"index\":0,\"delta\":{" delta "},\"finish_reason\":null}")

//  Of arguments: a piece of a text inside of their JSON.
static void
s_put_piece (br_text_t text, bool args, br_buf_t *out)
{
    br_buf_t piece;
    br_buf_init (&piece, MADE_BYTES_MAX);
    br_buf_add_json (&piece, text.at, text.size);
    if (args)
        br_buf_add_json (out, (const char *) piece.data + 1, piece.size - 2);
    else
        br_buf_add (out, piece.data, piece.size);
    br_buf_free (&piece);
}

static void
s_chat_stream (const br_buf_t *texts, bool args, br_buf_t *out)
{
    size_t at = 0;
    br_buf_adds (
        out, args ? DELTA ("\"role\":\"assistant\",\"content\":null,"
                           "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\","
                           "\"type\":\"function\",\"function\":{\"name\":"
                           "\"tool_1\",\"arguments\":\"{\\\"query\\\":\\\"\"}}]") "}\n\n"
                  : DELTA ("\"role\":\"assistant\",\"content\":\"\"") "}\n\n");
    for (unsigned i = 0; i < MADE_DELTAS; i++) {
        br_text_t text = s_next (texts, &at, PIECE);
        br_buf_adds (out, CHUNK ("{\"index\":0,\"delta\":{"));
        out->size -= 1; //  the bracket of the list, which goes on
        br_buf_adds (out, args ? "\"tool_calls\":[{\"index\":0,\"function\":{"
                                 "\"arguments\":"
                               : "\"content\":");
        s_put_piece (text, args, out);
        br_buf_adds (out, args ? "}}]" : "");
        br_buf_adds (out, "},\"finish_reason\":null}]}\n\n");
    }
    if (args)
        br_buf_adds (out, DELTA ("\"tool_calls\":[{\"index\":0,\"function\":{"
                                 "\"arguments\":\"\\\"}\"}}]") "}\n\n");
    br_buf_addf (out,
                 CHUNK ("{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}") "}\n\n",
                 args ? "tool_calls" : "stop");
    br_buf_adds (out, CHUNK ("") "," USAGE "}\n\ndata: [DONE]\n\n");
}

//  ---- the others

br_target_t
made_target (br_protocol_t protocol)
{
    static const char *const models[MADE_PROTOCOLS][2] = {
        [BR_PROTOCOL_CHAT] = { "openai", "gpt-5.1" },
        [BR_PROTOCOL_RESPONSES] = { "openai", "gpt-5.1" },
        [BR_PROTOCOL_MESSAGES] = { "anthropic", "claude-sonnet-4-5" },
        [BR_PROTOCOL_GOOGLE] = { "google", "gemini-2.5-pro" },
    };
    const char *const *row = models[protocol];
    return (br_target_t) { .protocol = protocol,
                           .provider = row[0],
                           .model = row[1],
                           .dialect = br_dialect_of (protocol, row[0], row[1]) };
}

static void
s_die (const char *what, const br_error_t *error)
{
    fprintf (stderr, "translate: %s: %s\n", what, error->text);
    exit (1);
}

static br_translate_t *
s_read (br_protocol_t client, const br_buf_t *request, bool stream)
{
    br_error_t error = { .text = "" };
    br_blob_t *blob = br_blob_new (request->data, request->size);
    br_translate_t *self = br_translate_new (
        client, blob, client == BR_PROTOCOL_GOOGLE ? "m" : NULL, stream, "r", 7, &error);
    br_blob_destroy (&blob);
    if (!self)
        s_die ("a request is refused", &error);
    return self;
}

br_translate_t *
made_asked (br_protocol_t client, const br_buf_t *request, bool stream,
            const br_target_t *target)
{
    br_error_t error = { .text = "" };
    br_translate_t *self = s_read (client, request, stream);
    br_buf_t out;
    br_buf_init (&out, MADE_BYTES_MAX);
    if (br_translate_request (self, target, &out, &error))
        s_die ("a request cannot be carried", &error);
    br_buf_free (&out);
    return self;
}

void
made_small (br_protocol_t client, bool stream, br_buf_t *out)
{
    static const char *const bodies[MADE_PROTOCOLS] = {
        [BR_PROTOCOL_CHAT] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                             "\"content\":\"hi\"}]",
        [BR_PROTOCOL_RESPONSES] = "{\"model\":\"m\",\"input\":\"hi\"",
        [BR_PROTOCOL_MESSAGES] = "{\"model\":\"m\",\"max_tokens\":1000,\"messages\":[{"
                                 "\"role\":\"user\",\"content\":\"hi\"}]",
        [BR_PROTOCOL_GOOGLE] = "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                               "\"hi\"}]}]",
    };
    br_buf_adds (out, bodies[client]);
    if (stream && client != BR_PROTOCOL_GOOGLE)
        br_buf_adds (out, ",\"stream\":true");
    br_buf_addc (out, '}');
}

void
made_request (br_protocol_t protocol, const br_buf_t *texts, size_t bytes, br_buf_t *out)
{
    if (protocol == BR_PROTOCOL_CHAT) {
        s_chat_request (texts, bytes, out);
        return;
    }
    br_buf_t chat;
    br_buf_init (&chat, MADE_BYTES_MAX);
    s_chat_request (texts, bytes, &chat);
    br_error_t error = { .text = "" };
    br_target_t target = made_target (protocol);
    br_translate_t *translate = s_read (BR_PROTOCOL_CHAT, &chat, false);
    if (br_translate_request (translate, &target, out, &error))
        s_die ("the conversation cannot be carried", &error);
    br_translate_destroy (&translate);
    br_buf_free (&chat);
}

//  What a client of the protocol hears is what a provider of it says.
static void
s_hear (br_protocol_t protocol, const br_buf_t *chat, bool stream, br_buf_t *out)
{
    br_target_t target = made_target (BR_PROTOCOL_CHAT);
    br_buf_t request;
    br_buf_init (&request, MADE_BYTES_MAX);
    made_small (protocol, stream, &request);
    br_translate_t *translate = made_asked (protocol, &request, stream, &target);
    br_translate_push (translate, chat->data, chat->size, out);
    br_translate_end (translate, out);
    if (!br_translate_result (translate)->complete)
        s_die ("an answer cannot be carried", &(br_error_t) { .text = "" });
    br_translate_destroy (&translate);
    br_buf_free (&request);
}

void
made_answer (br_protocol_t protocol, const br_buf_t *texts, size_t bytes, br_buf_t *out)
{
    if (protocol == BR_PROTOCOL_CHAT) {
        s_chat_answer (texts, bytes, out);
        return;
    }
    br_buf_t chat;
    br_buf_init (&chat, MADE_BYTES_MAX);
    s_chat_answer (texts, bytes, &chat);
    s_hear (protocol, &chat, false, out);
    br_buf_free (&chat);
}

#define PARTIAL(members)                                                                 \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"               \
    "\"functionCall\":{" members "}}]},\"index\":0"

//  Google's own way to stream arguments, which nobody writes for clients.
static void
s_google_args (const br_buf_t *texts, br_buf_t *out)
{
    size_t at = 0;
    br_buf_adds (out, PARTIAL ("\"name\":\"tool_1\",\"willContinue\":true") "}]}\n\n");
    for (unsigned i = 0; i < MADE_DELTAS; i++) {
        br_text_t text = s_next (texts, &at, PIECE);
        br_buf_adds (out, PARTIAL ("\"partialArgs\":[{\"jsonPath\":\"$.query\","
                                   "\"stringValue\":"));
        out->size -= sizeof "}}]},\"index\":0" - 1;
        br_buf_add_json (out, text.at, text.size);
        br_buf_adds (out, ",\"willContinue\":true}],\"willContinue\":true}}]},"
                          "\"index\":0}]}\n\n");
    }
    br_buf_adds (out, PARTIAL ("") ",\"finishReason\":\"STOP\"}]}\n\n");
}

void
made_stream (br_protocol_t protocol, const br_buf_t *texts, bool args, br_buf_t *out)
{
    if (protocol == BR_PROTOCOL_CHAT) {
        s_chat_stream (texts, args, out);
        return;
    }
    if (protocol == BR_PROTOCOL_GOOGLE && args) {
        s_google_args (texts, out);
        return;
    }
    br_buf_t chat;
    br_buf_init (&chat, MADE_BYTES_MAX);
    s_chat_stream (texts, args, &chat);
    s_hear (protocol, &chat, true, out);
    br_buf_free (&chat);
}
