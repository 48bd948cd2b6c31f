//  tui_pane_calls: the calls under way and those that have ended lately, and one call with
//  its hops.

#include <stdio.h>
#include <string.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define LINE_BYTES 512

tui_style_t
tui_style_of_call (tui_call_state_t state)
{
    static const tui_style_t styles[TUI_CALL_STATES] = {
        [TUI_CALL_OPEN] = TUI_BOLD,      [TUI_CALL_ASKING] = TUI_BOLD,
        [TUI_CALL_WAITING] = TUI_WARN,   [TUI_CALL_ANSWERS] = TUI_GOOD,
        [TUI_CALL_OK] = TUI_PLAIN,       [TUI_CALL_FAILED] = TUI_BAD,
        [TUI_CALL_CANCELLED] = TUI_WARN, [TUI_CALL_LOST] = TUI_BAD,
    };
    return styles[state];
}

char *
tui_text_cost (const tui_call_t *call, char *to)
{
    *to = 0;
    if (!call->is_settled)
        return to;
    if (!call->cost_known)
        return strcpy (to, "?");
    bool is_estimate = !call->usage_known && call->cost_nusd > 0;
    char amount[TUI_WORD];
    snprintf (to, TUI_WORD, "%s%.*s", is_estimate ? "~" : "", TUI_WORD - 2,
              tui_text_money (call->cost_nusd, amount));
    return to;
}

//  ---- the list

static const tui_column_t s_columns[] = {
    { "TIME", 8, 0, 1, false },
    { "STATE", 8, 0, 0, false },
    { "ROUTE", 12, 2, 0, false },
    { "PROVIDER", 10, 2, 0, false },
    { "MODEL", 10, 3, 5, false },
    { "TRY", 3, 0, 7, true },
    { "IN", 6, 0, 6, true },
    { "OUT", 6, 0, 4, true },
    { "COST", 10, 1, 3, true },
    { "FIRST", 7, 0, 8, true },
    { "TOOK", 7, 0, 2, true },
    { "WHO", 8, 2, 9, false },
    { 0 },
};

static void
s_add_number (tui_list_t *list, uint64_t number, const char *text)
{
    tui_list_value (list, (double) number, number ? text : "");
}

static uint64_t
s_age (const tui_model_t *model, const tui_call_t *call)
{
    uint64_t now_ms = tui_model_now (model);
    if (!tui_call_is_open (call))
        return call->latency_ms;
    return now_ms > call->started_ms ? now_ms - call->started_ms : 0;
}

static void
s_add (const tui_model_t *model, const tui_call_t *call, tui_list_t *list)
{
    char word[TUI_WORD];
    tui_list_row (list, TUI_PLAIN, call->id);
    tui_list_value (list, (double) call->started_ms,
                    tui_text_clock (call->started_ms, word));
    tui_list_text (list, tui_call_state_name (call->state));
    tui_list_look (list, tui_style_of_call (call->state));
    tui_list_text (list, call->route);
    tui_list_text (list, call->provider);
    tui_list_text (list, call->model);
    s_add_number (list, call->attempts, tui_text_count (call->attempts, word));
    s_add_number (list, call->input_tokens, tui_text_count (call->input_tokens, word));
    s_add_number (list, call->output_tokens, tui_text_count (call->output_tokens, word));
    tui_list_value (list, (double) call->cost_nusd, tui_text_cost (call, word));
    s_add_number (list, call->first_ms, tui_text_span (call->first_ms, word));
    tui_list_value (list, (double) s_age (model, call),
                    tui_text_span (s_age (model, call), word));
    tui_list_text (list, *tui_call_run (call) ? tui_call_run (call) : call->account);
}

static void
s_fill (const tui_model_t *model, tui_list_t *list)
{
    const tui_calls_t *calls = tui_model_calls (model);
    const tui_call_t *call = tui_calls_next (calls, NULL);
    for (; call; call = tui_calls_next (calls, call))
        s_add (model, call, list);
}

//  ---- one call

static void
s_tell (tui_list_t *list, tui_style_t style, const char *what, const char *text)
{
    char key[TUI_WORD];
    if (!*text)
        return;
    snprintf (key, sizeof key, "%zu", tui_list_total (list));
    tui_list_row (list, style, key);
    tui_list_text (list, what);
    tui_list_look (list, TUI_DIM);
    tui_list_text (list, text);
}

static void
s_tell_hop (const tui_model_t *model, const tui_call_t *call, const tui_hop_t *hop,
            tui_list_t *list)
{
    char what[LINE_BYTES], at[TUI_WORD], took[TUI_WORD], first[TUI_WORD];
    uint64_t end_ms = hop->ended_ms ? hop->ended_ms : tui_model_now (model);
    uint64_t at_ms = hop->started_ms > call->started_ms
                         ? hop->started_ms - call->started_ms
                         : 0;
    uint64_t took_ms = hop->started_ms && end_ms > hop->started_ms
                           ? end_ms - hop->started_ms
                           : 0;
    bool has_first = hop->first_ms && hop->first_ms >= hop->started_ms;
    snprintf (what, sizeof what, "%s:%s  at +%s, %s %s%s%s", hop->provider, hop->model,
              tui_text_span (at_ms, at), hop->ended_ms ? "took" : "for",
              tui_text_span (took_ms, took), has_first ? ", first byte after " : "",
              has_first ? tui_text_span (hop->first_ms - hop->started_ms, first) : "");
    snprintf (at, sizeof at, "hop %u", hop->attempt);
    s_tell (list, *hop->error_type ? TUI_WARN : TUI_GOOD, at, what);
    if (hop->delay_ms) {
        snprintf (what, sizeof what, "waited %s before it",
                  tui_text_span (hop->delay_ms, took));
        s_tell (list, TUI_DIM, "", what);
    }
    if (*hop->error_type) {
        snprintf (what, sizeof what, "%s: %s", hop->error_type, hop->error);
        s_tell (list, TUI_BAD, "", what);
    }
}

static void
s_tell_numbers (const tui_model_t *model, const tui_call_t *call, tui_list_t *list)
{
    char line[LINE_BYTES], a[TUI_WORD], b[TUI_WORD];
    snprintf (line, sizeof line, "%s%s%s", tui_text_span (s_age (model, call), a),
              call->first_ms ? ", first byte after " : "",
              call->first_ms ? tui_text_span (call->first_ms, b) : "");
    s_tell (list, TUI_PLAIN, tui_call_is_open (call) ? "open for" : "took", line);
    snprintf (line, sizeof line, "%s in, %s out%s",
              tui_text_count (call->input_tokens, a),
              tui_text_count (call->output_tokens, b),
              call->is_settled && !call->usage_known ? ", estimated" : "");
    s_tell (list, TUI_PLAIN, "tokens", line);
    s_tell (list, TUI_PLAIN, "cost", tui_text_cost (call, a));
    snprintf (line, sizeof line, "%u, see Guard", call->findings);
    s_tell (list, TUI_WARN, "findings", call->findings ? line : "");
}

void
tui_detail_call (const tui_model_t *model, const char *id, tui_list_t *list)
{
    const tui_call_t *call = tui_calls_find (tui_model_calls (model), id);
    char line[LINE_BYTES], clock[TUI_WORD];
    if (!call) {
        s_tell (list, TUI_DIM, "call", "is no longer known here; see `bitrouter trace`");
        return;
    }
    const char *state = tui_call_state_name (call->state);
    snprintf (line, sizeof line, "%s%s%s", state, *call->error_type ? ": " : "",
              call->error_type);
    s_tell (list, tui_style_of_call (call->state), "state", line);
    s_tell (list, TUI_BOLD, "route", call->route);
    snprintf (line, sizeof line, "%s:%s", call->provider, call->model);
    s_tell (list, TUI_PLAIN, "answered by", *call->provider ? line : "");
    s_tell (list, TUI_PLAIN, "began", tui_text_clock (call->started_ms, clock));
    s_tell_numbers (model, call, list);
    for (size_t i = 0; i < TUI_HOPS_MAX && call->hops[i].attempt; i++)
        s_tell_hop (model, call, &call->hops[i], list);
    s_tell (list, TUI_PLAIN, "account", call->account);
    s_tell (list, TUI_PLAIN, "session", call->session);
    s_tell (list, TUI_PLAIN, "run", call->run);
    s_tell (list, TUI_PLAIN, "agent", call->agent);
    s_tell (list, TUI_PLAIN, "step", call->step);
    s_tell (list, TUI_PLAIN, "stream", call->stream ? "yes" : "no");
    s_tell (list, TUI_PLAIN, "request id", call->request_id);
    s_tell (list, TUI_PLAIN, "call id", call->id);
    s_tell (list, TUI_PLAIN, "host", call->host);
}

const tui_sheet_t tui_sheet_calls = {
    .name = "calls",
    .of_events = true,
    .columns = s_columns,
    .sort = TUI_UNSORTED,
    .empty = "No calls yet. Send one, and it is shown here while it runs.",
    .fill = s_fill,
    .detail = tui_detail_call,
};

const tui_pane_t tui_pane_calls = {
    .name = "Calls",
    .sheets = { &tui_sheet_calls },
};
