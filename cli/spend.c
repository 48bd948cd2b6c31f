//  spend: what was spent, by model, by account, by day, from the ledger itself.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/ledger/ledger_report.h"
#include "broker/ledger/ledger_usd.h"
#include "cli/door_client.h"
#include "cli/ledger_source.h"
#include "cli/table.h"
#include "cli/watch.h"
#include "cli/when.h"

#define NUMBER_BYTES 24

typedef struct {
    const cli_t *cli;
    ledger_by_t by;
    uint64_t since_ms, until_ms;
    bool csv;
    cli_watch_t watch;
} s_wish_t;

//  ---- as JSON

//  Exactly: cJSON's own numbers are doubles.
static void
s_put_number (cJSON *object, const char *name, int64_t number)
{
    char text[NUMBER_BYTES];
    snprintf (text, sizeof text, "%" PRId64, number);
    cJSON_AddRawToObject (object, name, text);
}

static void
s_put_sum (cJSON *object, const ledger_sum_t *sum)
{
    char usd[LEDGER_USD];
    s_put_number (object, "calls", (int64_t) sum->calls);
    s_put_number (object, "failed", (int64_t) sum->failed);
    s_put_number (object, "input_tokens", (int64_t) sum->input_tokens);
    s_put_number (object, "output_tokens", (int64_t) sum->output_tokens);
    s_put_number (object, "cost_nusd", sum->cost_nusd);
    cJSON_AddStringToObject (object, "cost_usd", ledger_usd (sum->cost_nusd, usd));
    s_put_number (object, "estimated_calls", (int64_t) sum->estimated_calls);
    s_put_number (object, "estimated_nusd", sum->estimated_nusd);
    cJSON_AddStringToObject (object, "estimated_usd",
                             ledger_usd (sum->estimated_nusd, usd));
    s_put_number (object, "unknown_calls", (int64_t) sum->unknown_calls);
    s_put_number (object, "operator_nusd", sum->operator_nusd);
}

static void
s_print_json (const ledger_report_t *report, const s_wish_t *wish)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "by", ledger_by_name (wish->by));
    s_put_number (answer, "since_ms", (int64_t) wish->since_ms);
    s_put_number (answer, "until_ms", (int64_t) wish->until_ms);
    cJSON *rows = cJSON_AddArrayToObject (answer, "rows");
    for (size_t i = 0; i < ledger_report_count (report); i++) {
        const ledger_sum_t *sum = ledger_report_sum (report, i);
        cJSON *row = cJSON_CreateObject ();
        cJSON_AddStringToObject (row, ledger_by_name (wish->by), sum->name);
        s_put_sum (row, sum);
        cJSON_AddItemToArray (rows, row);
    }
    s_put_sum (cJSON_AddObjectToObject (answer, "total"), ledger_report_total (report));
    cli_door_print (answer);
    cJSON_Delete (answer);
}

//  ---- as CSV

//  In quotes, which are doubled inside.
static void
s_print_quoted (const char *text)
{
    putchar ('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar ('"');
        putchar (*text);
    }
    putchar ('"');
}

static void
s_print_csv (const ledger_report_t *report, const s_wish_t *wish)
{
    printf ("%s,calls,failed,input_tokens,output_tokens,cost_usd,estimated_calls,"
            "estimated_usd,unknown_calls\r\n",
            ledger_by_name (wish->by));
    for (size_t i = 0; i < ledger_report_count (report); i++) {
        const ledger_sum_t *sum = ledger_report_sum (report, i);
        char cost[LEDGER_USD], estimated[LEDGER_USD];
        s_print_quoted (sum->name);
        printf (",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64
                ",%s,%" PRIu64 "\r\n",
                sum->calls, sum->failed, sum->input_tokens, sum->output_tokens,
                ledger_usd (sum->cost_nusd, cost), sum->estimated_calls,
                ledger_usd (sum->estimated_nusd, estimated), sum->unknown_calls);
    }
}

//  ---- for people

static void
s_add_line (cli_table_t *table, const ledger_sum_t *sum)
{
    char usd[LEDGER_USD];
    cli_table_add (table, *sum->name ? sum->name : "(none)");
    cli_table_addf (table, "%" PRIu64, sum->calls);
    cli_table_addf (table, "%" PRIu64, sum->failed);
    cli_table_addf (table, "%" PRIu64, sum->input_tokens);
    cli_table_addf (table, "%" PRIu64, sum->output_tokens);
    cli_table_addf (table, "$%s", ledger_usd (sum->cost_nusd, usd));
    cli_table_addf (table, "$%s (%" PRIu64 ")", ledger_usd (sum->estimated_nusd, usd),
                    sum->estimated_calls);
    cli_table_addf (table, "%" PRIu64, sum->unknown_calls);
}

static void
s_print_table (const ledger_report_t *report, const s_wish_t *wish)
{
    static const char *const titles[] = {
        [LEDGER_BY_MODEL] = "MODEL",     [LEDGER_BY_PROVIDER] = "PROVIDER",
        [LEDGER_BY_ACCOUNT] = "ACCOUNT", [LEDGER_BY_RUN] = "RUN",
        [LEDGER_BY_AGENT] = "AGENT",     [LEDGER_BY_KEY] = "KEY",
        [LEDGER_BY_DAY] = "DAY",
    };
    const char *const heads[] = { titles[wish->by], "CALLS",   "FAILED",
                                  "INPUT",          "OUTPUT",  "COST",
                                  "ESTIMATED",      "UNKNOWN", NULL };
    cli_table_t *table = cli_table_new (heads);
    for (size_t i = 0; i < ledger_report_count (report); i++)
        s_add_line (table, ledger_report_sum (report, i));
    s_add_line (table, ledger_report_total (report));
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
}

//  ---- the command

static int
s_take_time (int *argc, char **argv, const char *name, bool is_end, uint64_t *ret_ms)
{
    const char *text = cli_take_option (argc, argv, name);
    uint64_t now_ms = (uint64_t) time (NULL) * 1000;
    if (text && cli_when (text, now_ms, is_end, ret_ms))
        return cli_usage ("spend",
                          "%s takes a day (2025-06-15), a time "
                          "(2025-06-15T12:30:00Z), or how long ago (7d, 24h), "
                          "not '%s'",
                          name, text);
    return CLI_OK;
}

static int
s_take_wish (int *argc, char **argv, s_wish_t *ret_wish)
{
    const char *by = cli_take_option (argc, argv, "--by");
    ret_wish->by = by ? ledger_by_find (by) : LEDGER_BY_MODEL;
    ret_wish->csv = cli_take_switch (argc, argv, "--csv");
    if (cli_watch_take ("spend", argc, argv, &ret_wish->watch))
        return CLI_USAGE;
    if (ret_wish->by == LEDGER_BY_COUNT)
        return cli_usage ("spend",
                          "--by takes model, provider, account, run, agent, key "
                          "or day, not '%s'",
                          by);
    if (s_take_time (argc, argv, "--since", false, &ret_wish->since_ms)
        || s_take_time (argc, argv, "--until", true, &ret_wish->until_ms))
        return CLI_USAGE;
    return cli_take_no_more ("spend", 1, *argc, argv);
}

static int
s_show (void *arg)
{
    const s_wish_t *wish = arg;
    cli_ledger_t ledger;
    br_error_t error = { .code = BR_OK };
    if (cli_ledger_open (&ledger, wish->cli, &error))
        return cli_fail ("%s", error.text);
    ledger_report_t *report = ledger_report_new (wish->by, wish->since_ms,
                                                 wish->until_ms);
    int rc = cli_ledger_read (&ledger, ledger_report_add, report, &error);
    ledger_report_sort (report);
    if (rc == 0 && wish->cli->json)
        s_print_json (report, wish);
    else if (rc == 0 && wish->csv)
        s_print_csv (report, wish);
    else if (rc == 0)
        s_print_table (report, wish);
    ledger_report_destroy (&report);
    cli_ledger_close (&ledger);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    s_wish_t wish = { .cli = cli };
    if (s_take_wish (&argc, argv, &wish))
        return CLI_USAGE;
    return cli_watch_run (&wish.watch, s_show, &wish);
}

const cli_command_t cli_spend = {
    .name = "spend",
    .args = "[--by WHAT] [--since WHEN] [--until WHEN] [--csv] [--watch [--count N]]",
    .about = "what was spent, by model, account, run, agent, key or day",
    .help =
        "  --by WHAT      model (the default), provider, account, run, agent, key or "
        "day\n"
        "  --since WHEN   calls that were settled since then: 2025-06-15,\n"
        "                 2025-06-15T12:30:00Z, today, yesterday, or 7d, 24h, 30m ago\n"
        "  --until WHEN   and before then; a day counts whole\n"
        "  --csv          comma separated values\n"
        "  --watch        again every two seconds, in place on a terminal\n"
        "  --count N      with --watch: end after that many times\n"
        "\n"
        "Reads the ledger itself, whether bitrouter runs or not: that of --db, else "
        "the\n"
        "local one. COST is of calls whose tokens the provider counted; ESTIMATED is "
        "beside\n"
        "it, UNKNOWN counts calls whose cost nobody knows.\n",
    .run = s_run,
};
