//  Fuzzer of streams on their way through the guard: what all its texts say behind it is what
//  they say in front of it, each put together of its pieces and redacted at once, whatever
//  the protocol and the cuts. The first bytes choose protocol and cuts; the others are a
//  script, a byte for each event, or the stream itself.
//
//  Most of the time goes into reading JSON with all that a sanitizer counts, so what the
//  oracle has read of an event is remembered, most scripts are short ones, and one in four
//  is also sent past rules that find nothing.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/broker/guard/streamed.h"

#define HEAD 4           //  bytes of the input that are no script
#define STREAM_MAX 65536 //  bytes
#define SCRIPT_MAX 512   //  bytes of the input
#define SHORT_MAX 48     //  ... of most
#define READS 4096       //  events that are remembered
#define READ_MAX 512     //  bytes of one; a longer one is read each time
#define READ_SPANS 8     //  ... and so is one with more texts

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "pair", "ab|bcd|dd+", "redact" },
    { "word", "\\bword\\b|(?<=x)y$", "redact" },
    { "key", "pass\": ?\"?[a-z0-9]+", "redact" },
    { "number", "77", "redact" },
    { "half", "\\xC3|\\xF0\\x9F\\x98\\x80", "redact" },
    { NULL, NULL, NULL },
};

static const char *const s_nothing[][3] = {
    { "never", "\\x01\\x02[0-9]{8}", "redact" },
    { NULL, NULL, NULL },
};

typedef enum {
    OP_TEXT,
    OP_OTHER, //  of another choice or block
    OP_THOUGHT,
    OP_ARGUMENTS,
    OP_LAST, //  a piece that ends its text
    OP_END,
    OP_WHOLE,
    OP_FRAME, //  what is no event
    OPS
} op_t;

//  What stands around a piece; NULL = there is no such event.
typedef struct {
    const char *before;
    const char *behind;
} around_t;

typedef struct {
    br_surface_t surface;
    around_t ops[OPS];
} protocol_row_t;

#define CHOICE(n) "data: {\"id\":\"c\",\"choices\":[{\"index\":" n ",\"delta\":{"
#define DELTA(type, key)                                                                 \
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"" type    \
    "\",\"" key "\":\""
#define PART "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\""
#define EVENT(type, key)                                                                 \
    "event: " type "\ndata: {\"type\":\"" type                                           \
    "\",\"output_index\":0,\"item_id\":\"i\","                                           \
    "\"content_index\":0,\"sequence_number\":9,\"" key "\":\""

static const protocol_row_t s_protocols[] = {
    { BR_SURFACE_CHAT,
      { [OP_TEXT] = { CHOICE ("0") "\"content\":\"", "\"}}]}" },
        [OP_OTHER] = { CHOICE ("1") "\"content\":\"", "\"}}]}" },
        [OP_THOUGHT] = { CHOICE ("0") "\"reasoning_content\":\"", "\"}}]}" },
        [OP_ARGUMENTS] = { CHOICE ("0") "\"tool_calls\":[{\"index\":0,\"function\":"
                                        "{\"arguments\":\"",
                           "\"}}]}}]}" },
        [OP_LAST] = { CHOICE ("0") "\"content\":\"",
                      "\"},\"finish_reason\":\"stop\"}]}" },
        [OP_END] = { CHOICE ("1") "},\"finish_reason\":\"", "\"}]}" },
        [OP_WHOLE] = { "data: {\"error\":{\"message\":\"", "\"}}" } } },
    { BR_SURFACE_MESSAGES,
      { [OP_TEXT] = { DELTA ("text_delta", "text"), "\"}}" },
        [OP_THOUGHT] = { DELTA ("thinking_delta", "thinking"), "\"}}" },
        [OP_ARGUMENTS] = { DELTA ("input_json_delta", "partial_json"), "\"}}" },
        [OP_LAST] = { DELTA ("signature_delta", "signature"), "\"}}" },
        [OP_END] = { "data: {\"type\":\"content_block_stop\",\"index\":0,\"x\":\"",
                     "\"}" },
        [OP_WHOLE] = { "data: {\"type\":\"error\",\"error\":{\"message\":\"",
                       "\"}}" } } },
    { BR_SURFACE_RESPONSES,
      { [OP_TEXT] = { EVENT ("response.output_text.delta", "delta"), "\"}" },
        [OP_THOUGHT] = { EVENT ("response.reasoning_text.delta", "delta"), "\"}" },
        [OP_ARGUMENTS] = { EVENT ("response.function_call_arguments.delta", "delta"),
                           "\"}" },
        [OP_END] = { EVENT ("response.output_text.done", "text"), "\"}" },
        [OP_WHOLE] = { EVENT ("response.function_call_arguments.done", "arguments"),
                       "\"}" } } },
    { BR_SURFACE_GOOGLE_STREAM,
      { [OP_TEXT] = { PART, "\"}]}}]}" },
        [OP_THOUGHT] = { PART, "\",\"thought\":true}]}}]}" },
        [OP_OTHER] = { "data: {\"candidates\":[{\"index\":1,\"content\":{\"parts\":"
                       "[{\"text\":\"",
                       "\"}]}}]}" },
        [OP_LAST] = { PART, "\"}]},\"finishReason\":\"STOP\"}]}" },
        [OP_WHOLE] = { "data: {\"candidates\":[{\"content\":{\"parts\":[{"
                       "\"functionCall\":{\"args\":{\"a\":\"",
                       "\"}}}]}}]}" } } },
};
#define PROTOCOLS (sizeof s_protocols / sizeof s_protocols[0])

//  Pieces, as they stand in a JSON string.
static const char *const s_pieces[] = {
    "",
    "a \\u0073e",
    "c12",
    "34",
    "sec1234",
    " word",
    "\xC3\xA9",
    "\\ud83d",
    "\\ude00",
    "ab",
    "cd",
    "ddd",
    "xy",
    "\\u00c3\\n",
    "s",
    "wor",
    "\xF0\x9F\x98\x80 ",
    "\\\\u0061b",
    "7",
    "1",
};
static const char *const s_json_pieces[] = {
    "",           "{\\\"a\\\":\\\"",
    "\\\"}",      "\\\\u0073e",
    "c12",        "34",
    "sec1234",    "\\\\",
    "nword\\\\n", "77",
    "1",          "true,",
    "\\\":",      ",\\\"pass\\\":\\\"",
    "\\\\ud8",    "3d\\\\ude00",
    "[",          "]",
    "\xC3\xA9",   "u0061b",
};
#define HALF 7 //  the piece that waits for another half
#define PIECES (sizeof s_pieces / sizeof s_pieces[0])
_Static_assert(sizeof s_json_pieces == sizeof s_pieces, "as many of both");

//  Clients pass over those in front; of these the last do not go on.
#define FRAMES_LEFT 2
static const char *const s_frames[] = {
    "\n", "id: 7\n", "data: [DONE]\n\n", ": c\n", "foo: sec1234\n", ": sec1234\n",
};
#define FRAMES (sizeof s_frames / sizeof s_frames[0])

static void
s_write_event (const protocol_row_t *protocol, op_t op, size_t piece, br_buf_t *out)
{
    static const char *const ends[] = { "\n\n", "\r\n\r\n", "\r\r" };
    const around_t *around = &protocol->ops[op];
    if (op == OP_FRAME)
        br_buf_adds (out, s_frames[piece % FRAMES]);
    if (!around->before)
        return;
    bool is_json = op == OP_ARGUMENTS
                   || (op == OP_WHOLE && protocol->surface == BR_SURFACE_RESPONSES);
    br_buf_adds (out, around->before);
    br_buf_adds (out, (is_json ? s_json_pieces : s_pieces)[piece % PIECES]);
    br_buf_adds (out, around->behind);
    br_buf_adds (out, ends[piece % 7 == 0 ? piece % 3 : 0]);
}

//  ---- the oracle's events

//  What was read of one.
typedef struct {
    char data[READ_MAX];
    size_t size;
    br_surface_t surface;
    int rc;
    br_text_event_t told;
    br_text_span_t spans[READ_SPANS];
    size_t spans_size; //  bytes
} read_t;

static size_t
s_slot (br_surface_t surface, br_text_t data)
{
    uint64_t hash = data.size + (uint64_t) surface * 1000;
    for (size_t at = 0; at < data.size; at += sizeof hash) {
        uint64_t word = 0;
        size_t left = data.size - at;
        memcpy (&word, data.at + at, left < sizeof word ? left : sizeof word);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    return (size_t) (hash % READS);
}

//  What is said of an event depends on nothing but its bytes: those that were read before
//  are looked up. Nothing is allocated for it: libFuzzer runs what leaves an allocation
//  behind twice.
static int
s_texts_of (br_surface_t surface, br_text_t data, br_text_event_t *told, br_buf_t *spans)
{
    static read_t *reads;
    if (!reads)
        reads = br_alloc (READS, sizeof *reads);
    if (data.size > READ_MAX)
        return streamed_texts (surface, data, told, spans);
    read_t *read = &reads[s_slot (surface, data)];
    if (read->size != data.size || read->surface != surface
        || memcmp (read->data, data.at, data.size) != 0) {
        size_t before = spans->size;
        int rc = streamed_texts (surface, data, told, spans);
        size_t fresh = spans->size - before;
        if (fresh > sizeof read->spans)
            return rc;
        memcpy (read->data, data.at, data.size);
        if (fresh)
            memcpy (read->spans, spans->data + before, fresh);
        read->size = data.size;
        read->surface = surface;
        read->rc = rc;
        read->told = *told;
        read->spans_size = fresh;
        return rc;
    }
    *told = read->told;
    br_buf_add (spans, read->spans, read->spans_size);
    return read->rc;
}

static void
s_read (streamed_t *read, br_surface_t surface, const guard_rules_t *rules,
        const br_buf_t *stream)
{
    bool joins = read->joins;
    streamed_init (read, surface, rules);
    read->joins = joins;
    read->texts_of = s_texts_of;
    streamed_read (read, stream->data, stream->size);
}

//  ---- checks

//  No text of the answer still has what the simplest pattern finds.
static void
s_check_gone (const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t left = size; left >= 7; left--, at++) {
        bool is_secret = memcmp (at, "sec", 3) == 0;
        for (size_t i = 3; i < 7 && is_secret; i++)
            is_secret = at[i] >= '0' && at[i] <= '9';
        assert (!is_secret);
    }
}

//  Also none that was put together though it had ended.
static void
s_check_joined (br_surface_t surface, const br_buf_t *out)
{
    streamed_t read = { .joins = true };
    s_read (&read, surface, NULL, out);
    s_check_gone (read.told.data, read.told.size);
    streamed_free (&read);
}

static void
s_check_texts (const guard_rules_t *rules, br_surface_t surface, const br_buf_t *given,
               const br_buf_t *out)
{
    streamed_t wanted = { .joins = false }, got = { .joins = false };
    s_read (&wanted, surface, rules, given);
    s_read (&got, surface, NULL, out);
    //  What is late is another text for the guard.
    if (wanted.unreadable == 0 && wanted.late == 0) {
        assert (got.unreadable == 0);
        assert (got.told.size == wanted.told.size);
        assert (!got.told.size
                || memcmp (got.told.data, wanted.told.data, got.told.size) == 0);
    }
    streamed_free (&got);
    streamed_free (&wanted);
}

//  It may not be stopped for nothing.
static void
s_check_stopped (br_surface_t surface, const br_buf_t *given)
{
    streamed_t read = { .joins = false };
    s_read (&read, surface, NULL, given);
    assert (read.unreadable || read.again || read.late);
    streamed_free (&read);
}

static void
s_check (const guard_rules_t *rules, br_surface_t surface, const br_buf_t *given,
         size_t first, size_t most, bool redacts, bool may_change)
{
    br_buf_t whole, split;
    br_buf_init (&whole, CHANNELLED_MAX);
    br_buf_init (&split, CHANNELLED_MAX);
    int rc = streamed_guard (rules, surface, given->data, given->size, 0, given->size + 1,
                             &whole);
    assert (streamed_guard (rules, surface, given->data, given->size, first, most, &split)
            == rc);
    assert (split.size == whole.size);
    assert (!whole.size || memcmp (split.data, whole.data, whole.size) == 0);
    if (rc == 0)
        s_check_texts (rules, surface, given, &whole);
    else
        s_check_stopped (surface, given);
    if (redacts)
        s_check_joined (surface, &whole);
    if (rc == 0 && !may_change) {
        assert (whole.size == given->size);
        assert (!whole.size || memcmp (whole.data, given->data, whole.size) == 0);
    }
    br_buf_free (&split);
    br_buf_free (&whole);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    //  Compiled once: they are only read.
    static guard_rules_t *rules, *nothing;
    if (!rules) {
        rules = channelled_rules (s_rows);
        nothing = channelled_rules (s_nothing);
    }
    if (size < HEAD || size > SCRIPT_MAX)
        return 0;
    const protocol_row_t *protocol = &s_protocols[bytes[0] % PROTOCOLS];
    br_buf_t given;
    br_buf_init (&given, STREAM_MAX * 16);
    bool is_script = bytes[0] < 192;
    bool may_change = !is_script;
    unsigned choice = bytes[0] / PROTOCOLS; //  of what costs time
    size = size > SHORT_MAX && is_script && choice % 24 ? SHORT_MAX : size;
    for (size_t i = HEAD; i + 1 < size && is_script; i += 2) {
        op_t op = bytes[i] % OPS;
        may_change = may_change || op == OP_ARGUMENTS || op == OP_WHOLE
                     || (op == OP_FRAME && bytes[i + 1] % FRAMES >= FRAMES - FRAMES_LEFT)
                     || bytes[i + 1] % PIECES == HALF;
        s_write_event (protocol, op, bytes[i + 1], &given);
    }
    if (!is_script)
        br_buf_add (&given, bytes + HEAD, size - HEAD);
    size_t first = bytes[1] | (size_t) bytes[2] << 8;
    size_t most = bytes[3] ? bytes[3] : SIZE_MAX / 2;
    s_check (rules, protocol->surface, &given, first, most, true, true);
    if (choice % 4 == 1 || !is_script)
        s_check (nothing, protocol->surface, &given, first, most, false, may_change);
    br_buf_free (&given);
    return 0;
}
