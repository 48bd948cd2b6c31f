//  guard_offers: the lists of tools in a request, with ranges cut out of them.

#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_offer.h"
#include "broker/guard/guard_offers.h"
#include "broker/proto/splice.h"

//  What a member of a request, or of one of its lists, is to us.
typedef enum {
    OFFERS_NONE,
    OFFERS_TOOLS,        //  a list of tools
    OFFERS_DECLARATIONS, //  a list of lists, as Google has it
    OFFERS_SERVERS,      //  a list of servers that the provider calls
    OFFERS_CHOICE,       //  what is demanded of the model
    OFFERS_MANNER        //  what makes no sense without a tool
} offers_kind_t;

typedef struct {
    const char *key;
    offers_kind_t kind;
} offers_row_t;

static const offers_row_t s_chat[] = {
    { "tools", OFFERS_TOOLS },
    { "functions", OFFERS_TOOLS },
    { "tool_choice", OFFERS_CHOICE },
    { "function_call", OFFERS_CHOICE },
    { "parallel_tool_calls", OFFERS_MANNER },
    { NULL, OFFERS_NONE },
};
static const offers_row_t s_messages[] = {
    { "tools", OFFERS_TOOLS },
    { "mcp_servers", OFFERS_SERVERS },
    { "tool_choice", OFFERS_CHOICE },
    { NULL, OFFERS_NONE },
};
static const offers_row_t s_google[] = {
    { "tools", OFFERS_DECLARATIONS },
    { "toolConfig", OFFERS_CHOICE },
    { "tool_config", OFFERS_CHOICE },
    { NULL, OFFERS_NONE },
};

static const struct {
    br_surface_t surface;
    const offers_row_t *rows;
} s_surfaces[] = {
    { BR_SURFACE_CHAT, s_chat },
    { BR_SURFACE_RESPONSES, s_chat },
    { BR_SURFACE_RESPONSES_TOKENS, s_chat },
    { BR_SURFACE_RESPONSES_COMPACT, s_chat },
    { BR_SURFACE_MESSAGES, s_messages },
    { BR_SURFACE_MESSAGES_TOKENS, s_messages },
    { BR_SURFACE_GOOGLE, s_google },
    { BR_SURFACE_GOOGLE_STREAM, s_google },
    { BR_SURFACE_GOOGLE_TOKENS, s_google },
};

//  Cuts before the mark and behind it, so that it is known where the mark is afterwards.
typedef struct {
    br_splice_t *head; //  owned
    br_splice_t *tail; //  owned
    size_t mark;       //  offset
} cuts_t;

typedef struct {
    const guard_tools_t *tools;
    const offers_row_t *rows;
    const uint8_t *bytes;
    size_t size;
    cuts_t cuts;                           //
    size_t cut;                            //  tools that went, count
    size_t left;                           //  tools that stay, count
    size_t emptied[GUARD_OFFER_LISTS_MAX]; //  offsets of lists in which nothing stays
    size_t emptied_count;                  //
} offers_t;

//  ---- cutting items out of a list or an object, with their commas

typedef struct {
    cuts_t *cuts;
    size_t kept_end; //  behind the last item that stays
    size_t from, to; //  what goes since then
    bool has_kept;
    bool is_cutting;
} cutter_t;

static void
s_cut_out (cuts_t *self, size_t from, size_t to)
{
    if (to <= self->mark)
        br_splice_put (self->head, from, to - from, BR_TEXT_NONE);
    else
        br_splice_put (self->tail, from - self->mark, to - from, BR_TEXT_NONE);
}

static void
s_keep (cutter_t *self, size_t from, size_t to)
{
    if (self->is_cutting)
        s_cut_out (self->cuts, self->from, from);
    self->is_cutting = false;
    self->has_kept = true;
    self->kept_end = to;
}

static void
s_cut (cutter_t *self, size_t from, size_t to)
{
    if (!self->is_cutting)
        self->from = from;
    self->is_cutting = true;
    self->to = to;
}

//  Returns whether nothing stays of what was there: then its owner cuts the whole.
static bool
s_is_emptied (cutter_t *self)
{
    if (self->is_cutting && self->has_kept)
        s_cut_out (self->cuts, self->kept_end, self->to);
    return self->is_cutting && !self->has_kept;
}

//  ---- lists

//  Counts a tool, and keeps or cuts it.
static void
s_settle (offers_t *self, cutter_t *cutter, size_t from, size_t to, bool stays)
{
    if (stays)
        s_keep (cutter, from, to);
    else
        s_cut (cutter, from, to);
    self->left += stays;
    self->cut += !stays;
}

//  A list of tools or servers at an offset. Returns whether nothing of it stays.
static bool
s_take_list (offers_t *self, size_t at, size_t size, offers_kind_t kind)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    const uint8_t *list = self->bytes + at;
    if (json_iter_begin (&iter, list, size, NULL) || iter.close != ']')
        return false;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        const uint8_t *value = list + item.offset;
        bool stays = kind == OFFERS_SERVERS
                         ? guard_offer_is_server_allowed (self->tools, value, item.size)
                         : guard_offer_is_allowed (self->tools, value, item.size);
        s_settle (self, &cutter, at + item.offset, at + item.offset + item.size, stays);
    }
    return s_is_emptied (&cutter);
}

//  One of Google's tools: lists of functions, and by its key whatever else it is.
static bool
s_take_tool (offers_t *self, size_t at, size_t size)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    const uint8_t *tool = self->bytes + at;
    if (json_iter_begin (&iter, tool, size, NULL) || iter.close != '}')
        return false;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        const uint8_t *key = tool + item.key_offset;
        size_t from = at + item.key_offset, to = at + item.offset + item.size;
        if (!json_string_is (key, item.key_size, "functionDeclarations")
            && !json_string_is (key, item.key_size, "function_declarations"))
            s_settle (self, &cutter, from, to,
                      guard_offer_is_name_allowed (self->tools, key, item.key_size));
        else if (s_take_list (self, at + item.offset, item.size, OFFERS_TOOLS))
            s_cut (&cutter, from, to);
        else
            s_keep (&cutter, from, to);
    }
    return s_is_emptied (&cutter);
}

static bool
s_take_declarations (offers_t *self, size_t at, size_t size)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    if (json_iter_begin (&iter, self->bytes + at, size, NULL) || iter.close != ']')
        return s_take_tool (self, at, size);
    while (json_iter_next (&iter, &item, NULL) == 1) {
        size_t from = at + item.offset;
        if (s_take_tool (self, from, item.size))
            s_cut (&cutter, from, from + item.size);
        else
            s_keep (&cutter, from, from + item.size);
    }
    return s_is_emptied (&cutter);
}

//  ---- the body

static offers_kind_t
s_kind (const offers_t *self, const json_item_t *item)
{
    const uint8_t *key = self->bytes + item->key_offset;
    for (const offers_row_t *row = self->rows; row->key; row++)
        if (json_string_is (key, item->key_size, row->key))
            return row->kind;
    return OFFERS_NONE;
}

static int
s_take_choice (const offers_t *self, const json_item_t *item, br_error_t *reterr)
{
    if (guard_offer_is_choice_allowed (self->tools, self->bytes + item->offset,
                                       item->size))
        return 0;
    return br_error_set (reterr, BR_EGUARD,
                         "the request demands a tool that may not be used here: leave it "
                         "out of its tool choice");
}

static int
s_take_member (offers_t *self, const json_item_t *item, br_error_t *reterr)
{
    bool is_emptied = false;
    offers_kind_t kind = s_kind (self, item);
    if (kind == OFFERS_CHOICE)
        return s_take_choice (self, item, reterr);
    if (kind == OFFERS_TOOLS || kind == OFFERS_SERVERS)
        is_emptied = s_take_list (self, item->offset, item->size, kind);
    if (kind == OFFERS_DECLARATIONS)
        is_emptied = s_take_declarations (self, item->offset, item->size);
    if (!is_emptied)
        return 0;
    if (self->emptied_count == GUARD_OFFER_LISTS_MAX)
        return br_error_set (reterr, BR_EINVALID,
                             "the request has over %d lists of tools",
                             GUARD_OFFER_LISTS_MAX);
    self->emptied[self->emptied_count++] = item->offset;
    return 0;
}

static int
s_take_members (offers_t *self, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item = { 0 };
    int rc = json_iter_begin (&iter, self->bytes, self->size, reterr);
    if (rc == 0 && iter.close != '}')
        rc = br_error_set (reterr, BR_EINVALID, "the body is no JSON object");
    if (rc == 0)
        rc = json_iter_next (&iter, &item, reterr);
    for (; rc == 1; rc = json_iter_next (&iter, &item, reterr))
        if (s_take_member (self, &item, reterr))
            return -1;
    return rc;
}

//  Whether a member goes: a list in which nothing stays, and without any tool, what is said
//  about tools.
static bool
s_goes (const offers_t *self, const json_item_t *item)
{
    for (size_t i = 0; i < self->emptied_count; i++)
        if (self->emptied[i] == item->offset)
            return true;
    offers_kind_t kind = s_kind (self, item);
    return self->left == 0 && (kind == OFFERS_CHOICE || kind == OFFERS_MANNER);
}

//  Cuts members of the body. One that has nothing else stays an object.
static void
s_cut_members (offers_t *self)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    json_iter_begin (&iter, self->bytes, self->size, NULL);
    while (json_iter_next (&iter, &item, NULL) == 1) {
        if (s_goes (self, &item))
            s_cut (&cutter, item.key_offset, item.offset + item.size);
        else
            s_keep (&cutter, item.key_offset, item.offset + item.size);
    }
    if (s_is_emptied (&cutter))
        s_cut_out (&self->cuts, cutter.from, cutter.to);
}

//  Writes the body in two parts, and where the second one begins.
static int
s_write (const offers_t *self, br_buf_t *out, size_t *at, br_error_t *reterr)
{
    size_t start = out->size;
    if (br_splice_write (self->cuts.head, out, reterr))
        return -1;
    size_t mark = out->size - start;
    if (br_splice_write (self->cuts.tail, out, reterr))
        return -1;
    if (at)
        *at = mark;
    return 1;
}

static const offers_row_t *
s_rows (br_surface_t surface)
{
    for (size_t i = 0; i < sizeof s_surfaces / sizeof *s_surfaces; i++)
        if (s_surfaces[i].surface == surface)
            return s_surfaces[i].rows;
    return NULL;
}

int
guard_offers_write (const guard_tools_t *tools, br_surface_t surface, const void *bytes,
                    size_t size, br_buf_t *out, size_t *at, br_error_t *reterr)
{
    offers_t self = {
        .tools = tools, .rows = s_rows (surface), .bytes = bytes, .size = size
    };
    if (!self.rows || !guard_tools_has_rules (tools))
        return 0;
    size_t mark = at && *at <= size ? *at : 0;
    self.cuts.mark = mark;
    self.cuts.head = br_splice_new ((br_text_t) { bytes, mark });
    self.cuts.tail = br_splice_new (
        (br_text_t) { (const char *) bytes + mark, size - mark });
    int rc = s_take_members (&self, reterr);
    if (rc == 0 && self.cut) {
        s_cut_members (&self);
        rc = s_write (&self, out, at, reterr);
    }
    br_splice_destroy (&self.cuts.tail);
    br_splice_destroy (&self.cuts.head);
    return rc;
}
