//  tui_pane_runs: runs of agents and sessions as a tree: each with its calls, each call with
//  its hops.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define KEY_BYTES 160
#define LINE_BYTES 512

static const tui_column_t s_columns[] = {
    { "RUN, CALL, HOP", 24, 3, 0, false },
    { "STATE", 9, 1, 0, false },
    { "AT", 8, 0, 1, false },
    { "TOOK", 7, 0, 2, true },
    { "IN", 6, 0, 5, true },
    { "OUT", 6, 0, 4, true },
    { "COST", 10, 0, 3, true },
    { 0 },
};

//  A run and where its calls begin in the order by runs.
typedef struct {
    const tui_call_t *call;
    size_t place; //  in the order of calls, the newest first
} s_member_t;

//  Calls of a run stand together; within it the oldest first.
static int
s_compare (const void *left, const void *right)
{
    const s_member_t *a = left, *b = right;
    int rc = strcmp (tui_call_run (a->call), tui_call_run (b->call));
    if (rc)
        return rc;
    if (a->call->started_ms != b->call->started_ms)
        return a->call->started_ms < b->call->started_ms ? -1 : 1;
    return (a->place < b->place) - (a->place > b->place);
}

//  ---- the three kinds of lines

static void
s_add_hop (const tui_call_t *call, const tui_hop_t *hop, const char *branch,
           tui_list_t *list)
{
    char key[KEY_BYTES], clock[TUI_WORD], took[TUI_WORD];
    bool failed = *hop->error_type;
    snprintf (key, sizeof key, "c/%s/%u", call->id, hop->attempt);
    tui_list_row (list, TUI_DIM, key);
    tui_list_textf (list, "%s %s:%s", branch, hop->provider, hop->model);
    tui_list_text (list, failed ? hop->error_type : hop->ended_ms ? "ok" : "asking");
    tui_list_look (list, failed ? TUI_BAD : TUI_GOOD);
    tui_list_text (list, tui_text_clock (hop->started_ms, clock));
    bool is_over = hop->ended_ms >= hop->started_ms && hop->started_ms;
    tui_list_text (list,
                   is_over ? tui_text_span (hop->ended_ms - hop->started_ms, took) : "");
}

static void
s_add_call (const tui_call_t *call, bool is_last, tui_list_t *list)
{
    static const char *const s_branches[2][2] = { { "  │ ├", "  │ └" },
                                                  { "    ├", "    └" } };
    char key[KEY_BYTES], word[TUI_WORD];
    snprintf (key, sizeof key, "c/%s", call->id);
    tui_list_row (list, TUI_PLAIN, key);
    tui_list_textf (list, "  %s %s%s%s", is_last ? "└" : "├", call->route,
                    *call->step ? "  " : "", call->step);
    tui_list_text (list, tui_call_state_name (call->state));
    tui_list_look (list, tui_style_of_call (call->state));
    tui_list_text (list, tui_text_clock (call->started_ms, word));
    tui_list_text (list,
                   tui_call_is_open (call) ? "" : tui_text_span (call->latency_ms, word));
    tui_list_text (list, tui_text_count (call->input_tokens, word));
    tui_list_text (list, tui_text_count (call->output_tokens, word));
    tui_list_text (list, tui_text_cost (call, word));
    for (size_t i = 0; i < TUI_HOPS_MAX && call->hops[i].attempt; i++) {
        bool is_end = i + 1 == TUI_HOPS_MAX || !call->hops[i + 1].attempt;
        s_add_hop (call, &call->hops[i], s_branches[is_last][is_end], list);
    }
}

typedef struct {
    size_t open, failed;
    size_t unknown; //  settled calls whose cost is not known
    uint64_t first_ms, last_ms, input, output;
    int64_t cost_nusd;
} s_total_t;

static s_total_t
s_total (const s_member_t *members, size_t count, uint64_t now_ms)
{
    s_total_t total = { .first_ms = members[0].call->started_ms };
    for (size_t i = 0; i < count; i++) {
        const tui_call_t *call = members[i].call;
        uint64_t end_ms = tui_call_is_open (call) ? now_ms : call->ended_ms;
        total.open += tui_call_is_open (call);
        total.failed += call->state == TUI_CALL_FAILED;
        total.last_ms = end_ms > total.last_ms ? end_ms : total.last_ms;
        total.input += call->input_tokens;
        total.output += call->output_tokens;
        total.unknown += call->is_settled && !call->cost_known;
        if (call->cost_known && call->cost_nusd <= INT64_MAX - total.cost_nusd)
            total.cost_nusd += call->cost_nusd;
    }
    return total;
}

static void
s_add_run (const tui_model_t *model, const s_member_t *members, size_t count,
           tui_list_t *list)
{
    const tui_call_t *call = members[0].call;
    const char *name = tui_call_run (call);
    s_total_t total = s_total (members, count, tui_model_now (model));
    char key[KEY_BYTES], word[TUI_WORD];
    snprintf (key, sizeof key, "r/%s", name);
    tui_list_row (list, TUI_BOLD, key);
    const char *kind = *call->run ? "run " : *name ? "session " : "calls of no run";
    tui_list_textf (list, "%s%s%s%s  %zu call%s", kind, name, *call->agent ? " by " : "",
                    call->agent, count, count == 1 ? "" : "s");
    if (total.open)
        tui_list_textf (list, "%zu open", total.open);
    else if (total.failed)
        tui_list_textf (list, "%zu failed", total.failed);
    else
        tui_list_text (list, "done");
    tui_list_look (list, total.open ? TUI_GOOD : total.failed ? TUI_BAD : TUI_PLAIN);
    tui_list_text (list, tui_text_clock (total.first_ms, word));
    tui_list_text (list, tui_text_span (total.last_ms > total.first_ms
                                            ? total.last_ms - total.first_ms
                                            : 0,
                                        word));
    tui_list_text (list, tui_text_count (total.input, word));
    tui_list_text (list, tui_text_count (total.output, word));
    tui_list_textf (list, "%s%s", tui_text_money (total.cost_nusd, word),
                    total.unknown ? "+?" : "");
    for (size_t i = 0; i < count; i++)
        s_add_call (members[i].call, i + 1 == count, list);
}

//  ---- the tree

//  A group and the place of its newest call.
typedef struct {
    const s_member_t *first;
    size_t count;
    size_t place;
} s_group_t;

//  What was heard of last comes first; calls that belong to no run come last.
static int
s_compare_groups (const void *left, const void *right)
{
    const s_group_t *a = left, *b = right;
    bool a_is_named = *tui_call_run (a->first->call);
    bool b_is_named = *tui_call_run (b->first->call);
    if (a_is_named != b_is_named)
        return a_is_named ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static size_t
s_group (const s_member_t *members, size_t count, s_group_t *groups)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_new = i == 0
                      || strcmp (tui_call_run (members[i].call),
                                 tui_call_run (members[i - 1].call));
        if (is_new)
            groups[found++] = (s_group_t) { &members[i], 0, members[i].place };
        s_group_t *group = &groups[found - 1];
        group->count++;
        group->place = members[i].place < group->place ? members[i].place : group->place;
    }
    return found;
}

static void
s_fill (const tui_model_t *model, tui_list_t *list)
{
    const tui_calls_t *calls = tui_model_calls (model);
    s_member_t *members = br_alloc (TUI_CALLS_MAX, sizeof *members);
    s_group_t *groups = br_alloc (TUI_CALLS_MAX, sizeof *groups);
    size_t count = 0;
    const tui_call_t *call = tui_calls_next (calls, NULL);
    for (; call && count < TUI_CALLS_MAX; call = tui_calls_next (calls, call), count++)
        members[count] = (s_member_t) { call, count };
    qsort (members, count, sizeof *members, s_compare);
    size_t found = s_group (members, count, groups);
    qsort (groups, found, sizeof *groups, s_compare_groups);
    for (size_t i = 0; i < found; i++)
        s_add_run (model, groups[i].first, groups[i].count, list);
    free (groups);
    free (members);
}

//  ---- all about a line

//  A name as a shell reads it: what a stranger has named may be pasted there.
static void
s_quote (const char *name, char *to, const char *end)
{
    static const char s_mark[] = "'\\''";
    *to++ = '\'';
    for (; *name && to + sizeof s_mark + 1 < end; name++) {
        size_t size = *name == '\'' ? sizeof s_mark - 1 : 1;
        memcpy (to, *name == '\'' ? s_mark : name, size);
        to += size;
    }
    *to++ = '\'';
    *to = 0;
}

static void
s_tell_run (const tui_model_t *model, const char *name, tui_list_t *list)
{
    const tui_sum_t *sum = tui_sums_find (tui_model_sums (model, TUI_BY_RUN), name);
    char word[TUI_WORD];
    tui_list_row (list, TUI_BOLD, "name");
    tui_list_text (list, "run or session");
    tui_list_text (list, *name ? name : "(none)");
    if (!sum)
        return;
    tui_list_row (list, TUI_PLAIN, "calls");
    tui_list_text (list, "settled calls");
    tui_list_textf (list, "%s, %llu failed", tui_text_count (sum->calls, word),
                    (unsigned long long) sum->failed);
    tui_list_row (list, TUI_PLAIN, "cost");
    tui_list_text (list, "cost");
    tui_list_textf (list, "%s%s", tui_text_money (sum->cost_nusd, word),
                    sum->unknown ? "+?" : "");
    if (!*name)
        return;
    char quoted[KEY_BYTES * 4];
    s_quote (name, quoted, quoted + sizeof quoted);
    tui_list_row (list, TUI_DIM, "more");
    tui_list_text (list, "all of it");
    tui_list_textf (list, "bitrouter trace %s", quoted);
}

static void
s_detail (const tui_model_t *model, const char *key, tui_list_t *list)
{
    char id[TUI_ID];
    if (strncmp (key, "c/", 2) != 0) {
        s_tell_run (model, key + 2, list);
        return;
    }
    snprintf (id, sizeof id, "%.*s", (int) strcspn (key + 2, "/"), key + 2);
    tui_detail_call (model, id, list);
}

static const tui_sheet_t s_runs = {
    .name = "runs",
    .of_events = true,
    .columns = s_columns,
    .sort = TUI_UNSORTED,
    .in_order = true,
    .empty = "No calls yet. Clients name a run with the header x-bitrouter-run.",
    .fill = s_fill,
    .detail = s_detail,
};

const tui_pane_t tui_pane_runs = {
    .name = "Runs",
    .sheets = { &s_runs },
};
