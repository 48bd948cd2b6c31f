//  trace: the calls of a run and their attempts, in order, with times and costs.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "broker/ledger/ledger_run.h"
#include "broker/ledger/ledger_usd.h"
#include "cli/door_client.h"
#include "cli/ledger_source.h"
#include "cli/table.h"

#define US_PER_MS 1000
#define TIME_BYTES 40

//  "2025-06-15T12:30:00.123Z"
static const char *
s_time (uint64_t ms, char ret_text[TIME_BYTES])
{
    char day[TIME_BYTES / 2 + 4] = "";
    struct tm tm;
    time_t at = (time_t) (ms / 1000);
    if (gmtime_r (&at, &tm))
        strftime (day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf (ret_text, TIME_BYTES, "%s.%03uZ", day, (unsigned) (ms % 1000));
    return ret_text;
}

//  ---- for people

static void
s_print_text (const char *label, const char *text)
{
    char *clean = cli_table_clean (text);
    if (*clean)
        printf ("%s%s", label, clean);
    free (clean);
}

static const char *
s_cost (const ledger_entry_t *entry, char ret_text[LEDGER_USD + 16])
{
    char usd[LEDGER_USD];
    if (entry->cost_nusd == LEDGER_UNKNOWN)
        return "cost unknown";
    bool is_estimate = !entry->usage.known && entry->cost_nusd > 0;
    snprintf (ret_text, LEDGER_USD + 16, "$%s%s", ledger_usd (entry->cost_nusd, usd),
              is_estimate ? " estimated" : "");
    return ret_text;
}

static void
s_print_try (const br_try_t *row)
{
    printf ("    %" PRIu32, row->attempt);
    s_print_text (" ", row->provider);
    s_print_text ("/", row->endpoint);
    s_print_text (" ", row->model);
    printf ("  %s", br_outcome_name (row->outcome));
    if (row->status)
        printf (" %u", row->status);
    if (row->code)
        printf (" %s", br_code_label ((br_code_t) row->code));
    printf ("  at +%" PRIu64 " ms, took %" PRIu64 " ms", row->after_us / US_PER_MS,
            row->latency_us / US_PER_MS);
    if (row->first_us)
        printf (", first byte after %" PRIu64 " ms", row->first_us / US_PER_MS);
    printf ("  %" PRIu64 " in, %" PRIu64 " out\n", row->usage.input, row->usage.output);
}

static void
s_print_call (const ledger_entry_t *entry)
{
    char when[TIME_BYTES], cost[LEDGER_USD + 16];
    printf ("%s", s_time (entry->started_ms, when));
    s_print_text ("  ", entry->route);
    s_print_text (" -> ", entry->provider);
    s_print_text (":", entry->model);
    s_print_text ("  ", entry->outcome);
    s_print_text (" ", entry->error_type);
    printf ("  %" PRIu64 " ms  %" PRIu64 " in, %" PRIu64 " out  %s",
            entry->latency_us / US_PER_MS, entry->usage.input, entry->usage.output,
            s_cost (entry, cost));
    s_print_text ("  agent ", entry->agent);
    s_print_text ("  step ", entry->step);
    putchar ('\n');
    for (size_t i = 0; i < entry->tries_count; i++)
        s_print_try (&entry->tries[i]);
}

//  Amounts stay at the greatest there is.
static void
s_add_nusd (int64_t *sum, int64_t nusd)
{
    *sum = nusd > INT64_MAX - *sum ? INT64_MAX : *sum + nusd;
}

//  What was spent, beside what is an estimate and what is not known.
static void
s_print_total (const ledger_run_t *run)
{
    char usd[LEDGER_USD];
    size_t unknown = 0;
    int64_t counted = 0, estimated = 0;
    for (size_t i = 0; i < ledger_run_count (run); i++) {
        const ledger_entry_t *entry = ledger_run_entry (run, i);
        if (entry->cost_nusd == LEDGER_UNKNOWN)
            unknown++;
        else
            s_add_nusd (entry->usage.known ? &counted : &estimated, entry->cost_nusd);
    }
    printf ("%zu calls, $%s", ledger_run_count (run), ledger_usd (counted, usd));
    if (estimated)
        printf (", and $%s estimated", ledger_usd (estimated, usd));
    if (unknown)
        printf (", %zu of unknown cost", unknown);
    puts (ledger_run_is_cut (run) ? "; there are more calls" : "");
}

//  ---- as JSON

static void
s_put_number (cJSON *object, const char *name, int64_t number)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRId64, number);
    cJSON_AddRawToObject (object, name, text);
}

static void
s_put_usage (cJSON *object, const br_usage_t *usage)
{
    cJSON_AddBoolToObject (object, "usage_known", usage->known);
    s_put_number (object, "input_tokens", (int64_t) usage->input);
    s_put_number (object, "output_tokens", (int64_t) usage->output);
}

static cJSON *
s_try_json (const br_try_t *row)
{
    cJSON *object = cJSON_CreateObject ();
    s_put_number (object, "attempt", row->attempt);
    cJSON_AddStringToObject (object, "provider", row->provider);
    cJSON_AddStringToObject (object, "endpoint", row->endpoint);
    cJSON_AddStringToObject (object, "model", row->model);
    cJSON_AddStringToObject (object, "outcome", br_outcome_name (row->outcome));
    cJSON_AddStringToObject (object, "code", br_code_label ((br_code_t) row->code));
    s_put_number (object, "status", row->status);
    s_put_number (object, "after_us", (int64_t) row->after_us);
    s_put_number (object, "latency_us", (int64_t) row->latency_us);
    s_put_number (object, "first_us", (int64_t) row->first_us);
    s_put_usage (object, &row->usage);
    return object;
}

static void
s_put_texts (cJSON *object, const ledger_entry_t *entry)
{
    const struct {
        const char *name, *text;
    } rows[] = {
        { "request_id", entry->request_id }, { "route", entry->route },
        { "provider", entry->provider },     { "model", entry->model },
        { "account", entry->account },       { "key", entry->key },
        { "session", entry->session },       { "run", entry->run },
        { "agent", entry->agent },           { "step", entry->step },
        { "trace", entry->trace },           { "surface", entry->surface },
        { "outcome", entry->outcome },       { "error_type", entry->error_type },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cJSON_AddStringToObject (object, rows[i].name, rows[i].text);
}

static cJSON *
s_call_json (const ledger_entry_t *entry)
{
    char call[BR_ID_TEXT];
    cJSON *object = cJSON_CreateObject ();
    s_put_number (object, "seq", (int64_t) entry->seq);
    cJSON_AddStringToObject (object, "call", br_id_text (entry->call, call));
    s_put_texts (object, entry);
    s_put_number (object, "status", entry->status);
    cJSON_AddBoolToObject (object, "stream", entry->stream);
    s_put_usage (object, &entry->usage);
    if (entry->cost_nusd == LEDGER_UNKNOWN)
        cJSON_AddNullToObject (object, "cost_nusd");
    else
        s_put_number (object, "cost_nusd", entry->cost_nusd);
    s_put_number (object, "started_ms", (int64_t) entry->started_ms);
    s_put_number (object, "latency_us", (int64_t) entry->latency_us);
    s_put_number (object, "first_us", (int64_t) entry->first_us);
    cJSON *tries = cJSON_AddArrayToObject (object, "attempts");
    for (size_t i = 0; i < entry->tries_count; i++)
        cJSON_AddItemToArray (tries, s_try_json (&entry->tries[i]));
    return object;
}

static void
s_print_json (const ledger_run_t *run)
{
    cJSON *calls = cJSON_CreateArray ();
    for (size_t i = 0; i < ledger_run_count (run); i++)
        cJSON_AddItemToArray (calls, s_call_json (ledger_run_entry (run, i)));
    cli_door_print (calls);
    cJSON_Delete (calls);
}

//  ---- the command

static int
s_tell (const cli_t *cli, ledger_run_t *run, const char *name)
{
    ledger_run_sort (run);
    if (cli->json) {
        s_print_json (run);
        return CLI_OK;
    }
    if (ledger_run_count (run) == 0)
        return cli_fail ("the ledger has no call of '%s'", name);
    for (size_t i = 0; i < ledger_run_count (run); i++)
        s_print_call (ledger_run_entry (run, i));
    s_print_total (run);
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    cli_ledger_t ledger;
    br_error_t error = { .code = BR_OK };
    if (argc < 2 || argv[1][0] == '-')
        return cli_usage ("trace", "trace needs the name of a run");
    if (cli_take_no_more ("trace", 2, argc, argv))
        return CLI_USAGE;
    if (cli_ledger_open (&ledger, cli, &error))
        return cli_fail ("%s", error.text);
    ledger_run_t *run = ledger_run_new (argv[1]);
    int rc = cli_ledger_read (&ledger, ledger_run_add, run, &error)
                 ? cli_fail ("%s", error.text)
                 : s_tell (cli, run, argv[1]);
    ledger_run_destroy (&run);
    cli_ledger_close (&ledger);
    return rc;
}

const cli_command_t cli_trace = {
    .name = "trace",
    .args = "RUN",
    .about = "the calls of a run and their attempts, with times and costs",
    .help = "RUN is what the client sent as x-bitrouter-run, the id of a session, a W3C "
            "trace id,\n"
            "or the id of one request. Reads the ledger itself: that of --db, else the "
            "local one.\n",
    .run = s_run,
};
