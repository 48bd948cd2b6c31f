//  translate_answer: the way of one provider's answer to the client.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/error_words.h"
#include "broker/proto/translate_answer.h"
#include "broker/proto/translate_join.h"

typedef enum {
    SHAPE_OPEN, //  nothing but blanks so far
    SHAPE_STREAM,
    SHAPE_BODY,
    SHAPE_DEAF //  ended, or given up
} shape_t;

struct _translate_answer_t {
    const br_codec_t *codec; //  the provider's
    bool stream;             //  was asked for
    shape_t shape;
    sse_t *sse;    //  once the shape is a stream
    br_buf_t body; //  once the shape is a plain body
    json_tree_t *tree;
    void *reader;
    br_order_t *order;
    translate_join_t *join; //  NULL when nothing was told before
    translate_teller_t *teller;
    bool broken; //  what was read makes no sense
    tap_result_t result;
};

//  Nothing that ends the answer is written: who hears it knows by that.
static void
s_give_up (translate_answer_t *self)
{
    self->shape = SHAPE_DEAF;
    self->result.unknown = true;
    self->result.complete = false;
    if (!translate_teller_has_told (self->teller) && self->result.first == TAP_NOTHING) {
        self->result.first = TAP_ERROR;
        self->result.error = true;
    }
    br_buf_free (&self->body);
}

static void
s_from_join (void *arg, const br_delta_t *delta)
{
    translate_answer_t *self = arg;
    translate_teller_take (self->teller, delta);
}

static void
s_from_order (void *arg, const br_delta_t *delta)
{
    translate_answer_t *self = arg;
    if (self->join)
        translate_join_push (self->join, delta);
    else
        translate_teller_take (self->teller, delta);
}

static void
s_from_reader (void *arg, const br_delta_t *delta)
{
    translate_answer_t *self = arg;
    if (!self->broken && br_order_push (self->order, delta, NULL))
        self->broken = true;
}

//  What the frame that has just been read has done.
static void
s_after (translate_answer_t *self, int rc, const json_node_t *root)
{
    if ((rc || self->broken) && !translate_teller_is_over (self->teller)) {
        s_give_up (self);
        return;
    }
    if (self->result.error)
        error_words_read (self->tree, root, &self->result);
    translate_teller_next (self->teller);
}

static bool
s_is_blank (char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static br_text_t
s_trim (const uint8_t *data, size_t size)
{
    br_text_t text = { (const char *) data, size };
    while (text.size && s_is_blank (*text.at)) {
        text.at++;
        text.size--;
    }
    while (text.size && s_is_blank (text.at[text.size - 1]))
        text.size--;
    return text;
}

//  An event without anything in it, or with null, keeps the stream alive.
static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    translate_answer_t *self = arg;
    br_text_t text = s_trim (data, size);
    bool is_nothing = text.size == 0 || br_text_is (text, "null");
    if (is_nothing || self->shape == SHAPE_DEAF
        || translate_teller_is_over (self->teller))
        return;
    const json_node_t *root = NULL;
    int rc = 0;
    if (*text.at != '{')
        rc = self->codec->read_mark (self->reader, text, s_from_reader, self, NULL);
    else {
        root = json_tree_parse (self->tree, text.at, text.size, NULL);
        rc = root ? self->codec->read_event (self->reader, name, self->tree, root,
                                             s_from_reader, self, NULL)
                  : -1;
    }
    s_after (self, rc, root);
}

static const sse_handler_t s_sse_handler = { .event = s_event };

translate_answer_t *
translate_answer_new (const translate_sides_t *sides)
{
    translate_answer_t *self = BR_NEW (translate_answer_t);
    self->codec = sides->provider;
    self->stream = sides->asked->call->stream;
    self->tree = json_tree_new ();
    self->reader = self->codec->reader_new ();
    self->teller = translate_teller_new (sides, &self->result);
    if (sides->told)
        self->join = translate_join_new (sides->told, sides->untold, s_from_join, self);
    self->order = br_order_new (s_from_order, self);
    br_buf_init (&self->body, BR_REPLY_BYTES_MAX);
    return self;
}

void
translate_answer_destroy (translate_answer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    translate_answer_t *self = *self_p;
    br_buf_free (&self->body);
    br_order_destroy (&self->order);
    translate_join_destroy (&self->join);
    translate_teller_destroy (&self->teller);
    self->codec->reader_destroy (&self->reader);
    json_tree_destroy (&self->tree);
    sse_destroy (&self->sse);
    free (self);
    *self_p = NULL;
}

//  ---- the shape: told by the first byte, as a tap does

//  The first bytes of lines of a stream: a comment, data, event, id, retry, a BOM.
static shape_t
s_shape (const translate_answer_t *self, uint8_t byte)
{
    if (byte == '{' || byte == '[')
        return SHAPE_BODY;
    if (byte && strchr (":deir\xef", byte))
        return SHAPE_STREAM;
    return byte != '<' && self->stream ? SHAPE_STREAM : SHAPE_BODY;
}

static const uint8_t *
s_begin (translate_answer_t *self, const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == '\n' || *at == '\r' || *at == ' ' || *at == '\t'))
        at++;
    if (at == end)
        return end;
    self->shape = s_shape (self, *at);
    if (self->shape == SHAPE_STREAM)
        self->sse = sse_new (&s_sse_handler, self, SSE_EVENT_MAX);
    return at;
}

tap_first_t
translate_answer_push (translate_answer_t *self, const void *bytes, size_t size,
                       br_buf_t *out)
{
    if (size == 0)
        return self->result.first;
    translate_teller_set_out (self->teller, out);
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    if (self->shape == SHAPE_OPEN)
        at = s_begin (self, at, end);
    int rc = 0;
    if (self->shape == SHAPE_STREAM)
        rc = sse_push (self->sse, at, (size_t) (end - at), NULL);
    else if (self->shape == SHAPE_BODY)
        rc = br_buf_add (&self->body, at, (size_t) (end - at));
    if (rc && !translate_teller_is_over (self->teller))
        s_give_up (self);
    return self->result.first;
}

//  ---- the end

static int
s_end_reader (translate_answer_t *self)
{
    br_error_t error = { .code = BR_OK };
    int rc = self->codec->read_end (self->reader, s_from_reader, self, &error);
    if (rc && error.code == BR_EUPCUT)
        rc = 0; // told by an answer that is not complete
    return rc;
}

//  Google streams an array when nobody asks for events.
static int
s_read_array (translate_answer_t *self, const json_node_t *root)
{
    int rc = 0;
    for (const json_node_t *n = json_first (self->tree, root); n && rc == 0;
         n = json_next (self->tree, n))
        rc = self->codec->read_event (self->reader, "", self->tree, n, s_from_reader,
                                      self, NULL);
    return rc ? rc : s_end_reader (self);
}

//  What the provider says of itself is no nonsense.
static int
s_read_body (translate_answer_t *self, const json_node_t *root)
{
    if (json_is (root, JSON_ARRAY))
        return s_read_array (self, root);
    br_error_t error = { .code = BR_OK };
    br_reply_t *reply = br_reply_new ();
    int rc = self->codec->read_reply (reply, self->tree, root, &error);
    if (rc == 0)
        br_reply_play (reply, s_from_reader, self);
    br_reply_destroy (&reply);
    if (rc == 0 || error.code == BR_EUPINVALID || error.code == BR_ETOOBIG)
        return rc;
    s_from_reader (self, &(br_delta_t) { .kind = BR_DELTA_ERROR,
                                         .code = error.code,
                                         .text = br_text (error.text) });
    return 0;
}

static void
s_end_body (translate_answer_t *self)
{
    const json_node_t *root = json_tree_parse (self->tree, self->body.data,
                                               self->body.size, NULL);
    int rc = root ? 0 : -1;
    if (error_words_is (self->tree, root))
        s_from_reader (self, &(br_delta_t) { .kind = BR_DELTA_ERROR, .code = BR_EUPBAD });
    else if (root)
        rc = s_read_body (self, root);
    s_after (self, rc, root);
}

tap_first_t
translate_answer_end (translate_answer_t *self, br_buf_t *out)
{
    translate_teller_set_out (self->teller, out);
    if (self->shape == SHAPE_STREAM) {
        int rc = sse_end (self->sse, NULL);
        if (rc == 0 && self->shape == SHAPE_STREAM
            && !translate_teller_is_over (self->teller))
            rc = s_end_reader (self);
        if ((rc || self->broken) && !translate_teller_is_over (self->teller))
            s_give_up (self);
    } else if (self->shape == SHAPE_BODY)
        s_end_body (self);
    self->shape = SHAPE_DEAF;
    return self->result.first;
}

const tap_result_t *
translate_answer_result (const translate_answer_t *self)
{
    return &self->result;
}
