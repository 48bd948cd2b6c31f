//  gemini_partial: a path is compared with the one before: what both have in common stays
//  open, the rest of the from one is closed, the rest of the new one is opened.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/gemini/gemini_partial.h"

//  One step of a path: a member or an element.
typedef struct {
    size_t offset; //  of its name in the path's text
    size_t size;   //  bytes
    bool element;
} step_t;

typedef struct {
    char text[GEMINI_PARTIAL_PATH];
    step_t steps[GEMINI_PARTIAL_DEPTH];
    size_t count;
} path_t;

struct _gemini_partial_t {
    path_t paths[2];
    unsigned current; //  the path of the value that came last
    bool in_string;   //  which is a string that goes on
};

gemini_partial_t *
gemini_partial_new (void)
{
    return BR_NEW (gemini_partial_t);
}

void
gemini_partial_destroy (gemini_partial_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

//  ---- paths

//  A step behind a "[": a number, or a name in quotes. Returns what follows it, or NULL.
static const char *
s_bracket (const char *at, const char *end, const char *text, step_t *step)
{
    char quote = at < end && (*at == '\'' || *at == '"') ? *at : 0;
    if (quote)
        at++;
    step->offset = (size_t) (at - text);
    step->element = !quote;
    while (at < end && *at != (quote ? quote : ']')) {
        if (!quote && (*at < '0' || *at > '9'))
            return NULL;
        at++;
    }
    step->size = (size_t) (at - text) - step->offset;
    if (quote && at < end)
        at++;
    bool closed = at < end && *at == ']' && (quote || step->size);
    return closed ? at + 1 : NULL;
}

static const char *
s_member (const char *at, const char *end, const char *text, step_t *step)
{
    step->offset = (size_t) (at - text);
    step->element = false;
    while (at < end && *at != '.' && *at != '[')
        at++;
    step->size = (size_t) (at - text) - step->offset;
    return step->size ? at : NULL;
}

//  "$.a.b[0]" and "$['a']". At least one step.
static int
s_read_path (path_t *path, const json_tree_t *tree, const json_node_t *node)
{
    br_buf_t buf;
    br_buf_init (&buf, GEMINI_PARTIAL_PATH);
    int rc = json_node_add (tree, node, &buf);
    size_t size = buf.size;
    if (rc == 0 && size)
        memcpy (path->text, buf.data, size);
    br_buf_free (&buf);
    const char *at = path->text;
    const char *end = at + size;
    if (rc || size == 0 || *at++ != '$')
        return -1;
    path->count = 0;
    while (at && at < end) {
        if (path->count == GEMINI_PARTIAL_DEPTH)
            return -1;
        step_t *step = &path->steps[path->count++];
        char mark = *at++;
        at = mark == '['   ? s_bracket (at, end, path->text, step)
             : mark == '.' ? s_member (at, end, path->text, step)
                           : NULL;
    }
    return at && path->count && !path->steps[0].element ? 0 : -1;
}

static bool
s_same_step (const path_t *a, const path_t *b, size_t i)
{
    const step_t *left = &a->steps[i];
    const step_t *right = &b->steps[i];
    return left->size == right->size && left->element == right->element
           && memcmp (a->text + left->offset, b->text + right->offset, left->size) == 0;
}

static size_t
s_common (const path_t *a, const path_t *b)
{
    size_t n = 0;
    while (n < a->count && n < b->count && s_same_step (a, b, n))
        n++;
    return n;
}

//  ---- text

static void
s_end_string (gemini_partial_t *self, br_buf_t *out)
{
    if (self->in_string)
        br_buf_addc (out, '"');
    self->in_string = false;
}

//  Closes what is open behind the first `depth` steps.
static void
s_close (const path_t *path, size_t depth, br_buf_t *out)
{
    for (size_t i = path->count; i > depth; i--)
        br_buf_addc (out, path->steps[i - 1].element ? ']' : '}');
}

//  in:   next, the first step goes into what is open already
static void
s_open (const path_t *path, size_t from, bool next, br_buf_t *out)
{
    for (size_t i = from; i < path->count; i++) {
        const step_t *step = &path->steps[i];
        char bracket = step->element ? '[' : '{';
        br_buf_addc (out, next && i == from ? ',' : bracket);
        if (step->element)
            continue;
        br_buf_add_json (out, path->text + step->offset, step->size);
        br_buf_addc (out, ':');
    }
}

//  Goes from the from path to the new one. -1 when no way leads there.
static int
s_move (const path_t *from, const path_t *to, br_buf_t *out)
{
    if (from->count == 0) {
        s_open (to, 0, false, out);
        return 0;
    }
    size_t common = s_common (from, to);
    if (common == from->count || common == to->count
        || from->steps[common].element != to->steps[common].element)
        return -1;
    s_close (from, common + 1, out);
    s_open (to, common, true, out);
    return 0;
}

static void
s_add_value (gemini_partial_t *self, const json_tree_t *tree, const json_node_t *item,
             bool goes_on, br_buf_t *out)
{
    static const char *const keys[] = { "numberValue", "boolValue" };
    const json_node_t *string = json_given (tree, item, "stringValue");
    if (json_is (string, JSON_STRING)) {
        br_text_t raw = json_raw (tree, string);
        if (!goes_on)
            br_buf_addc (out, '"');
        br_buf_add (out, raw.at + 1, raw.size - 2);
        self->in_string = true;
        return;
    }
    for (size_t i = 0; i < 2 && !goes_on; i++) {
        const json_node_t *value = json_given (tree, item, keys[i]);
        if (!value)
            continue;
        br_text_t raw = json_raw (tree, value);
        br_buf_add (out, raw.at, raw.size);
        return;
    }
    if (!goes_on)
        br_buf_adds (out, "null");
}

int
gemini_partial_add (gemini_partial_t *self, const json_tree_t *tree,
                    const json_node_t *item, br_buf_t *out, br_error_t *reterr)
{
    path_t *from = &self->paths[self->current];
    path_t *to = &self->paths[!self->current];
    if (s_read_path (to, tree, json_given (tree, item, "jsonPath")))
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider sent arguments under a path that is none");
    bool same = from->count == to->count && s_common (from, to) == from->count;
    if (same) {
        //  a value that is complete is not said twice
        if (self->in_string)
            s_add_value (self, tree, item, true, out);
    } else {
        s_end_string (self, out);
        if (s_move (from, to, out))
            return br_error_set (reterr, BR_EUPINVALID,
                                 "the provider sent arguments in no order");
        s_add_value (self, tree, item, false, out);
        self->current = !self->current;
    }
    if (!json_node_bool (tree, json_given (tree, item, "willContinue"), false))
        s_end_string (self, out);
    return 0;
}

void
gemini_partial_end (gemini_partial_t *self, br_buf_t *out)
{
    path_t *path = &self->paths[self->current];
    s_end_string (self, out);
    if (path->count == 0)
        br_buf_adds (out, "{");
    s_close (path, 0, out);
    if (path->count == 0)
        br_buf_adds (out, "}");
    self->paths[0].count = self->paths[1].count = 0;
}
