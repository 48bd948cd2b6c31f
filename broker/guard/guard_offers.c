//  guard_offers: the lists of tools in a request, with ranges cut out of them.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_members.h"
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

//  Members that stand side by side and say nothing of tools are one.
typedef struct {
    size_t from; //  bytes
    size_t to;
    offers_kind_t kind;
    bool is_emptied; //  a list in which nothing stays
} member_t;

struct _guard_offers_t {
    const guard_tools_t *tools; //  borrowed
    const offers_row_t *rows;   //  NULL: nothing has to be read
    const uint8_t *bytes;       //  borrowed
    size_t size;
    guard_members_t walk;
    bool has_begun;
    br_buf_t members; //  of member_t
    cuts_t cuts;
    size_t cut;        //  tools that went, count
    size_t left;       //  tools that stay, count
    bool has_too_many; //
};

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
s_settle (guard_offers_t *self, cutter_t *cutter, size_t from, size_t to, bool stays)
{
    if (stays)
        s_keep (cutter, from, to);
    else
        s_cut (cutter, from, to);
    self->left += stays;
    self->cut += !stays;
    self->has_too_many = self->left + self->cut > GUARD_OFFERS_MAX;
}

//  A list of tools or servers at an offset. Returns whether nothing of it stays.
static bool
s_take_list (guard_offers_t *self, size_t at, size_t size, offers_kind_t kind)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    const uint8_t *list = self->bytes + at;
    if (json_iter_begin (&iter, list, size, NULL) || iter.close != ']')
        return false;
    while (!self->has_too_many && json_iter_next (&iter, &item, NULL) == 1) {
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
s_take_tool (guard_offers_t *self, size_t at, size_t size)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    const uint8_t *tool = self->bytes + at;
    if (json_iter_begin (&iter, tool, size, NULL) || iter.close != '}')
        return false;
    while (!self->has_too_many && json_iter_next (&iter, &item, NULL) == 1) {
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
s_take_declarations (guard_offers_t *self, size_t at, size_t size)
{
    cutter_t cutter = { .cuts = &self->cuts };
    json_iter_t iter;
    json_item_t item = { 0 };
    if (json_iter_begin (&iter, self->bytes + at, size, NULL) || iter.close != ']')
        return s_take_tool (self, at, size);
    while (!self->has_too_many && json_iter_next (&iter, &item, NULL) == 1) {
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
s_kind (const guard_offers_t *self, const json_item_t *item)
{
    const uint8_t *key = self->bytes + item->key_offset;
    for (const offers_row_t *row = self->rows; row->key; row++)
        if (json_string_is (key, item->key_size, row->key))
            return row->kind;
    return OFFERS_NONE;
}

static int
s_take_choice (const guard_offers_t *self, const json_item_t *item, br_error_t *reterr)
{
    if (guard_offer_is_choice_allowed (self->tools, self->bytes + item->offset,
                                       item->size))
        return 0;
    return br_error_set (reterr, BR_EGUARD,
                         "the request demands a tool that may not be used here: leave it "
                         "out of its tool choice");
}

static int
s_refuse_many (br_error_t *reterr)
{
    return br_error_set (reterr, BR_ETOOBIG,
                         "the request offers too many tools: over %d, or %u bytes, or in "
                         "over %d members",
                         GUARD_OFFERS_MAX, GUARD_OFFER_BYTES_MAX,
                         GUARD_OFFER_MEMBERS_MAX);
}

//  What stays or goes of a list. out: *is_emptied
static int
s_take_tools (guard_offers_t *self, const json_item_t *item, offers_kind_t kind,
              bool *is_emptied, br_error_t *reterr)
{
    if (item->size > GUARD_OFFER_BYTES_MAX)
        return s_refuse_many (reterr);
    if (kind == OFFERS_TOOLS || kind == OFFERS_SERVERS)
        *is_emptied = s_take_list (self, item->offset, item->size, kind);
    if (kind == OFFERS_DECLARATIONS)
        *is_emptied = s_take_declarations (self, item->offset, item->size);
    if (self->has_too_many)
        return s_refuse_many (reterr);
    return kind == OFFERS_CHOICE ? s_take_choice (self, item, reterr) : 0;
}

static int
s_take_member (guard_offers_t *self, const json_item_t *item, br_error_t *reterr)
{
    member_t member = { .from = item->key_offset,
                        .to = item->offset + item->size,
                        .kind = s_kind (self, item) };
    size_t count = self->members.size / sizeof member;
    member_t *rows = (member_t *) (void *) self->members.data;
    if (member.kind == OFFERS_NONE && count && rows[count - 1].kind == OFFERS_NONE) {
        rows[count - 1].to = member.to;
        return 0;
    }
    if (member.kind != OFFERS_NONE
        && s_take_tools (self, item, member.kind, &member.is_emptied, reterr) != 0)
        return -1;
    return br_buf_add (&self->members, &member, sizeof member) == 0
               ? 0
               : s_refuse_many (reterr);
}

//  Whether a member goes: a list in which nothing stays, and without any tool, what is said
//  about tools.
static bool
s_goes (const guard_offers_t *self, const member_t *member)
{
    bool is_about = member->kind == OFFERS_CHOICE || member->kind == OFFERS_MANNER;
    return member->is_emptied || (self->left == 0 && is_about);
}

//  Cuts members of the body. One that has nothing else stays an object.
static void
s_cut_members (guard_offers_t *self)
{
    cutter_t cutter = { .cuts = &self->cuts };
    const member_t *member = (const member_t *) (const void *) self->members.data;
    for (size_t left = self->members.size / sizeof *member; left; left--, member++) {
        if (s_goes (self, member))
            s_cut (&cutter, member->from, member->to);
        else
            s_keep (&cutter, member->from, member->to);
    }
    if (s_is_emptied (&cutter))
        s_cut_out (&self->cuts, cutter.from, cutter.to);
}

static const offers_row_t *
s_rows (br_surface_t surface)
{
    for (size_t i = 0; i < sizeof s_surfaces / sizeof *s_surfaces; i++)
        if (s_surfaces[i].surface == surface)
            return s_surfaces[i].rows;
    return NULL;
}

bool
guard_offers_concern (br_surface_t surface)
{
    return s_rows (surface) != NULL;
}

guard_offers_t *
guard_offers_new (const guard_tools_t *tools, br_surface_t surface, const void *bytes,
                  size_t size, size_t mark)
{
    guard_offers_t *self = BR_NEW (guard_offers_t);
    self->tools = tools;
    self->rows = guard_tools_has_rules (tools) ? s_rows (surface) : NULL;
    self->bytes = bytes;
    self->size = size;
    self->cuts.mark = mark <= size ? mark : 0;
    self->cuts.head = br_splice_new ((br_text_t) { bytes, self->cuts.mark });
    const char *tail = self->cuts.mark ? (const char *) bytes + self->cuts.mark : bytes;
    self->cuts.tail = br_splice_new ((br_text_t) { tail, size - self->cuts.mark });
    br_buf_init (&self->members, GUARD_OFFER_MEMBERS_MAX * sizeof (member_t));
    return self;
}

void
guard_offers_destroy (guard_offers_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_offers_t *self = *self_p;
    br_buf_free (&self->members);
    br_splice_destroy (&self->cuts.tail);
    br_splice_destroy (&self->cuts.head);
    free (self);
    *self_p = NULL;
}

//  Goes on until a slice is used up. ret: as of a step
static int
s_walk (guard_offers_t *self, size_t left, br_error_t *reterr)
{
    json_item_t item = { 0 };
    while (true) {
        guard_members_rc_t rc = guard_members_step (&self->walk, &left, &item, reterr);
        if (rc == GUARD_MEMBERS_BROKEN)
            return -1;
        if (rc != GUARD_MEMBERS_ITEM)
            return rc == GUARD_MEMBERS_MORE;
        if (s_take_member (self, &item, reterr) != 0)
            return -1;
    }
}

int
guard_offers_step (guard_offers_t *self, size_t slice, br_error_t *reterr)
{
    if (!self->rows)
        return 0;
    if (!self->has_begun
        && guard_members_begin (&self->walk, self->bytes, self->size, reterr) != 0)
        return -1;
    self->has_begun = true;
    return s_walk (self, slice ? slice : 1, reterr);
}

bool
guard_offers_is_changed (const guard_offers_t *self)
{
    return self->cut > 0;
}

//  The body comes in two parts, so that it is known where the second one begins.
int
guard_offers_put (guard_offers_t *self, br_buf_t *out, size_t *mark, br_error_t *reterr)
{
    size_t start = out->size;
    s_cut_members (self);
    if (br_splice_write (self->cuts.head, out, reterr) != 0)
        return -1;
    size_t behind = out->size - start;
    if (br_splice_write (self->cuts.tail, out, reterr) != 0)
        return -1;
    if (mark)
        *mark = behind;
    return 0;
}

int
guard_offers_write (const guard_tools_t *tools, br_surface_t surface, const void *bytes,
                    size_t size, br_buf_t *out, size_t *at, br_error_t *reterr)
{
    guard_offers_t *self = guard_offers_new (tools, surface, bytes, size, at ? *at : 0);
    int rc = guard_offers_step (self, SIZE_MAX, reterr);
    if (rc == 0 && guard_offers_is_changed (self))
        rc = guard_offers_put (self, out, at, reterr) == 0 ? 1 : -1;
    guard_offers_destroy (&self);
    return rc;
}
