//  gemini_stream: reads a provider's stream. Each event is a whole response that holds
//  only what is new.
//
//  Text goes on in the open block of its kind; a signature ends its block, so that it
//  stays with the part that it came on. What ends a candidate is told when the bytes have
//  ended, for parts and counts may come behind the reason.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/gemini/gemini_parts.h"
#include "broker/proto/gemini/gemini_partial.h"

typedef enum {
    OPEN_NOTHING,
    OPEN_TEXT,
    OPEN_THOUGHT,
    OPEN_CALL //  its arguments go on
} open_t;

typedef struct {
    bool started;
    bool seen;       //  the provider named it
    bool finished;   //  it told why it ended
    bool called;     //  a tool
    bool texted;     //  a block of text is there
    unsigned blocks; //  begun so far
    unsigned text_block;
    open_t open;
    br_finish_t finish;
    char native[GEMINI_WORD_MAX];
    gemini_partial_t *partial; //  owned; NULL until it is needed
} candidate_t;

//  Texts that an event needs unescaped, each in its own buffer, used again and again.
typedef enum {
    SCRATCH_TEXT,
    SCRATCH_ID,
    SCRATCH_NAME,
    SCRATCH_MODEL,
    SCRATCHES
} scratch_t;

typedef struct {
    candidate_t candidates[GEMINI_CHOICES_MAX];
    br_buf_t scratch[SCRATCHES];
    br_buf_t model; //  the provider's name of it, for blobs
    bool failed;    //  an error came; nothing follows it
} reader_t;

//  One event under way.
typedef struct {
    reader_t *reader;
    candidate_t *candidate;
    unsigned choice;
    const json_tree_t *tree;
    br_delta_fn *fn;
    void *arg;
    br_error_t *reterr;
} event_t;

void *
gemini_reader_new (void)
{
    reader_t *self = BR_NEW (reader_t);
    for (size_t i = 0; i < SCRATCHES; i++)
        br_buf_init (&self->scratch[i], BR_REPLY_BYTES_MAX);
    br_buf_init (&self->model, BR_REPLY_BYTES_MAX);
    return self;
}

void
gemini_reader_destroy (void **reader_p)
{
    if (!reader_p || !*reader_p)
        return;
    reader_t *self = *reader_p;
    for (size_t i = 0; i < GEMINI_CHOICES_MAX; i++)
        gemini_partial_destroy (&self->candidates[i].partial);
    for (size_t i = 0; i < SCRATCHES; i++)
        br_buf_free (&self->scratch[i]);
    br_buf_free (&self->model);
    free (self);
    *reader_p = NULL;
}

//  ---- texts and deltas

//  A string as it stands, or unescaped in a buffer until that is used again.
static br_text_t
s_text (const event_t *self, const json_node_t *node, scratch_t scratch)
{
    if (!json_is (node, JSON_STRING))
        return BR_TEXT_NONE;
    if (node->plain) {
        br_text_t raw = json_raw (self->tree, node);
        return (br_text_t) { raw.at + 1, raw.size - 2 };
    }
    br_buf_t *buf = &self->reader->scratch[scratch];
    br_buf_clear (buf);
    if (json_node_add (self->tree, node, buf) || !buf->data)
        return BR_TEXT ("");
    return (br_text_t) { (const char *) buf->data, buf->size };
}

static void
s_say (const event_t *self, br_delta_t delta)
{
    delta.choice = self->choice;
    self->fn (self->arg, &delta);
}

static unsigned
s_block (const event_t *self)
{
    return self->candidate->blocks - 1;
}

static void
s_end_call (event_t *self)
{
    br_buf_t *buf = &self->reader->scratch[SCRATCH_TEXT];
    if (self->candidate->open != OPEN_CALL)
        return;
    br_buf_clear (buf);
    gemini_partial_end (self->candidate->partial, buf);
    self->candidate->open = OPEN_NOTHING;
    s_say (self, (br_delta_t) { .kind = BR_DELTA_ARGS,
                                .block = s_block (self),
                                .text = { (const char *) buf->data, buf->size } });
}

//  A new block, unless one of the kind is open that goes on.
static void
s_open (event_t *self, open_t open)
{
    if (open != OPEN_NOTHING && self->candidate->open == open)
        return;
    s_end_call (self);
    self->candidate->open = open;
    self->candidate->blocks++;
}

//  The part's signature belongs to the block that came last.
static void
s_sign (event_t *self, const json_node_t *part)
{
    br_text_t bytes = s_text (self, json_given (self->tree, part, "thoughtSignature"),
                              SCRATCH_TEXT);
    if (bytes.size == 0)
        return;
    const br_buf_t *model = &self->reader->model;
    br_opaque_t opaque = { .family = BR_FAMILY_GOOGLE,
                           .kind = BR_OPAQUE_THOUGHT,
                           .bytes = bytes,
                           .model = { (const char *) model->data, model->size } };
    s_say (self, (br_delta_t) { .kind = BR_DELTA_OPAQUE,
                                .block = s_block (self),
                                .opaque = &opaque });
}

//  ---- parts

static int
s_part_text (event_t *self, const json_node_t *part, const json_node_t *node)
{
    bool thought = json_node_bool (self->tree, json_given (self->tree, part, "thought"),
                                   false);
    open_t open = thought ? OPEN_THOUGHT : OPEN_TEXT;
    bool has_signature = json_given (self->tree, part, "thoughtSignature");
    br_text_t text = s_text (self, node, SCRATCH_TEXT);
    if (text.size == 0 && !has_signature)
        return 0;
    bool begins = self->candidate->open != open;
    s_open (self, open);
    if (!thought) {
        self->candidate->texted = true;
        self->candidate->text_block = s_block (self);
    }
    if (text.size || begins)
        s_say (self, (br_delta_t) { .kind = thought ? BR_DELTA_REASONING : BR_DELTA_TEXT,
                                    .block = s_block (self),
                                    .text = text.at ? text : BR_TEXT ("") });
    if (has_signature) {
        s_sign (self, part);
        self->candidate->open = OPEN_NOTHING;
    }
    return 0;
}

//  Pieces of a call's arguments, and whether more will come.
static int
s_call_pieces (event_t *self, const json_node_t *node)
{
    const json_tree_t *tree = self->tree;
    br_buf_t *buf = &self->reader->scratch[SCRATCH_TEXT];
    const json_node_t *pieces = json_given (tree, node, "partialArgs");
    br_buf_clear (buf);
    for (const json_node_t *n = json_first (tree, pieces); n; n = json_next (tree, n))
        if (gemini_partial_add (self->candidate->partial, tree, n, buf, self->reterr))
            return -1;
    if (buf->size)
        s_say (self, (br_delta_t) { .kind = BR_DELTA_ARGS,
                                    .block = s_block (self),
                                    .text = { (const char *) buf->data, buf->size } });
    if (!json_node_bool (tree, json_given (tree, node, "willContinue"), false))
        s_end_call (self);
    return 0;
}

static int
s_part_call (event_t *self, const json_node_t *part, const json_node_t *node)
{
    const json_tree_t *tree = self->tree;
    br_text_t name = s_text (self, json_given (tree, node, "name"), SCRATCH_NAME);
    bool goes_on = json_node_bool (tree, json_given (tree, node, "willContinue"), false);
    const json_node_t *args = json_given (tree, node, "args");
    if (name.size == 0) //  of the call that is open; else nobody's
        return self->candidate->open == OPEN_CALL ? s_call_pieces (self, node) : 0;
    s_end_call (self);
    s_open (self, OPEN_NOTHING);
    self->candidate->called = true;
    s_say (self,
           (br_delta_t) { .kind = BR_DELTA_CALL,
                          .block = s_block (self),
                          .id = s_text (self, json_given (tree, node, "id"), SCRATCH_ID),
                          .name = name });
    s_sign (self, part);
    if (!goes_on && !json_given (tree, node, "partialArgs")) {
        br_text_t text = json_is (args, JSON_OBJECT) ? json_raw (tree, args)
                                                     : BR_TEXT ("{}");
        s_say (self, (br_delta_t) {
                         .kind = BR_DELTA_ARGS, .block = s_block (self), .text = text });
        return 0;
    }
    if (!self->candidate->partial)
        self->candidate->partial = gemini_partial_new ();
    self->candidate->open = OPEN_CALL;
    return s_call_pieces (self, node);
}

static int
s_part_media (event_t *self, const json_node_t *part, const json_node_t *node)
{
    (void) part;
    const json_tree_t *tree = self->tree;
    br_media_t media = {
        .mime = s_text (self, json_given (tree, node, "mimeType"), SCRATCH_NAME),
        .data = s_text (self, json_given (tree, node, "data"), SCRATCH_TEXT),
        .url = s_text (self, json_given (tree, node, "fileUri"), SCRATCH_ID)
    };
    if (!media.data.at && !media.url.at)
        return 0;
    s_open (self, OPEN_NOTHING);
    s_say (self, (br_delta_t) { .kind = BR_DELTA_MEDIA,
                                .block = s_block (self),
                                .media = &media,
                                .media_kind = gemini_media_kind (media.mime) });
    return 0;
}

//  An item of Google's own tools: the whole part, with its signature.
static void
s_hosted (event_t *self, const json_node_t *part)
{
    s_open (self, OPEN_NOTHING);
    s_say (self, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                .block = s_block (self),
                                .raw = json_raw (self->tree, part),
                                .family = BR_FAMILY_GOOGLE });
}

typedef int (part_fn) (event_t *self, const json_node_t *part, const json_node_t *node);

static const struct {
    const char *key;
    json_type_t type;
    part_fn *fn;
} s_parts[] = {
    { "text", JSON_STRING, s_part_text },
    { "functionCall", JSON_OBJECT, s_part_call },
    { "inlineData", JSON_OBJECT, s_part_media },
    { "fileData", JSON_OBJECT, s_part_media },
};

//  A call whose answer stands right behind it was of a tool that the provider ran itself.
static bool
s_is_answered (const event_t *self, const json_node_t *part)
{
    const json_node_t *next = json_next (self->tree, part);
    return json_given (self->tree, part, "functionCall") && next
           && json_given (self->tree, next, "functionResponse");
}

//  Whether a part holds data beside its marks.
static bool
s_has_data (const event_t *self, const json_node_t *part)
{
    for (const json_node_t *n = json_first (self->tree, part); n;
         n = json_next (self->tree, n))
        if (n->type != JSON_NULL && !json_key_is (self->tree, n, "thought")
            && !json_key_is (self->tree, n, "thoughtSignature"))
            return true;
    return false;
}

static int
s_part (event_t *self, const json_node_t *part)
{
    if (!json_is (part, JSON_OBJECT))
        return 0;
    bool answered = s_is_answered (self, part);
    for (size_t i = 0; i < sizeof s_parts / sizeof s_parts[0] && !answered; i++) {
        const json_node_t *node = json_given (self->tree, part, s_parts[i].key);
        if (json_is (node, s_parts[i].type))
            return s_parts[i].fn (self, part, node);
    }
    if (!s_has_data (self, part))
        return s_part_text (self, part, NULL);
    s_hosted (self, part);
    return 0;
}

//  ---- candidates

static void
s_start (event_t *self, const json_node_t *root)
{
    if (self->candidate->started)
        return;
    self->candidate->started = true;
    s_say (self, (br_delta_t) {
                     .kind = BR_DELTA_START,
                     .id = s_text (self, json_given (self->tree, root, "responseId"),
                                   SCRATCH_ID),
                     .model = s_text (self, json_given (self->tree, root, "modelVersion"),
                                      SCRATCH_MODEL) });
}

static void
s_finish (event_t *self, const json_node_t *reason, bool blocked)
{
    candidate_t *candidate = self->candidate;
    br_text_t word = s_text (self, reason, SCRATCH_NAME);
    if (word.size == 0)
        return;
    candidate->finished = candidate->seen = true;
    candidate->finish = blocked ? BR_FINISH_FILTER : gemini_finish_of (word);
    size_t size = word.size < GEMINI_WORD_MAX ? word.size : GEMINI_WORD_MAX - 1;
    memcpy (candidate->native, word.at, size);
    candidate->native[size] = 0;
}

//  What an answer rests on, told of the last text.
static void
s_cite (event_t *self, const json_node_t *node)
{
    const json_node_t *grounding = json_given (self->tree, node, "groundingMetadata");
    if (!self->candidate->texted || !json_is (grounding, JSON_OBJECT)
        || grounding->count == 0)
        return;
    s_say (self, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                .block = self->candidate->text_block,
                                .raw = json_raw (self->tree, grounding),
                                .family = BR_FAMILY_GOOGLE });
}

static void
s_say_logprobs (const event_t *self, const json_node_t *node)
{
    const json_node_t *result = json_given (self->tree, node, "logprobsResult");
    const json_node_t *chosen = json_given (self->tree, result, "chosenCandidates");
    br_buf_t *buf = &self->reader->scratch[SCRATCH_TEXT];
    if (!json_is (chosen, JSON_ARRAY) || chosen->count == 0)
        return;
    br_buf_clear (buf);
    json_writer_t writer = json_writer (buf);
    gemini_put_logprobs (&writer, self->tree, result);
    if (!buf->overflow)
        s_say (self, (br_delta_t) { .kind = BR_DELTA_LOGPROBS,
                                    .raw = { (const char *) buf->data, buf->size } });
}

static int
s_candidate (event_t *self, const json_node_t *root, const json_node_t *node)
{
    const json_tree_t *tree = self->tree;
    int64_t index = json_node_integer (tree, json_given (tree, node, "index"), 0);
    if (!json_is (node, JSON_OBJECT) || index < 0 || index >= GEMINI_CHOICES_MAX)
        return br_error_set (self->reterr, BR_EUPINVALID,
                             "the provider sent a candidate that is none");
    self->choice = (unsigned) index;
    self->candidate = &self->reader->candidates[index];
    self->candidate->seen = true;
    s_start (self, root);
    const json_node_t *parts = json_given (tree, json_given (tree, node, "content"),
                                           "parts");
    if (json_is (parts, JSON_ARRAY))
        for (const json_node_t *n = json_first (tree, parts); n; n = json_next (tree, n))
            if (s_part (self, n))
                return -1;
    s_cite (self, node);
    s_say_logprobs (self, node);
    s_finish (self, json_given (tree, node, "finishReason"), false);
    return 0;
}

//  ---- events

static void
s_fail (event_t *self, const json_node_t *error)
{
    br_text_t text = s_text (self, json_given (self->tree, error, "message"),
                             SCRATCH_TEXT);
    self->reader->failed = true;
    s_say (self, (br_delta_t) { .kind = BR_DELTA_ERROR,
                                .code = gemini_error_code (self->tree, error),
                                .text = text.size ? text
                                                  : BR_TEXT ("the provider broke the "
                                                             "answer off") });
}

static void
s_use (event_t *self, const json_node_t *root)
{
    const json_node_t *node = json_given (self->tree, root, "usageMetadata");
    br_delta_t delta = { .kind = BR_DELTA_USAGE };
    if (!json_is (node, JSON_OBJECT))
        return;
    br_text_t raw = json_raw (self->tree, node);
    if (br_usage_read (BR_PROTOCOL_GOOGLE, raw.at, raw.size, &delta.usage) == 0)
        s_say (self, delta);
}

static void
s_note_model (event_t *self, const json_node_t *root)
{
    const json_node_t *model = json_given (self->tree, root, "modelVersion");
    if (self->reader->model.size == 0 && model)
        json_node_add (self->tree, model, &self->reader->model);
}

static int
s_response (event_t *self, const json_node_t *root)
{
    const json_tree_t *tree = self->tree;
    const json_node_t *candidates = json_given (tree, root, "candidates");
    const json_node_t *feedback = json_given (tree, root, "promptFeedback");
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (self->reterr, BR_EUPINVALID,
                             "the provider sent an event that is no object");
    if (json_given (tree, root, "error")) {
        s_fail (self, json_given (tree, root, "error"));
        return 0;
    }
    s_note_model (self, root);
    s_start (self, root);
    if (json_is (candidates, JSON_ARRAY))
        for (const json_node_t *n = json_first (tree, candidates); n;
             n = json_next (tree, n))
            if (s_candidate (self, root, n))
                return -1;
    self->choice = 0;
    self->candidate = &self->reader->candidates[0];
    if (!json_is (candidates, JSON_ARRAY) || candidates->count == 0)
        s_finish (self, json_given (tree, feedback, "blockReason"), true);
    s_use (self, root);
    return 0;
}

static event_t
s_event (reader_t *reader, const json_tree_t *tree, br_delta_fn *fn, void *arg,
         br_error_t *reterr)
{
    return (event_t) { .reader = reader,
                       .candidate = &reader->candidates[0],
                       .tree = tree,
                       .fn = fn,
                       .arg = arg,
                       .reterr = reterr };
}

//  Without alt=sse a provider sends an array of events, or of one error.
int
gemini_read_event (void *reader, const char *name, const json_tree_t *tree,
                   const json_node_t *root, br_delta_fn *fn, void *arg,
                   br_error_t *reterr)
{
    (void) name;
    reader_t *self = reader;
    event_t event = s_event (self, tree, fn, arg, reterr);
    int rc = 0;
    if (!json_is (root, JSON_ARRAY))
        return self->failed ? 0 : s_response (&event, root);
    for (const json_node_t *n = json_first (tree, root); n && rc == 0 && !self->failed;
         n = json_next (tree, n))
        rc = s_response (&event, n);
    return rc;
}

//  Google has no marks; gateways in front of it may send Chat's.
int
gemini_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                  br_error_t *reterr)
{
    (void) reader;
    (void) fn;
    (void) arg;
    if (br_text_is (data, "[DONE]"))
        return 0;
    return br_error_set (reterr, BR_EUPINVALID,
                         "the provider sent an event that is no JSON");
}

//  STOP is what Google says of calls, too, and maybe in a later chunk (P-03); other
//  reasons stay what they are (P-04).
static void
s_say_finish (event_t *self)
{
    candidate_t *candidate = self->candidate;
    br_finish_t finish = candidate->finish;
    if (finish == BR_FINISH_STOP && candidate->called)
        finish = BR_FINISH_TOOL_USE;
    s_end_call (self);
    s_say (self, (br_delta_t) { .kind = BR_DELTA_FINISH,
                                .finish = finish,
                                .native = br_text (candidate->native) });
}

int
gemini_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    reader_t *self = reader;
    event_t event = s_event (self, NULL, fn, arg, reterr);
    unsigned finished = 0;
    bool whole = true;
    if (self->failed)
        return 0;
    for (size_t i = 0; i < GEMINI_CHOICES_MAX; i++) {
        whole = whole && (!self->candidates[i].seen || self->candidates[i].finished);
        finished += self->candidates[i].finished;
    }
    if (!whole || finished == 0)
        return br_error_set (reterr, BR_EUPCUT,
                             "the provider's answer ended without a finishReason");
    for (unsigned i = 0; i < GEMINI_CHOICES_MAX; i++) {
        event.choice = i;
        event.candidate = &self->candidates[i];
        if (event.candidate->finished)
            s_say_finish (&event);
    }
    event.choice = 0;
    s_say (&event, (br_delta_t) { .kind = BR_DELTA_END });
    return 0;
}
