//  guard_called: one call of a tool in an answer.
//
//  Pieces are kept as they stand, with the escapes of the string that carries them: put
//  together they are the inside of one string. Brackets are counted in the text that it says.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_lex.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_called.h"
#include "broker/guard/guard_parallel.h"
#include "broker/proto/text_string.h"

#define ARGS_MAX (64u << 20) //  bytes; whoever holds calls has a bound of its own
#define FULL_NAME_MAX (2 * GUARD_CALLED_NAME_MAX)

typedef enum {
    WAITS, //  for the first bracket
    INSIDE,
    COMPLETE,
    BROKEN //  it is no object
} state_t;

struct _guard_called_t {
    const guard_tools_t *tools; //  borrowed
    uint64_t number;
    uint64_t id;   //  0 = it says none
    bool is_whole; //  some clients take it as it is, others put it behind the one before
    char *names[GUARD_CALLED_NAMES_MAX]; //  owned; all that it may be called
    size_t nnames;
    char joined[GUARD_CALLED_NAME_MAX]; //  of all pieces of a name
    size_t
        own_from; //  in there; what is before is of a call that is another one for most
    char server[GUARD_CALLED_NAME_MAX]; //  "" = it says none
    bool is_space;                      //  there are clients that pass over the server
    bool has_passed;                    //  arguments passed without a look
    bool passed_before;                 //  those of the other call
    //  ---- what is collected
    br_buf_t raw; //  as it stands, without quotes
    state_t state;
    unsigned depth; //  of brackets
    bool in_string;
    bool is_escaped;
};

guard_called_t *
guard_called_new (const guard_tools_t *tools, uint64_t number)
{
    guard_called_t *self = BR_NEW (guard_called_t);
    self->tools = tools;
    self->number = number;
    br_buf_init (&self->raw, ARGS_MAX);
    return self;
}

void
guard_called_destroy (guard_called_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_called_t *self = *self_p;
    br_buf_free (&self->raw);
    while (self->nnames)
        free (self->names[--self->nnames]);
    free (self);
    *self_p = NULL;
}

uint64_t
guard_called_number (const guard_called_t *self)
{
    return self->number;
}

int
guard_called_follow (guard_called_t *self, const guard_called_t *other,
                     br_error_t *reterr)
{
    self->has_passed = other->has_passed;
    return guard_called_end (other, reterr);
}

void
guard_called_tell (guard_called_t *self, uint64_t id, bool is_whole)
{
    self->id = id ? id : self->id;
    self->is_whole = is_whole;
}

bool
guard_called_has_id (const guard_called_t *self, uint64_t id)
{
    return id && id == self->id;
}

bool
guard_called_is_other (const guard_called_t *self, uint64_t id)
{
    return self->is_whole && id && id != self->id;
}

int
guard_called_join (guard_called_t *self, const guard_called_t *before, br_error_t *reterr)
{
    bool is_other = (self->id && self->id != before->id)
                    || (self->is_whole && before->is_whole);
    self->own_from = before->own_from;
    self->has_passed = before->has_passed;
    self->passed_before = before->passed_before;
    strcpy (self->joined, before->joined);
    if (is_other) {
        strcpy (self->joined, before->joined + before->own_from);
        self->own_from = strlen (self->joined);
        self->has_passed = false;
        self->passed_before = before->has_passed;
    }
    return guard_called_end (before, reterr);
}

void
guard_called_pass (guard_called_t *self)
{
    self->has_passed = true;
}

//  ---- names

int
guard_called_say (guard_called_t *self, const char *name, br_error_t *reterr)
{
    for (size_t i = 0; i < self->nnames; i++)
        if (strcmp (self->names[i], name) == 0)
            return 0;
    if (self->nnames == GUARD_CALLED_NAMES_MAX)
        return br_error_set (reterr, BR_EGUARD, "a call has too many names");
    self->names[self->nnames++] = br_strdup (name);
    return 0;
}

static int
s_read_name (br_text_t value, char *name, br_error_t *reterr)
{
    if (json_text (value.at, value.size, name, GUARD_CALLED_NAME_MAX) == 0)
        return 0;
    return br_error_set (reterr, BR_EGUARD, "the name of a tool cannot be read");
}

//  Puts a piece behind those before; one that says them all again says nothing.
static int
s_join_name (guard_called_t *self, const char *name, br_error_t *reterr)
{
    if (strcmp (name, self->joined + self->own_from) == 0)
        return 0;
    if (self->own_from && strlen (self->joined) + strlen (name) >= sizeof self->joined) {
        memmove (self->joined, self->joined + self->own_from,
                 strlen (self->joined + self->own_from) + 1);
        self->own_from = 0;
    }
    size_t size = strlen (self->joined);
    if (size + strlen (name) >= sizeof self->joined)
        return br_error_set (reterr, BR_EGUARD, "the name of a tool is too long");
    strcpy (self->joined + size, name);
    return guard_called_say (self, self->joined + self->own_from, reterr);
}

//  Calls that the client runs itself. Those that the provider runs are not the client's to
//  refuse.
int
guard_called_type (guard_called_t *self, br_text_t value, br_error_t *reterr)
{
    static const struct {
        const char *type;
        const char *name;
    } s_types[] = {
        { "local_shell_call", "local_shell" },
        { "shell_call", "shell" },
        { "apply_patch_call", "apply_patch" },
        { "computer_call", "computer_use_preview" },
    };
    for (size_t i = 0; i < sizeof s_types / sizeof *s_types; i++)
        if (json_string_is (value.at, value.size, s_types[i].type))
            return guard_called_say (self, s_types[i].name, reterr);
    return 0;
}

int
guard_called_name (guard_called_t *self, br_text_t value, bool is_piece,
                   br_error_t *reterr)
{
    char name[GUARD_CALLED_NAME_MAX];
    if (s_read_name (value, name, reterr))
        return -1;
    if (*name == 0)
        return 0;
    if (guard_called_say (self, name, reterr))
        return -1;
    return is_piece ? s_join_name (self, name, reterr) : 0;
}

int
guard_called_server (guard_called_t *self, br_text_t value, bool is_space,
                     br_error_t *reterr)
{
    char server[GUARD_CALLED_NAME_MAX];
    if (s_read_name (value, server, reterr))
        return -1;
    if (*self->server && strcmp (server, self->server) != 0)
        return br_error_set (reterr, BR_EGUARD, "a call is said to be two servers'");
    strcpy (self->server, server);
    self->is_space = self->is_space || is_space;
    return 0;
}

//  The name that most clients put together, for those who read an error.
static const char *
s_title (const guard_called_t *self)
{
    if (self->joined[self->own_from])
        return self->joined + self->own_from;
    return self->nnames ? self->names[self->nnames - 1] : "";
}

//  Names that it has: also the one together with another call's.
static size_t
s_own_count (const guard_called_t *self)
{
    return self->nnames + (self->own_from && self->nnames ? 1 : 0);
}

//  Names that count for arguments: where clients may pass over the server, each of them is
//  there once more, without it.
static size_t
s_count (const guard_called_t *self)
{
    return s_own_count (self) * (self->is_space ? 2 : 1);
}

//  A name, with its server's in front where that is said: a tool of a server that is known
//  is not taken for one of another server.
static const char *
s_spelling (const guard_called_t *self, size_t index, char full[FULL_NAME_MAX])
{
    size_t count = s_own_count (self);
    bool is_bare = index >= count;
    index = is_bare ? index - count : index;
    const char *name = index < self->nnames ? self->names[index] : self->joined;
    if (*self->server == 0 || is_bare)
        return name;
    strcpy (full, self->server);
    strcat (full, "/");
    return strcat (full, name);
}

static bool
s_has_rules (const guard_called_t *self, size_t from, size_t to)
{
    char full[FULL_NAME_MAX];
    for (size_t i = from; i < to; i++) {
        const char *name = s_spelling (self, i, full);
        if (guard_tools_has_params (self->tools, name)
            || (guard_tools_has_rules (self->tools) && guard_parallel_is (name)))
            return true;
    }
    return false;
}

bool
guard_called_is_ruled (const guard_called_t *self)
{
    if (self->nnames == 0)
        return guard_tools_has_any_params (self->tools);
    return s_has_rules (self, 0, s_count (self));
}

int
guard_called_judge (const guard_called_t *self, br_error_t *reterr)
{
    char full[FULL_NAME_MAX];
    size_t count = s_count (self);
    for (size_t i = count; i-- > 0;) {
        const char *name = s_spelling (self, i, full);
        bool is_allowed = i < self->nnames ? guard_tools_allows (self->tools, name)
                                           : !guard_tools_denies (self->tools, name);
        if (!is_allowed)
            return br_error_set (reterr, BR_EGUARD, "tool '%.80s' is not allowed", name);
    }
    bool has_rules = s_has_rules (self, 0, self->nnames);
    if ((self->has_passed && guard_called_is_ruled (self))
        || (self->passed_before && !has_rules && s_has_rules (self, self->nnames, count)))
        return br_error_set (reterr, BR_EGUARD,
                             "the name of a tool came behind its arguments");
    return 0;
}

//  ---- arguments that are whole

//  By one name after the other; each sees what the one before has left.
guard_args_t
guard_called_args (const guard_called_t *self, br_text_t text, br_buf_t *out,
                   br_error_t *reterr)
{
    if (!guard_called_is_ruled (self) || br_text_is_blank (text))
        return GUARD_ARGS_AS_IS;
    if (self->nnames == 0) {
        br_error_set (reterr, BR_EGUARD, "a call of a tool has no name");
        return GUARD_ARGS_REJECTED;
    }
    char full[FULL_NAME_MAX];
    guard_args_t verdict = GUARD_ARGS_AS_IS;
    size_t from = out->size;
    for (size_t i = s_count (self); i-- > 0;) {
        const char *name = s_spelling (self, i, full);
        if (guard_parallel_is (name) && guard_parallel_judge (self->tools, text, reterr))
            return GUARD_ARGS_REJECTED;
        br_buf_t rest;
        br_buf_init (&rest, text.size + 2);
        bool is_first = verdict == GUARD_ARGS_AS_IS;
        const void *at = is_first ? text.at : (const char *) out->data + from;
        size_t size = is_first ? text.size : out->size - from;
        guard_args_t one = guard_tools_args (self->tools, name, at, size, &rest, reterr);
        if (one == GUARD_ARGS_STRIPPED) {
            out->size = from;
            (void) br_buf_add (out, rest.data, rest.size);
        }
        br_buf_free (&rest);
        if (one == GUARD_ARGS_REJECTED)
            return one;
        verdict = one == GUARD_ARGS_STRIPPED ? one : verdict;
    }
    return verdict;
}

//  ---- arguments in Google's pieces

//  The first key of "$.key[0].x" or "$['key']". ret: 0, or -1
static int
s_first_key (const char *path, char key[GUARD_CALLED_NAME_MAX])
{
    bool is_dotted = path[0] == '$' && path[1] == '.';
    bool is_quoted = path[0] == '$' && path[1] == '['
                     && (path[2] == '\'' || path[2] == '"');
    if (!is_dotted && !is_quoted)
        return -1;
    const char *from = path + (is_dotted ? 2 : 3);
    char quote = path[2];
    size_t size = is_dotted ? strcspn (from, ".[") : strcspn (from, "'\"\\");
    if (size == 0 || (is_quoted && (from[size] != quote || from[size + 1] != ']')))
        return -1;
    memcpy (key, from, size);
    key[size] = 0;
    return 0;
}

static int
s_judge_path (const guard_called_t *self, br_text_t value, br_error_t *reterr)
{
    char path[GUARD_CALLED_NAME_MAX], key[GUARD_CALLED_NAME_MAX];
    if (json_text (value.at, value.size, path, sizeof path) || s_first_key (path, key))
        return br_error_set (reterr, BR_EGUARD,
                             "a piece of a tool's arguments says not of which it is");
    br_buf_t text, rest;
    br_buf_init (&text, 8 * GUARD_CALLED_NAME_MAX);
    br_buf_init (&rest, 8 * GUARD_CALLED_NAME_MAX);
    br_buf_addc (&text, '{');
    br_buf_add_json (&text, key, strlen (key));
    br_buf_adds (&text, ":0}");
    guard_args_t verdict = guard_called_args (
        self, (br_text_t) { br_buf_text (&text), text.size }, &rest, reterr);
    if (verdict == GUARD_ARGS_STRIPPED)
        br_error_set (reterr, BR_EGUARD,
                      "parameter '%.80s' denied on tool '%.80s', and it comes in pieces",
                      key, s_title (self));
    br_buf_free (&rest);
    br_buf_free (&text);
    return verdict == GUARD_ARGS_AS_IS ? 0 : -1;
}

//  A piece is of what each of its paths says.
static int
s_judge_piece (const guard_called_t *self, br_text_t piece, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    size_t paths = 0;
    int rc = json_iter_begin (&iter, piece.at, piece.size, NULL);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        const char *key = piece.at + item.key_offset;
        bool is_path = item.key_size
                       && (json_string_is (key, item.key_size, "jsonPath")
                           || json_string_is (key, item.key_size, "json_path"));
        if (!is_path)
            continue;
        paths++;
        rc = s_judge_path (self, (br_text_t) { piece.at + item.offset, item.size },
                           reterr);
    }
    if (rc == 0 && paths == 0)
        return s_judge_path (self, BR_TEXT ("\"\""), reterr);
    return rc;
}

int
guard_called_paths (const guard_called_t *self, br_text_t array, br_error_t *reterr)
{
    if (!guard_called_is_ruled (self))
        return 0;
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, array.at, array.size, reterr))
        return -1;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        br_text_t piece = { array.at + item.offset, item.size };
        int rc = item.type == JSON_OBJECT ? s_judge_piece (self, piece, reterr)
                                          : s_judge_path (self, piece, reterr);
        if (rc)
            return -1;
    }
    return 0;
}

//  ---- arguments in pieces

static void
s_step (guard_called_t *self, char c)
{
    bool is_blank = json_lex_is_blank ((uint8_t) c);
    if (self->state == WAITS)
        self->state = c == '{' ? INSIDE : is_blank ? WAITS : BROKEN;
    else if (self->state == COMPLETE && !is_blank)
        self->state = BROKEN;
    if (self->state != INSIDE)
        return;
    if (self->is_escaped)
        self->is_escaped = false;
    else if (self->in_string && c == '\\')
        self->is_escaped = true;
    else if (c == '"')
        self->in_string = !self->in_string;
    else if (!self->in_string && (c == '{' || c == '['))
        self->depth++;
    else if (!self->in_string && (c == '}' || c == ']') && --self->depth == 0)
        self->state = COMPLETE;
}

//  in:   raw, with escapes, none of which is cut
static void
s_count_brackets (guard_called_t *self, br_text_t raw)
{
    text_string_t string;
    br_buf_t text;
    text_string_init (&string);
    br_buf_init (&text, ARGS_MAX);
    (void) text_string_push (&string, raw.at, raw.size, &text);
    (void) text_string_end (&string, &text);
    for (size_t i = 0; i < text.size; i++)
        s_step (self, (char) text.data[i]);
    br_buf_free (&text);
    text_string_free (&string);
}

//  All of them are here: what may go on of them is given.
static int
s_release (guard_called_t *self, br_buf_t *value, br_error_t *reterr)
{
    text_string_t string;
    br_buf_t text, rest;
    text_string_init (&string);
    br_buf_init (&text, ARGS_MAX);
    br_buf_init (&rest, ARGS_MAX);
    guard_args_t verdict = GUARD_ARGS_REJECTED;
    if (text_string_push (&string, self->raw.data, self->raw.size, &text)
        || text_string_end (&string, &text))
        br_error_set (reterr, BR_ETOOBIG, "arguments of a tool are too long");
    else
        verdict = guard_called_args (self, (br_text_t) { br_buf_text (&text), text.size },
                                     &rest, reterr);
    br_buf_addc (value, '"');
    if (verdict == GUARD_ARGS_AS_IS)
        (void) br_buf_add (value, self->raw.data, self->raw.size);
    else if (verdict == GUARD_ARGS_STRIPPED)
        (void) text_string_write (rest.data, rest.size, value);
    br_buf_addc (value, '"');
    br_buf_free (&self->raw);
    br_buf_init (&self->raw, ARGS_MAX);
    br_buf_free (&rest);
    br_buf_free (&text);
    text_string_free (&string);
    return verdict == GUARD_ARGS_REJECTED ? -1 : 1;
}

static int
s_refuse (const guard_called_t *self, br_error_t *reterr)
{
    return br_error_set (reterr, BR_EGUARD,
                         "arguments of tool '%.80s' are no JSON object", s_title (self));
}

int
guard_called_push (guard_called_t *self, br_text_t piece, br_buf_t *value,
                   br_error_t *reterr)
{
    if (piece.size <= 2)
        return 0;
    br_text_t raw = { piece.at + 1, piece.size - 2 };
    if (self->state == WAITS && self->raw.size == 0 && !guard_called_is_ruled (self)) {
        self->has_passed = true;
        return 0;
    }
    bool was_complete = self->state == COMPLETE;
    self->is_whole = false;
    s_count_brackets (self, raw);
    if (self->state == BROKEN)
        return s_refuse (self, reterr);
    if (was_complete)
        return 0;
    if (br_buf_add (&self->raw, raw.at, raw.size))
        return br_error_set (reterr, BR_ETOOBIG, "arguments of a tool are too long");
    if (self->state == COMPLETE)
        return s_release (self, value, reterr);
    br_buf_adds (value, "\"\"");
    return 1;
}

size_t
guard_called_held (const guard_called_t *self)
{
    return self->raw.size;
}

int
guard_called_end (const guard_called_t *self, br_error_t *reterr)
{
    return self->state == INSIDE ? s_refuse (self, reterr) : 0;
}
