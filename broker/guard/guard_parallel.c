//  guard_parallel: calls that stand in the arguments of another one.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_fold.h"
#include "broker/guard/guard_parallel.h"

#define NAME "multitooluseparallel"
#define NAME_MAX_BYTES 1024 //  of a tool's; a longer one is refused
#define INSIDE_MAX (64u << 20)

bool
guard_parallel_is (const char *name)
{
    size_t end = guard_fold_end (name);
    char *text = br_strdup (name);
    text[end] = 0;
    char *folded = guard_fold_new (text, GUARD_FOLD_CASE, false);
    guard_fold_unmark (folded);
    size_t size = strlen (folded), tail = strlen (NAME);
    bool is = size >= tail && strcmp (folded + size - tail, NAME) == 0;
    free (folded);
    free (text);
    return is;
}

static int
s_unreadable (br_error_t *reterr)
{
    return br_error_set (reterr, BR_EGUARD,
                         "calls in arguments of tool 'multi_tool_use.parallel' cannot be "
                         "read");
}

static int
s_judge_args (const guard_tools_t *tools, const char *name, br_text_t args,
              br_error_t *reterr)
{
    br_buf_t rest;
    br_buf_init (&rest, args.size + 2);
    guard_args_t verdict = guard_tools_args (tools, name, args.at, args.size, &rest,
                                             reterr);
    br_buf_free (&rest);
    if (verdict == GUARD_ARGS_STRIPPED)
        br_error_set (reterr, BR_EGUARD,
                      "a parameter is denied on tool '%.80s', and it is called by "
                      "another one",
                      name);
    return verdict == GUARD_ARGS_AS_IS ? 0 : -1;
}

//  Parameters as they stand, or as a string that holds them.
static int
s_judge_value (const guard_tools_t *tools, const char *name, br_text_t value,
               br_error_t *reterr)
{
    if (*value.at != '"')
        return s_judge_args (tools, name, value, reterr);
    br_buf_t text;
    br_buf_init (&text, INSIDE_MAX);
    int rc = json_string (value.at, value.size, &text, NULL)
                 ? s_unreadable (reterr)
                 : s_judge_args (tools, name,
                                 (br_text_t) { br_buf_text (&text), text.size }, reterr);
    br_buf_free (&text);
    return rc;
}

static bool
s_is_key (br_text_t object, const json_item_t *item, const char *key)
{
    return json_string_is (object.at + item->key_offset, item->key_size, key);
}

//  One name, with all parameters that stand beside it.
static int
s_judge_name (const guard_tools_t *tools, br_text_t use, br_text_t value,
              br_error_t *reterr)
{
    char name[NAME_MAX_BYTES];
    json_iter_t iter;
    json_item_t item;
    if (json_text (value.at, value.size, name, sizeof name) || guard_parallel_is (name))
        return s_unreadable (reterr);
    if (!guard_tools_allows (tools, name))
        return br_error_set (reterr, BR_EGUARD, "tool '%.80s' is not allowed", name);
    int rc = json_iter_begin (&iter, use.at, use.size, reterr);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1)
        if (s_is_key (use, &item, "parameters"))
            rc = s_judge_value (tools, name,
                                (br_text_t) { use.at + item.offset, item.size }, reterr);
    return rc;
}

static int
s_judge_use (const guard_tools_t *tools, br_text_t use, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, use.at, use.size, NULL) || iter.close != '}')
        return s_unreadable (reterr);
    bool has_name = false;
    int rc = 0;
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        if (!s_is_key (use, &item, "recipient_name"))
            continue;
        has_name = true;
        rc = s_judge_name (tools, use, (br_text_t) { use.at + item.offset, item.size },
                           reterr);
    }
    return rc == 0 && !has_name ? s_unreadable (reterr) : rc;
}

static int
s_judge_uses (const guard_tools_t *tools, br_text_t uses, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, uses.at, uses.size, NULL) || iter.close != ']')
        return s_unreadable (reterr);
    int rc = 0;
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1)
        rc = s_judge_use (tools, (br_text_t) { uses.at + item.offset, item.size },
                          reterr);
    return rc;
}

int
guard_parallel_judge (const guard_tools_t *tools, br_text_t args, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    if (br_text_is_blank (args))
        return 0;
    if (json_iter_begin (&iter, args.at, args.size, NULL) || iter.close != '}')
        return s_unreadable (reterr);
    int next = json_iter_next (&iter, &item, NULL);
    for (; next == 1; next = json_iter_next (&iter, &item, NULL)) {
        br_text_t uses = { args.at + item.offset, item.size };
        if (s_is_key (args, &item, "tool_uses") && s_judge_uses (tools, uses, reterr))
            return -1;
    }
    return next ? s_unreadable (reterr) : 0;
}
