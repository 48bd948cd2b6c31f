//  guard: what guardrails look for, and a dry run of them.

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_family.h"
#include "broker/core/conf_file.h"
#include "broker/guard/guard_words.h"
#include "cli/door_client.h"
#include "cli/guard_trial.h"
#include "cli/table.h"

//  ---- what is looked for

//  The number of a pattern under this configuration; UINT_MAX for one that is off.
static unsigned
s_number (const cli_guard_plan_t *plan, const char *family, const char *name)
{
    for (unsigned i = 0; i < guard_rules_count (plan->rules); i++)
        if (strcmp (guard_rules_family (plan->rules, i), family) == 0
            && strcmp (guard_rules_name (plan->rules, i), name) == 0)
            return i;
    return UINT_MAX;
}

static const char *
s_action (const cli_guard_plan_t *plan, unsigned pattern, guard_direction_t direction)
{
    guard_action_t action = GUARD_OFF;
    if (pattern != UINT_MAX)
        action = guard_rules_action (plan->rules, plan->sets, direction, pattern);
    return guard_action_name (action);
}

//  A row of the list, in the one form or the other.
static void
s_add_row (const cli_guard_plan_t *plan, cli_table_t *table, cJSON *list,
           const char *family, const char *name, const char *check)
{
    unsigned number = s_number (plan, family, name);
    const char *up = s_action (plan, number, GUARD_UP);
    const char *down = s_action (plan, number, GUARD_DOWN);
    cli_table_add (table, family);
    cli_table_add (table, name);
    cli_table_add (table, up);
    cli_table_add (table, down);
    cli_table_add (table, check);
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "family", family);
    cJSON_AddStringToObject (row, "pattern", name);
    cJSON_AddStringToObject (row, "upgoing", up);
    cJSON_AddStringToObject (row, "downgoing", down);
    if (check)
        cJSON_AddStringToObject (row, "check", check);
    cJSON_AddItemToArray (list, row);
}

static void
s_add_rows (const cli_guard_plan_t *plan, const br_conf_families_t *families,
            cli_table_t *table, cJSON *list)
{
    const br_conf_node_t *family = br_conf_families_at (families, 0);
    for (size_t i = 0; family; family = br_conf_families_at (families, ++i)) {
        const br_conf_node_t *patterns = br_conf_node_get (family, "patterns");
        for (size_t j = 0; patterns && j < patterns->count; j++)
            s_add_row (plan, table, list, family->key,
                       br_conf_node_get_text (patterns->items[j], "name"),
                       br_conf_node_get_text (patterns->items[j], "check"));
    }
    for (unsigned i = 0; i < guard_rules_count (plan->rules); i++) {
        const char *id = guard_rules_family (plan->rules, i);
        if (!br_conf_families_get (families, id))
            s_add_row (plan, table, list, id, guard_rules_name (plan->rules, i), NULL);
    }
}

static int
s_run_list (const cli_t *cli, int argc, char **argv)
{
    static const char *const s_heads[] = { "FAMILY",    "PATTERN", "UPGOING",
                                           "DOWNGOING", "CHECK",   NULL };
    cli_guard_plan_t plan;
    if (cli_guard_plan_open (&plan, cli, &argc, argv))
        return CLI_FAILED;
    br_error_t error = { .code = BR_OK };
    br_conf_families_t *families = br_conf_families_new (&error);
    int rc = cli_take_no_more ("guard list", 1, argc, argv);
    if (rc == CLI_OK && !families)
        rc = cli_fail ("%s", error.text);
    if (rc == CLI_OK) {
        cli_table_t *table = cli_table_new (s_heads);
        cJSON *list = cJSON_CreateArray ();
        s_add_rows (&plan, families, table, list);
        if (cli->json)
            cli_door_print (list);
        else
            cli_table_print (table, stdout);
        cJSON_Delete (list);
        cli_table_destroy (&table);
    }
    br_conf_families_destroy (&families);
    cli_guard_plan_close (&plan);
    return rc;
}

static const cli_command_t s_list = {
    .name = "list",
    .args = "[OPTIONS]",
    .about = "the patterns and what is done about them, each way",
    .help = CLI_GUARD_PLAN_HELP "\n"
                                "CHECK is what a match must pass besides its form.\n",
    .run = s_run_list,
};

//  ---- a dry run

typedef struct {
    const char *file; //  "-" = standard input
    guard_direction_t direction;
    br_surface_t surface;
    bool redacted;
} test_options_t;

static const struct {
    const char *name;
    br_surface_t surface;
} s_protocols[] = {
    { "text", BR_SURFACE_NONE },           { "chat", BR_SURFACE_CHAT },
    { "responses", BR_SURFACE_RESPONSES }, { "messages", BR_SURFACE_MESSAGES },
    { "google", BR_SURFACE_GOOGLE },
};

//  CLI_OK or CLI_USAGE.
static int
s_take_protocol (test_options_t *options, const char *name)
{
    for (size_t i = 0; i < sizeof s_protocols / sizeof *s_protocols; i++)
        if (!name || strcmp (s_protocols[i].name, name) == 0) {
            options->surface = s_protocols[i].surface;
            return CLI_OK;
        }
    return cli_usage ("guard test",
                      "no protocol \"%s\": give text, chat, responses, "
                      "messages or google",
                      name);
}

static int
s_take_options (test_options_t *options, int *argc, char **argv)
{
    const char *file = cli_take_option (argc, argv, "--file");
    const char *way = cli_take_option (argc, argv, "--direction");
    const char *protocol = cli_take_option (argc, argv, "--protocol");
    *options = (test_options_t) { .file = file ? file : "-" };
    options->redacted = cli_take_switch (argc, argv, "--redacted");
    if (way && strcmp (way, "upgoing") != 0 && strcmp (way, "downgoing") != 0)
        return cli_usage ("guard test", "no direction \"%s\": give upgoing or downgoing",
                          way);
    options->direction = way && *way == 'd' ? GUARD_DOWN : GUARD_UP;
    return s_take_protocol (options, protocol);
}

//  Reads standard input, which may be no file that could be opened again. "caller frees"
static char *
s_read_input (size_t *ret_size, br_error_t *reterr)
{
    char part[16384];
    br_buf_t all;
    br_buf_init (&all, CLI_GUARD_INPUT_MAX);
    ssize_t size = 1;
    while (size > 0 && !all.overflow) {
        size = read (STDIN_FILENO, part, sizeof part);
        if (size > 0)
            br_buf_add (&all, part, (size_t) size);
        else if (size < 0 && errno == EINTR)
            size = 1;
    }
    char *text = NULL;
    if (size < 0)
        br_error_set (reterr, BR_ESYSTEM, "standard input cannot be read: %s",
                      strerror (errno));
    else if (all.overflow)
        br_error_set (reterr, BR_ETOOBIG, "standard input is over %u bytes",
                      CLI_GUARD_INPUT_MAX);
    else {
        br_buf_text (&all);
        text = (char *) br_buf_take (&all, ret_size);
        text = text ? text : br_strdup ("");
    }
    br_buf_free (&all);
    return text;
}

//  Why it was found, or that it was not tried to the end. "caller frees"
static char *
s_why (const cli_guard_trial_t *trial, const cli_guard_finding_t *finding)
{
    const char *check = cli_guard_plan_check (trial->plan, finding->pattern);
    if (finding->kind == GUARD_FAILED)
        return br_strf ("the pattern could not be tried to its end; fails %s",
                        finding->action == GUARD_WARN ? "open" : "closed");
    return check ? br_strf ("matches, and passes %s", check) : br_strdup ("matches");
}

static void
s_add_finding (const cli_guard_trial_t *trial, const cli_guard_finding_t *finding,
               cli_table_t *table)
{
    char *where = cli_guard_trial_where (trial, finding);
    char *why = s_why (trial, finding);
    cli_table_add (table, guard_action_name (finding->action));
    cli_table_add (table, guard_rules_family (trial->plan->rules, finding->pattern));
    cli_table_add (table, guard_rules_name (trial->plan->rules, finding->pattern));
    cli_table_add (table, where);
    if (finding->line)
        cli_table_addf (table, "%u:%u", finding->line, finding->column);
    else
        cli_table_addf (table, "byte %" PRIu64, finding->at);
    cli_table_add (table, finding->masked);
    cli_table_add (table, why);
    free (why);
    free (where);
}

static void
s_print_findings (const cli_guard_trial_t *trial)
{
    static const char *const s_heads[] = { "ACTION", "FAMILY", "PATTERN", "WHERE",
                                           "AT",     "FOUND",  "WHY",     NULL };
    cli_table_t *table = cli_table_new (s_heads);
    for (size_t i = 0; i < trial->count; i++)
        s_add_finding (trial, &trial->findings[i], table);
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
    if (trial->more)
        printf ("%zu more findings are not shown\n", trial->more);
    if (!trial->count)
        puts ("nothing was found");
    if (trial->tools != CLI_GUARD_TOOLS_STAY)
        printf ("rules for tools: %s\n", cli_guard_trial_tools (trial));
}

static cJSON *
s_finding_json (const cli_guard_trial_t *trial, const cli_guard_finding_t *finding)
{
    const guard_rules_t *rules = trial->plan->rules;
    char *where = cli_guard_trial_where (trial, finding);
    char *why = s_why (trial, finding);
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "action", guard_action_name (finding->action));
    cJSON_AddStringToObject (row, "family", guard_rules_family (rules, finding->pattern));
    cJSON_AddStringToObject (row, "pattern", guard_rules_name (rules, finding->pattern));
    cJSON_AddStringToObject (row, "where", where);
    cJSON_AddNumberToObject (row, "offset", (double) finding->at);
    if (finding->line) {
        cJSON_AddNumberToObject (row, "line", finding->line);
        cJSON_AddNumberToObject (row, "column", finding->column);
    }
    cJSON_AddStringToObject (row, "masked", finding->masked);
    cJSON_AddBoolToObject (row, "failed", finding->kind == GUARD_FAILED);
    cJSON_AddStringToObject (row, "why", why);
    free (why);
    free (where);
    return row;
}

static void
s_print_json (const cli_guard_trial_t *trial, bool redacted, const char *text)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "action", guard_action_name (trial->strictest));
    cJSON *list = cJSON_AddArrayToObject (answer, "findings");
    for (size_t i = 0; i < trial->count; i++)
        cJSON_AddItemToArray (list, s_finding_json (trial, &trial->findings[i]));
    cJSON_AddNumberToObject (answer, "more", (double) trial->more);
    if (trial->surface != BR_SURFACE_NONE)
        cJSON_AddStringToObject (answer, "tools", cli_guard_trial_tools (trial));
    if (redacted && text)
        cJSON_AddStringToObject (answer, "redacted", text);
    else if (redacted)
        cJSON_AddNullToObject (answer, "redacted");
    cli_door_print (answer);
    cJSON_Delete (answer);
}

//  Findings, or the text as it would go on; and, when it would not, why.
static int
s_report (const cli_t *cli, cli_guard_trial_t *trial, bool redacted)
{
    bool blocks = trial->strictest == GUARD_BLOCK;
    if (cli->json)
        s_print_json (trial, redacted, blocks ? NULL : br_buf_text (&trial->redacted));
    else if (!redacted)
        s_print_findings (trial);
    else if (!blocks)
        fwrite (trial->redacted.data, 1, trial->redacted.size, stdout);
    if (!blocks)
        return CLI_OK;
    char *message = cli_guard_trial_message (trial);
    int rc = cli_fail ("%s", message);
    free (message);
    return rc;
}

static int
s_try (const cli_t *cli, const cli_guard_plan_t *plan, const test_options_t *options)
{
    br_error_t error = { .code = BR_OK };
    size_t size = 0;
    char *text = strcmp (options->file, "-") == 0
                     ? s_read_input (&size, &error)
                     : br_conf_file_read (options->file, CLI_GUARD_INPUT_MAX, &size,
                                          &error);
    if (!text)
        return cli_fail ("%s", error.text);
    cli_guard_trial_t trial = { .plan = plan,
                                .direction = options->direction,
                                .surface = options->surface };
    int rc = cli_guard_trial_run (&trial, text, size, &error);
    rc = rc ? cli_fail ("%s", error.text) : s_report (cli, &trial, options->redacted);
    cli_guard_trial_clear (&trial);
    free (text);
    return rc;
}

static int
s_run_test (const cli_t *cli, int argc, char **argv)
{
    test_options_t options;
    cli_guard_plan_t plan;
    int rc = s_take_options (&options, &argc, argv);
    if (rc != CLI_OK)
        return rc;
    if (cli_guard_plan_open (&plan, cli, &argc, argv))
        return CLI_FAILED;
    rc = cli_take_no_more ("guard test", 1, argc, argv);
    br_error_t error = { .code = BR_OK };
    if (rc == CLI_OK && cli_guard_plan_look (&plan, &error))
        rc = cli_fail ("%s", error.text);
    if (rc == CLI_OK)
        rc = s_try (cli, &plan, &options);
    cli_guard_plan_close (&plan);
    return rc;
}

static const cli_command_t s_test = {
    .name = "test",
    .args = "[OPTIONS]",
    .about = "a dry run: what would be found in a text, and what would be done",
    .help = "  --file FILE           the text or body; - (default) is standard input\n"
            "  --direction WAY       upgoing (default) or downgoing\n"
            "  --protocol NAME       text (default), or a body of chat, responses,\n"
            "                        messages or google\n" CLI_GUARD_PLAN_HELP
            "  --redacted            print the text as it would go on instead\n"
            "\n"
            "Nothing is sent, and what is found is shown masked. An answer of a\n"
            "protocol may be a stream of events as it comes. Rules for tools come\n"
            "first, for a body. Exit status 1 when something would be blocked, with the\n"
            "client's message on standard error.\n",
    .run = s_run_test,
};

static const cli_command_t *const s_commands[] = { &s_test, &s_list, NULL };

const cli_command_t cli_guard = {
    .name = "guard",
    .args = "COMMAND",
    .about = "what guardrails look for, and a dry run of them",
    .commands = s_commands,
};
