//  tui_pane_spend: what was spent: by model, provider, account and run since the view began,
//  by day from the ledger, what is left of budgets, and charges one by one.

#include <stdio.h>
#include <string.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define BARS_BYTES 128
#define BARS_SPANS 24 //  of ten seconds
#define PERCENT 100.0

//  ---- since the view began

#define SUM_COLUMNS(title)                                                               \
    {                                                                                    \
        { title, 16, 3, 0, false }, { "CALLS", 6, 0, 1, true },                          \
            { "FAILED", 6, 0, 4, true }, { "IN", 7, 0, 5, true },                        \
            { "OUT", 7, 0, 5, true }, { "COST", 10, 0, 0, true },                        \
            { "P50", 7, 0, 6, true }, { "P99", 7, 0, 3, true },                          \
            { "LAST 4 MIN", BARS_SPANS, 0, 7, false }, { "LAST", 8, 0, 8, true },        \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

static const tui_column_t s_model_columns[] = SUM_COLUMNS ("MODEL");
static const tui_column_t s_provider_columns[] = SUM_COLUMNS ("PROVIDER");
static const tui_column_t s_account_columns[] = SUM_COLUMNS ("ACCOUNT");
static const tui_column_t s_run_columns[] = SUM_COLUMNS ("RUN");

static void
s_add_sum (const tui_model_t *model, const tui_sum_t *sum, tui_list_t *list)
{
    char word[TUI_WORD], bars[BARS_BYTES];
    tui_list_row (list, TUI_PLAIN, *sum->name ? sum->name : "-");
    tui_list_text (list, *sum->name ? sum->name : "(none)");
    tui_list_value (list, (double) sum->calls, tui_text_count (sum->calls, word));
    tui_list_value (list, (double) sum->failed,
                    sum->failed ? tui_text_count (sum->failed, word) : "");
    tui_list_look (list, TUI_BAD);
    tui_list_value (list, (double) sum->input_tokens,
                    tui_text_count (sum->input_tokens, word));
    tui_list_value (list, (double) sum->output_tokens,
                    tui_text_count (sum->output_tokens, word));
    char cost[2 * TUI_WORD];
    snprintf (cost, sizeof cost, "%s%s%s", sum->estimated ? "~" : "",
              tui_text_money (sum->cost_nusd, word), sum->unknown ? "+?" : "");
    tui_list_value (list, (double) sum->cost_nusd, cost);
    static const unsigned percents[] = { 50, 99 };
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        uint32_t ms = tui_sum_latency (sum, percents[i]);
        tui_list_value (list, ms, tui_text_span (ms, word));
    }
    tui_rate_bars (&sum->spent, tui_model_now (model), BARS_SPANS, bars, sizeof bars);
    tui_list_text (list, bars);
    tui_list_look (list, TUI_SPARK);
    tui_list_value (list, (double) sum->last_ms, tui_text_clock (sum->last_ms, word));
}

static void
s_fill_sums (const tui_model_t *model, tui_list_t *list, tui_by_t by)
{
    const tui_sums_t *sums = tui_model_sums (model, by);
    for (size_t i = 0; i < tui_sums_count (sums); i++)
        s_add_sum (model, tui_sums_at (sums, i), list);
}

static void
s_fill_models (const tui_model_t *model, tui_list_t *list)
{
    s_fill_sums (model, list, TUI_BY_MODEL);
}

static void
s_fill_providers (const tui_model_t *model, tui_list_t *list)
{
    s_fill_sums (model, list, TUI_BY_PROVIDER);
}

static void
s_fill_accounts (const tui_model_t *model, tui_list_t *list)
{
    s_fill_sums (model, list, TUI_BY_ACCOUNT);
}

static void
s_fill_runs (const tui_model_t *model, tui_list_t *list)
{
    s_fill_sums (model, list, TUI_BY_RUN);
}

//  ---- by day

static const tui_column_t s_day_columns[] = {
    { "DAY", 10, 0, 0, false },
    { "CALLS", 7, 0, 1, true },
    { "FAILED", 7, 0, 3, true },
    { "IN", 7, 0, 4, true },
    { "OUT", 7, 0, 4, true },
    { "COST", 11, 0, 0, true },
    { "ESTIMATED", 10, 0, 5, true },
    { "", 10, 1, 6, false },
    { 0 },
};

static double
s_most_of_a_day (const cJSON *rows)
{
    double most = 1;
    const cJSON *row;
    cJSON_ArrayForEach (row, rows)
    {
        double cost = tui_json_number (row, "cost_nusd");
        most = cost > most ? cost : most;
    }
    return most;
}

static void
s_add_day (const cJSON *row, double most, tui_list_t *list)
{
    static const char *const counts[] = { "calls", "failed", "input_tokens",
                                          "output_tokens" };
    char word[TUI_WORD], bar[BARS_BYTES];
    tui_list_row (list, TUI_PLAIN, tui_json_text (row, "day"));
    tui_list_text (list, tui_json_text (row, "day"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint64_t count = tui_json_count (row, counts[i]);
        tui_list_value (list, (double) count, tui_text_count (count, word));
    }
    uint64_t cost = tui_json_count (row, "cost_nusd");
    uint64_t estimated = tui_json_count (row, "estimated_nusd");
    tui_list_value (list, (double) cost, tui_text_money ((int64_t) cost, word));
    tui_list_value (list, (double) estimated,
                    estimated ? tui_text_money ((int64_t) estimated, word) : "");
    size_t size = 0;
    for (double at = 0; at < (double) cost && size + 4 < sizeof bar; at += most / 30)
        size += tui_text_put (0x2588, bar + size);
    bar[size] = 0;
    tui_list_value (list, (double) cost, bar);
    tui_list_look (list, TUI_SPARK);
}

static void
s_fill_days (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *rows = tui_json (tui_model_said (model, TUI_DAYS), "rows");
    double most = s_most_of_a_day (rows);
    const cJSON *row;
    cJSON_ArrayForEach (row, rows) s_add_day (row, most, list);
}

//  ---- budgets

static const tui_column_t s_budget_columns[] = {
    { "WHOSE", 14, 3, 0, false },   { "SCOPE", 8, 0, 4, false },
    { "LEFT", 10, 0, 0, true },     { "OF", 10, 0, 1, true },
    { "", 4, 0, 5, true },          { "SPENT", 10, 0, 2, true },
    { "HELD", 10, 0, 6, true },     { "WAIT", 4, 0, 7, true },
    { "RESETS IN", 9, 0, 3, true }, { 0 },
};

static void
s_add_money (const cJSON *row, const char *name, tui_list_t *list)
{
    char word[TUI_WORD];
    uint64_t nusd = tui_json_count (row, name);
    tui_list_value (list, (double) nusd, tui_text_money ((int64_t) nusd, word));
}

static void
s_add_budget (const cJSON *row, tui_list_t *list)
{
    char word[TUI_WORD], key[TUI_SUM_NAME];
    const char *account = tui_json_text (row, "account");
    const char *owner = tui_json_text (row, "key");
    snprintf (key, sizeof key, "%.90s/%.90s", account, owner);
    tui_list_row (list, TUI_PLAIN, key);
    tui_list_textf (list, "%s%s%s", *account ? account : "(open)", *owner ? " " : "",
                    owner);
    tui_list_text (list, tui_json_text (row, "scope"));
    double limit = tui_json_number (row, "limit_nusd");
    double left = tui_json_number (row, "left_nusd");
    double share = limit > 0 ? PERCENT * left / limit : 0;
    s_add_money (row, "left_nusd", list);
    tui_list_look (list, share < 10 ? TUI_BAD : share < 25 ? TUI_WARN : TUI_GOOD);
    s_add_money (row, "limit_nusd", list);
    char percent[TUI_WORD];
    snprintf (percent, sizeof percent, "%.0f%%", share);
    tui_list_value (list, share, percent);
    s_add_money (row, "spent_nusd", list);
    s_add_money (row, "held_nusd", list);
    uint64_t waiting = tui_json_count (row, "waiting");
    tui_list_value (list, (double) waiting,
                    waiting ? tui_text_count (waiting, word) : "");
    uint64_t reset_ms = tui_json_count (row, "reset_ms");
    tui_list_value (list, (double) reset_ms,
                    reset_ms ? tui_text_span (reset_ms, word) : "never");
}

static void
s_fill_budgets (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, tui_model_said (model, TUI_BUDGETS))
        s_add_budget (row, list);
}

//  ---- charges

static const tui_column_t s_charge_columns[] = {
    { "SETTLED", 8, 0, 0, false },  { "COST", 11, 0, 0, true },
    { "MODEL", 16, 3, 0, false },   { "IN", 7, 0, 3, true },
    { "OUT", 7, 0, 3, true },       { "STATE", 7, 0, 2, false },
    { "ACCOUNT", 10, 2, 4, false }, { "RUN", 8, 1, 5, false },
    { "REQUEST", 10, 1, 6, false }, { 0 },
};

static void
s_add_charge (const tui_call_t *call, tui_list_t *list)
{
    char word[TUI_WORD];
    tui_list_row (list, TUI_PLAIN, call->id);
    tui_list_value (list, (double) call->settled_ms,
                    tui_text_clock (call->settled_ms, word));
    tui_list_value (list, (double) call->cost_nusd, tui_text_cost (call, word));
    tui_list_textf (list, "%s:%s", call->provider, call->model);
    tui_list_value (list, (double) call->input_tokens,
                    tui_text_count (call->input_tokens, word));
    tui_list_value (list, (double) call->output_tokens,
                    tui_text_count (call->output_tokens, word));
    tui_list_text (list, tui_call_state_name (call->state));
    tui_list_look (list, tui_style_of_call (call->state));
    tui_list_text (list, call->account);
    tui_list_text (list, tui_call_run (call));
    tui_list_text (list, call->request_id);
}

static void
s_fill_charges (const tui_model_t *model, tui_list_t *list)
{
    const tui_calls_t *calls = tui_model_calls (model);
    const tui_call_t *call = tui_calls_next (calls, NULL);
    for (; call; call = tui_calls_next (calls, call))
        if (call->is_settled)
            s_add_charge (call, list);
}

//  ---- the pane

static int
s_head (const tui_model_t *model, tui_cells_t *cells, tui_area_t area)
{
    const tui_totals_t *totals = tui_model_totals (model);
    const cJSON *ledger = tui_model_said (model, TUI_LEDGER);
    char spent[TUI_WORD], all[TUI_WORD], rows[TUI_WORD], since[TUI_WORD];
    uint64_t values[TUI_RATE_SLOTS];
    if (area.height < 6)
        return 0;
    tui_text_money (totals->cost_nusd, spent);
    tui_text_clock (totals->started_ms, since);
    int used = tui_cells_putf (cells, area.x, area.y, area.width, TUI_PLAIN,
                               "%s since %s", spent, since);
    if (ledger)
        used += tui_cells_putf (
            cells, area.x + used, area.y, area.width - used, TUI_PLAIN,
            "; ledger: %s in %s calls",
            tui_text_money ((int64_t) tui_json_count (ledger, "cost_nusd"), all),
            tui_text_count (tui_json_count (ledger, "rows"), rows));
    used += 2;
    tui_rate_read (&totals->spent, tui_model_now (model), values);
    tui_area_t bars = { area.x + used, area.y, area.width - used, 1 };
    bars.width = bars.width > TUI_RATE_SLOTS ? TUI_RATE_SLOTS : bars.width;
    if (bars.width >= 10)
        tui_cells_bars (cells, bars, values, TUI_RATE_SLOTS);
    return 1;
}

#define NOTHING_SETTLED "Nothing was settled since this view began."

#define SUM_SHEET(word, columns_of, fill_of)                                             \
    {                                                                                    \
        .name = word, .columns = columns_of, .sort = 5, .down = true, .of_events = true, \
        .empty = NOTHING_SETTLED, .fill = fill_of                                        \
    }

static const tui_sheet_t s_models = SUM_SHEET ("models", s_model_columns, s_fill_models);
static const tui_sheet_t s_providers = SUM_SHEET ("providers", s_provider_columns,
                                                  s_fill_providers);
static const tui_sheet_t s_accounts = SUM_SHEET ("accounts", s_account_columns,
                                                 s_fill_accounts);
static const tui_sheet_t s_runs = SUM_SHEET ("runs", s_run_columns, s_fill_runs);

static const tui_sheet_t s_days = {
    .name = "days",
    .columns = s_day_columns,
    .down = true,
    .empty = "The ledger has no calls yet, or cannot be read; see `bitrouter spend`.",
    .fill = s_fill_days,
};

static const tui_sheet_t s_budgets = {
    .name = "budgets",
    .columns = s_budget_columns,
    .sort = 4,
    .empty = "No budget was asked for lately. Keys get one by `bitrouter key` or "
             "`keygen --budget`.",
    .fill = s_fill_budgets,
};

static const tui_sheet_t s_charges = {
    .name = "charges",
    .of_events = true,
    .columns = s_charge_columns,
    .down = true,
    .empty = NOTHING_SETTLED,
    .fill = s_fill_charges,
    .detail = tui_detail_call,
};

const tui_pane_t tui_pane_spend = {
    .name = "Spend",
    .sheets = { &s_models, &s_providers, &s_accounts, &s_runs, &s_days, &s_budgets,
                &s_charges },
    .head = s_head,
};
