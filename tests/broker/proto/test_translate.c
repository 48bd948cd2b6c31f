//  test_translate: recorded traffic of each protocol, as a client of each other protocol
//  asks for it and hears it: requests and answers say the same, streamed or not, whole or
//  byte by byte, and an answer that is cut never looks whole.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fnmatch.h>

#include "broker/net/sse.h"
#include "broker/proto/translate.h"
#include "tests/broker/proto/messages/grammar.h"
#include "tests/broker/proto/reduced.h"
#include "tests/broker/proto/responses/grammar.h"
#include "tests/corpus.h"

#define ANY BR_PROTOCOL_COUNT

typedef struct {
    const char *folder;
    const char *kind; //  in the corpus' meta files
    const char *provider, *model;
    const char *request; //  a small one
} side_t;

static const side_t s_sides[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { "openai-chat", "openai-chat", "openai", "gpt-4.1",
                           "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                           "\"content\":\"hi\"}]}" },
    [BR_PROTOCOL_RESPONSES] = { "openai-responses", "openai-responses", "openai",
                                "gpt-5.1", "{\"model\":\"m\",\"input\":\"hi\"}" },
    [BR_PROTOCOL_MESSAGES] = { "anthropic-messages", "anthropic-messages", "anthropic",
                               "claude-sonnet-4-5",
                               "{\"model\":\"m\",\"max_tokens\":1000,\"messages\":["
                               "{\"role\":\"user\",\"content\":\"hi\"}]}" },
    [BR_PROTOCOL_GOOGLE] = { "google-generate", "google-generate", "google",
                             "gemini-3-pro",
                             "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                             "\"hi\"}]}]}" },
    //  nothing of it has been recorded
    [BR_PROTOCOL_COMPLETIONS] = { "openai-completions", "openai-completions", "p", "base",
                                  "{\"model\":\"m\",\"prompt\":\"hi\"}" },
};

//  What is not the same, and why. The first column is a glob of the case.
typedef struct {
    const char *name;
    br_protocol_t provider, client;
    reduced_field_t field;
    const char *reason;
} exception_t;

static const exception_t s_answer_exceptions[] = {
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_CALLS,
      "a client of Completions has no tools, so it did not ask" },
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_FINISH, "the same" },
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_REASONING,
      "Completions has no place for reasoning" },
    { "*", ANY, BR_PROTOCOL_GOOGLE, REDUCED_CACHE_WRITE,
      "Google has no count of what was written to a cache" },
    { "*-multiple-choices-*", BR_PROTOCOL_CHAT, ANY, REDUCED_CALLS,
      "only Google has several answers too" },
    { "*-multiple-choices-*", BR_PROTOCOL_CHAT, ANY, REDUCED_FINISH, "the same" },
    { "vercel-openai-custom-tool-1*", BR_PROTOCOL_RESPONSES, ANY, REDUCED_CALLS,
      "the client has no freeform tools, so it had asked for one that takes an object" },
    { "vercel-anthropic-refusal*", BR_PROTOCOL_MESSAGES, BR_PROTOCOL_RESPONSES,
      REDUCED_FINISH, "a refusal without words is an answer without any" },
    { "*-incomplete-mid-tool-call", BR_PROTOCOL_RESPONSES, ANY, REDUCED_CALLS,
      "arguments that are cut off are no object, which the client must have" },
};

//  Good by their status, and yet no answers.
static const char *const s_no_answers[] = {
    "openai-gpt-4o-background-mode-with-tool-vcr-t3", //  it has only been queued
};

static const exception_t s_call_exceptions[] = {
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_SAID,
      "a conversation becomes one text" },
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_REASONING,
      "the same, and no reasoning" },
    { "*", ANY, BR_PROTOCOL_COMPLETIONS, REDUCED_TOOLS, "tools that must not be called" },
    { "mistral-mistral-small-latest-request-shape-matrix-streaming-*", BR_PROTOCOL_CHAT,
      BR_PROTOCOL_MESSAGES, REDUCED_SAID, "JSON is asked for by an instruction" },
    { "*-computer-use-*", BR_PROTOCOL_MESSAGES, BR_PROTOCOL_CHAT, REDUCED_RESULTS,
      "an image of a result follows it, which the result says" },
    { "*-citations-with-*", BR_PROTOCOL_MESSAGES, ANY, REDUCED_SAID,
      "the title of a document of plain text becomes a line of it" },
    { "*-document-file-data-*", BR_PROTOCOL_CHAT, BR_PROTOCOL_GOOGLE, REDUCED_SAID,
      "the name of a file is a text before it" },
};

static const char *
s_excused (const exception_t *rows, size_t count, const char *name,
           br_protocol_t provider, br_protocol_t client, reduced_field_t field)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].field == field
            && (rows[i].provider == ANY || rows[i].provider == provider)
            && (rows[i].client == ANY || rows[i].client == client)
            && fnmatch (rows[i].name, name, 0) == 0)
            return rows[i].reason;
    return NULL;
}

//  ---- the corpus

typedef struct {
    const char *name;
    br_protocol_t protocol;
    unsigned status;
    bool stream;
    char model[128];
    br_blob_t *request; //  NULL when it was not recorded
    uint8_t *answer;
    size_t size;
} case_t;

typedef void (case_fn) (void *arg, const case_t *one);

typedef struct {
    br_protocol_t protocol;
    case_fn *fn;
    void *arg;
} visit_t;

static uint8_t *
s_file (br_protocol_t protocol, const char *name, const char *end, size_t *ret_size)
{
    char *path = br_strf ("%s/../shared/corpus/%s/%s%s", corpus_top (),
                          s_sides[protocol].folder, name, end);
    uint8_t *bytes = corpus_read (path, ret_size);
    free (path);
    return bytes;
}

//  One event a line, as a stream would have them.
static void
s_frame (case_t *one)
{
    br_buf_t out;
    br_buf_init (&out, REDUCED_BYTES_MAX);
    const uint8_t *at = one->answer;
    const uint8_t *end = at + one->size;
    while (at < end) {
        const uint8_t *eol = memchr (at, '\n', (size_t) (end - at));
        size_t size = (size_t) ((eol ? eol : end) - at);
        if (size)
            sse_write_data (&out, NULL, at, size);
        at += size + 1;
    }
    if (one->protocol == BR_PROTOCOL_CHAT)
        sse_write_data (&out, NULL, "[DONE]", 6);
    free (one->answer);
    one->answer = br_buf_take (&out, &one->size);
}

static void
s_load_answer (case_t *one)
{
    one->answer = s_file (one->protocol, one->name, ".sse", &one->size);
    if (!one->answer)
        one->answer = s_file (one->protocol, one->name, ".json", &one->size);
    if (one->answer)
        return;
    one->answer = s_file (one->protocol, one->name, ".chunks.txt", &one->size);
    if (one->answer)
        s_frame (one);
}

static void
s_visit (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    const visit_t *visit = arg;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    assert_non_null (root);
    char *name = br_strndup (file, strlen (file) - strlen (".meta.json"));
    case_t one = { .name = name, .protocol = visit->protocol };
    one.status = (unsigned) json_node_integer (tree, json_get (tree, root, "status"), 0);
    one.stream = json_node_bool (tree, json_get (tree, root, "streaming"), false);
    br_arena_t *arena = br_arena_new ();
    br_text_t model = json_node_text (tree, json_get (tree, root, "model"), arena);
    snprintf (one.model, sizeof one.model, "%.*s", (int) model.size,
              model.at ? model.at : "");
    if (json_node_is (tree, json_get (tree, root, "protocol"),
                      s_sides[visit->protocol].kind)) {
        size_t request_size = 0;
        uint8_t *request = s_file (one.protocol, name, ".request.json", &request_size);
        if (request)
            one.request = br_blob_take (request, request_size);
        s_load_answer (&one);
        visit->fn (visit->arg, &one);
        br_blob_destroy (&one.request);
        free (one.answer);
    }
    br_arena_destroy (&arena);
    free (name);
    json_tree_destroy (&tree);
}

//  All cases of all protocols. Returns false when there is no corpus.
static bool
s_each (case_fn *fn, void *arg)
{
    size_t count = 0;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++) {
        visit_t visit = { (br_protocol_t) i, fn, arg };
        count += corpus_each (s_sides[i].folder, ".meta.json", s_visit, &visit);
    }
    return count > 0;
}

//  ---- comparing

typedef struct {
    unsigned compared, excused, refused, differ;
} tally_t;

static void
s_compare (tally_t *tally, const exception_t *rows, size_t nrows, const case_t *one,
           br_protocol_t other, const char *what, reduced_t *is, reduced_t *wanted)
{
    tally->compared++;
    for (unsigned i = 0; i < REDUCED_FIELDS; i++) {
        const char *a = br_buf_text (&is->fields[i]);
        const char *b = br_buf_text (&wanted->fields[i]);
        if (strcmp (a, b) == 0)
            continue;
        if (s_excused (rows, nrows, one->name, one->protocol, other,
                       (reduced_field_t) i)) {
            tally->excused++;
            continue;
        }
        tally->differ++;
        size_t at = 0;
        while (a[at] && a[at] == b[at])
            at++;
        at = at > 20 ? at - 20 : 0;
        printf ("%s: %s -> %s %s: %s is\n    %.160s\nwanted\n    %.160s\n", one->name,
                s_sides[one->protocol].folder, s_sides[other].folder, what,
                reduced_field_name ((reduced_field_t) i), a + at, b + at);
    }
}

static br_target_t
s_target (br_protocol_t protocol)
{
    const side_t *side = &s_sides[protocol];
    return (
        br_target_t) { .protocol = protocol,
                       .provider = side->provider,
                       .model = side->model,
                       .dialect = br_dialect_of (protocol, side->provider, side->model) };
}

static const char *
s_path_model (br_protocol_t protocol, const case_t *one)
{
    return protocol == BR_PROTOCOL_GOOGLE ? one->model : NULL;
}

//  The case's request in another protocol. 0, or -1 when it cannot be carried there.
//  in:   ret_lossy, may be NULL: something is told to be lost
static int
s_carry (const case_t *one, br_protocol_t other, br_buf_t *out, bool *ret_lossy,
         br_error_t *reterr)
{
    br_translate_t *translate = br_translate_new (one->protocol, one->request,
                                                  s_path_model (one->protocol, one),
                                                  one->stream, "req", 1, reterr);
    if (!translate)
        return -1;
    br_target_t target = s_target (other);
    int rc = br_translate_request (translate, &target, out, reterr);
    assert_true (strlen (br_translate_warnings (translate)) <= BR_LOSS_LINE_MAX);
    if (ret_lossy)
        *ret_lossy = br_translate_warnings (translate)[0] != 0;
    br_translate_destroy (&translate);
    return rc;
}

//  ---- requests

static void
s_reduce_request (br_protocol_t protocol, const void *bytes, size_t size,
                  br_protocol_t names, const case_t *one, reduced_t *ret)
{
    json_tree_t *tree = json_tree_new ();
    br_error_t error = { .text = "" };
    const json_node_t *root = json_tree_parse (tree, bytes, size, &error);
    if (!root)
        fail_msg ("%s: no JSON: %s", one->name, error.text);
    br_call_t *call = br_call_new (protocol);
    if (br_codec_of (protocol)->read_call (call, tree, root, &error))
        fail_msg ("%s: as %s: %s\n%.*s", one->name, s_sides[protocol].folder, error.text,
                  (int) (size > 3000 ? 3000 : size), (const char *) bytes);
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    reduced_call (call, names, ret);
    br_call_destroy (&call);
    json_tree_destroy (&tree);
}

static void
s_check_request (void *arg, const case_t *one)
{
    tally_t *tally = arg;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++) {
        br_protocol_t other = (br_protocol_t) i;
        if (!one->request || one->status != 200 || other == one->protocol)
            continue;
        br_buf_t out;
        br_buf_init (&out, BR_CALL_BYTES_MAX);
        br_error_t error = { .text = "" };
        bool lossy = false;
        unsigned excused = tally->excused;
        if (s_carry (one, other, &out, &lossy, &error)) {
            printf ("%s: %s -> %s refused: %s\n", one->name,
                    s_sides[one->protocol].folder, s_sides[other].folder, error.text);
            assert_int_equal (error.code, BR_EINVALID);
            tally->refused++;
        } else {
            reduced_t is, wanted;
            s_reduce_request (other, out.data, out.size, other, one, &is);
            s_reduce_request (one->protocol, br_blob_data (one->request),
                              br_blob_size (one->request), other, one, &wanted);
            s_compare (tally, s_call_exceptions,
                       sizeof s_call_exceptions / sizeof *s_call_exceptions, one, other,
                       "request", &is, &wanted);
            reduced_free (&wanted);
            reduced_free (&is);
            if (tally->excused > excused && !lossy)
                fail_msg ("%s: -> %s differs and does not say so", one->name,
                          s_sides[other].folder);
        }
        br_buf_free (&out);
    }
}

static void
given_recorded_requests_when_translated_then_they_ask_the_same (void **state)
{
    (void) state;
    tally_t tally = { 0 };
    if (!s_each (s_check_request, &tally))
        return;
    printf ("requests: %u compared, %u fields excused, %u refused\n", tally.compared,
            tally.excused, tally.refused);
    assert_int_equal (tally.differ, 0);
}

//  ---- answers

//  A client of Chat or Completions hears of usage in a stream only if it asks.
static br_blob_t *
s_want_usage (br_protocol_t client, const br_buf_t *body)
{
    if (client != BR_PROTOCOL_CHAT && client != BR_PROTOCOL_COMPLETIONS)
        return br_blob_new (body->data, body->size);
    char *text = br_strf ("%.*s,\"stream\":true,"
                          "\"stream_options\":{\"include_usage\":true}}",
                          (int) body->size - 1, (const char *) body->data);
    return br_blob_take ((uint8_t *) text, strlen (text));
}

//  A translation of a call of this protocol, on its way to the case's provider.
static br_translate_t *
s_ask (const case_t *one, br_protocol_t client, bool stream)
{
    br_error_t error = { .text = "" };
    br_buf_t body;
    br_buf_init (&body, BR_CALL_BYTES_MAX);
    bool carried = one->request && one->status == 200
                   && s_carry (one, client, &body, NULL, &error) == 0;
    if (!carried) {
        br_buf_clear (&body);
        br_buf_adds (&body, s_sides[client].request);
    }
    br_blob_t *blob = s_want_usage (client, &body);
    br_translate_t *translate = br_translate_new (client, blob, "asked-for", stream,
                                                  "req_1", 1700000000, &error);
    if (!translate)
        fail_msg ("%s: %s", one->name, error.text);
    br_blob_destroy (&blob);
    br_buf_clear (&body);
    br_target_t target = s_target (one->protocol);
    if (br_translate_request (translate, &target, &body, &error)) {
        //  What came back may hold what the protocol of the case cannot take.
        br_translate_destroy (&translate);
        br_buf_clear (&body);
        br_buf_adds (&body, s_sides[client].request);
        blob = s_want_usage (client, &body);
        translate = br_translate_new (client, blob, "asked-for", stream, "req_1",
                                      1700000000, &error);
        assert_non_null (translate);
        br_blob_destroy (&blob);
        br_buf_clear (&body);
        assert_int_equal (br_translate_request (translate, &target, &body, &error), 0);
    }
    br_buf_free (&body);
    return translate;
}

//  in:   step, bytes of one push
static void
s_answer (br_translate_t *translate, const uint8_t *bytes, size_t size, size_t step,
          br_buf_t *out)
{
    br_buf_init (out, REDUCED_BYTES_MAX);
    for (size_t at = 0; at < size; at += step)
        br_translate_push (translate, bytes + at, size - at < step ? size - at : step,
                           out);
}

static void
s_check_tap (const case_t *one, const tap_result_t *result, const br_reply_t *reply)
{
    char model[TAP_NAME_MAX];
    snprintf (model, sizeof model, "%.*s", (int) reply->model.size,
              reply->model.at ? reply->model.at : "");
    if (strcmp (result->model, model) != 0)
        fail_msg ("%s: model %s, wanted %s", one->name, result->model, model);
    if (!result->complete || !result->done || result->error || result->unknown)
        fail_msg ("%s: complete %d, done %d, error %d, unknown %d", one->name,
                  result->complete, result->done, result->error, result->unknown);
    assert_int_equal (result->first, TAP_DATA);
    assert_true (result->finish[0]);
    assert_memory_equal (&result->usage, &reply->usage, sizeof reply->usage);
}

//  Streams of the two protocols that have a grammar.
static void
s_check_grammar (const case_t *one, br_protocol_t client, const br_buf_t *out)
{
    char why[512] = "";
    int rc = 0;
    const char *sse = (const char *) out->data;
    if (client == BR_PROTOCOL_MESSAGES)
        rc = messages_grammar_check (sse, out->size, why, sizeof why);
    if (client == BR_PROTOCOL_RESPONSES)
        rc = responses_grammar_check (sse, out->size, why, sizeof why);
    if (rc)
        fail_msg ("%s: %s -> %s: %s\n%.*s", one->name, s_sides[one->protocol].folder,
                  s_sides[client].folder, why,
                  (int) (out->size > 8000 ? 8000 : out->size), sse);
}

static void
s_check_pair (tally_t *tally, const case_t *one, br_protocol_t client, bool stream,
              const br_reply_t *reply)
{
    br_translate_t *translate = s_ask (one, client, stream);
    assert_int_equal (br_translate_stream (translate), stream);
    br_buf_t out;
    s_answer (translate, one->answer, one->size, one->size, &out);
    br_translate_end (translate, &out);
    s_check_tap (one, br_translate_result (translate), reply);
    //  A call that is cut off at the length has no whole arguments, which the grammar
    //  wants.
    if (stream && (client != BR_PROTOCOL_MESSAGES || reply->finish != BR_FINISH_LENGTH))
        s_check_grammar (one, client, &out);
    br_reply_t *heard = br_reply_new ();
    reduced_end_t end = reduced_read (client, out.data, out.size, heard);
    if (end != REDUCED_WHOLE)
        fail_msg ("%s: %s -> %s %s: read back as %d\n%.*s", one->name,
                  s_sides[one->protocol].folder, s_sides[client].folder,
                  stream ? "stream" : "whole", (int) end,
                  (int) (out.size > 3000 ? 3000 : out.size), (const char *) out.data);
    reduced_t is, wanted;
    reduced_reply (heard, client, &is);
    reduced_reply (reply, client, &wanted);
    s_compare (tally, s_answer_exceptions,
               sizeof s_answer_exceptions / sizeof *s_answer_exceptions, one, client,
               stream ? "stream" : "whole", &is, &wanted);
    reduced_free (&wanted);
    reduced_free (&is);
    br_reply_destroy (&heard);
    br_buf_free (&out);
    br_translate_destroy (&translate);
}

//  An answer that is an error, or cut as it was recorded.
static void
s_check_bad (const case_t *one, br_protocol_t client, bool stream, reduced_end_t end)
{
    br_translate_t *translate = s_ask (one, client, stream);
    br_buf_t out;
    s_answer (translate, one->answer, one->size, one->size, &out);
    br_translate_end (translate, &out);
    const tap_result_t *result = br_translate_result (translate);
    assert_false (result->complete);
    if (end == REDUCED_ERROR) {
        assert_true (result->error);
        if (result->first == TAP_ERROR)
            assert_int_equal (out.size, 0);
    }
    if (!stream)
        assert_int_equal (out.size, 0);
    br_reply_t *heard = br_reply_new ();
    if (out.size)
        assert_int_not_equal (reduced_read (client, out.data, out.size, heard),
                              REDUCED_WHOLE);
    br_reply_destroy (&heard);
    br_buf_free (&out);
    br_translate_destroy (&translate);
}

static bool
s_is_no_answer (const case_t *one)
{
    for (size_t i = 0; i < sizeof s_no_answers / sizeof s_no_answers[0]; i++)
        if (strcmp (one->name, s_no_answers[i]) == 0)
            return true;
    return false;
}

static void
s_check_answer (void *arg, const case_t *one)
{
    tally_t *tally = arg;
    assert_non_null (one->answer);
    br_reply_t *reply = br_reply_new ();
    reduced_end_t end = reduced_read (one->protocol, one->answer, one->size, reply);
    if (end != REDUCED_WHOLE)
        printf ("%s: %s (%u)\n", one->name,
                end == REDUCED_ERROR ? "an error"
                : end == REDUCED_CUT ? "cut"
                                     : "no answer",
                one->status);
    if (one->status == 200 && end == REDUCED_NONSENSE && !s_is_no_answer (one))
        fail_msg ("%s: makes no sense", one->name);
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
        for (unsigned stream = 0; stream < 2 && i != one->protocol; stream++)
            if (end == REDUCED_WHOLE && reply->finish != BR_FINISH_MALFORMED)
                s_check_pair (tally, one, (br_protocol_t) i, stream, reply);
            else
                s_check_bad (one, (br_protocol_t) i, stream, end);
    br_reply_destroy (&reply);
}

static void
given_recorded_answers_when_translated_then_they_say_the_same (void **state)
{
    (void) state;
    tally_t tally = { 0 };
    if (!s_each (s_check_answer, &tally))
        return;
    printf ("answers: %u compared, %u fields excused\n", tally.compared, tally.excused);
    assert_int_equal (tally.differ, 0);
}

//  ---- pieces and cuts

static void
s_check_bytes (void *arg, const case_t *one)
{
    unsigned *count = arg;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
        for (unsigned stream = 0; stream < 2 && i != one->protocol; stream++) {
            br_buf_t whole, pieces;
            br_translate_t *translate = s_ask (one, (br_protocol_t) i, stream);
            s_answer (translate, one->answer, one->size, one->size, &whole);
            br_translate_end (translate, &whole);
            br_translate_destroy (&translate);
            translate = s_ask (one, (br_protocol_t) i, stream);
            s_answer (translate, one->answer, one->size, 1, &pieces);
            br_translate_end (translate, &pieces);
            br_translate_destroy (&translate);
            assert_int_equal (whole.size, pieces.size);
            if (whole.size)
                assert_memory_equal (whole.data, pieces.data, whole.size);
            br_buf_free (&pieces);
            br_buf_free (&whole);
            (*count)++;
        }
}

static void
given_recorded_answers_when_fed_byte_by_byte_then_the_bytes_are_the_same (void **state)
{
    (void) state;
    unsigned count = 0;
    if (s_each (s_check_bytes, &count))
        printf ("byte by byte: %u\n", count);
}

static void
s_check_cut (const case_t *one, br_protocol_t client, bool stream, size_t size)
{
    br_translate_t *translate = s_ask (one, client, stream);
    br_buf_t out;
    s_answer (translate, one->answer, size, size, &out);
    const tap_result_t *result = br_translate_result (translate);
    br_reply_t *heard = br_reply_new ();
    if (!result->complete && out.size
        && reduced_read (client, out.data, out.size, heard) == REDUCED_WHOLE)
        fail_msg ("%s: %s -> %s looks whole when cut at %zu: %.*s", one->name,
                  s_sides[one->protocol].folder, s_sides[client].folder, size,
                  (int) (out.size > 2000 ? 2000 : out.size),
                  (const char *) out.data + (out.size > 2000 ? out.size - 2000 : 0));
    if (result->complete)
        assert_true (result->done && result->finish[0]);
    //  A provider may leave out what ends a stream, but not why it finished.
    br_translate_end (translate, &out);
    if (result->complete)
        assert_true (result->finish[0]);
    else if (!stream)
        assert_int_equal (out.size, 0);
    br_reply_destroy (&heard);
    br_buf_free (&out);
    br_translate_destroy (&translate);
}

//  Behind the blank line that ends an event; the size when there is none.
static size_t
s_next_event (const case_t *one, size_t at)
{
    while (at < one->size && one->answer[at] != '\n')
        at++;
    while (at < one->size && (one->answer[at] == '\n' || one->answer[at] == '\r'))
        at++;
    return at;
}

static void
s_check_cuts (void *arg, const case_t *one)
{
    unsigned *count = arg;
    if (one->answer[0] == '{' || one->answer[0] == '[')
        return;
    for (size_t at = s_next_event (one, 0); at < one->size; at = s_next_event (one, at))
        for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
            for (unsigned stream = 0; stream < 2 && i != one->protocol; stream++) {
                s_check_cut (one, (br_protocol_t) i, stream, at);
                (*count)++;
            }
}

static void
given_recorded_streams_when_cut_then_they_never_look_whole (void **state)
{
    (void) state;
    unsigned count = 0;
    if (s_each (s_check_cuts, &count))
        printf ("cuts: %u\n", count);
}

static void
given_a_call_to_count_when_translated_then_the_count_is_asked (void **state)
{
    (void) state;
    static const char body[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                               "\"content\":\"hi\"}]}";
    br_blob_t *blob = br_blob_new (body, sizeof body - 1);
    br_error_t error = { .code = BR_OK };
    br_translate_t *translate = br_translate_new_count (BR_PROTOCOL_MESSAGES, blob, NULL,
                                                        &error);
    assert_non_null (translate);
    br_target_t target = { BR_PROTOCOL_GOOGLE, "google", "g-1",
                           br_dialect_of (BR_PROTOCOL_GOOGLE, "google", "g-1"), 0 };
    br_buf_t out;
    br_buf_init (&out, 4096);
    assert_int_equal (br_translate_request (translate, &target, &out, &error), 0);
    assert_string_equal (br_buf_text (&out),
                         "{\"generateContentRequest\":{\"model\":\"models/g-1\","
                         "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]"
                         "}]}}");
    //  given: a protocol that cannot count
    target = (br_target_t) { BR_PROTOCOL_CHAT, "acme", "m-1",
                             br_dialect_of (BR_PROTOCOL_CHAT, "acme", "m-1"), 0 };
    br_buf_clear (&out);
    assert_int_equal (br_translate_request (translate, &target, &out, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    br_buf_free (&out);
    br_translate_destroy (&translate);
    br_blob_destroy (&blob);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_recorded_requests_when_translated_then_they_ask_the_same),
        cmocka_unit_test (given_recorded_answers_when_translated_then_they_say_the_same),
        cmocka_unit_test (
            given_recorded_answers_when_fed_byte_by_byte_then_the_bytes_are_the_same),
        cmocka_unit_test (given_recorded_streams_when_cut_then_they_never_look_whole),
        cmocka_unit_test (given_a_call_to_count_when_translated_then_the_count_is_asked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
