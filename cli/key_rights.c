//  key_rights: flags of rights, read.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/identity/glob_list.h"
#include "cli/key_rights.h"

#define NUSD_OF_MICRO_USD 1000 //  nano-USD
#define DIGITS "0123456789"

//  The number that a text begins with, up to INT64_MAX. 0, or -1 when it begins with none.
static int
s_number (const char *text, uint64_t *ret_number, const char **ret_rest)
{
    char *rest;
    if (strspn (text, DIGITS) == 0)
        return -1;
    errno = 0;
    *ret_number = strtoull (text, &rest, 10);
    *ret_rest = rest;
    return errno || *ret_number > INT64_MAX ? -1 : 0;
}

int
cli_rights_take_number (const char *command, const char *name, uint64_t min, int *argc,
                        char **argv, uint64_t *ret_number)
{
    const char *text = cli_take_option (argc, argv, name);
    const char *rest = "";
    uint64_t number;
    if (!text)
        return CLI_OK;
    if (s_number (text, &number, &rest) || *rest || number < min)
        return cli_usage (command, "%s must be a whole number from %llu on", name,
                          (unsigned long long) min);
    *ret_number = number;
    return CLI_OK;
}

//  ---- what each flag may be

typedef int (s_read_fn) (cli_rights_t *self, const char *text, uint64_t now_s);

static int
s_scope (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    bool admin = strcmp (text, "admin") == 0;
    self->scope = admin ? BR_SCOPE_ADMIN : BR_SCOPE_API;
    return admin || strcmp (text, "api") == 0 ? 0 : -1;
}

//  Without a unit it is a time, with one it is how long from now on.
static int
s_exp (cli_rights_t *self, const char *text, uint64_t now_s)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } s_units[] = {
        { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'y', 31536000 },
    };
    uint64_t number;
    const char *rest;
    if (strcmp (text, "never") == 0)
        return 0;
    if (s_number (text, &number, &rest) || number == 0)
        return -1;
    self->expires_s = number;
    if (!*rest)
        return 0;
    for (size_t i = 0; i < sizeof s_units / sizeof *s_units; i++)
        if (rest[0] == s_units[i].unit && !rest[1]
            && number <= (INT64_MAX - now_s) / s_units[i].seconds) {
            self->expires_s = now_s + number * s_units[i].seconds;
            return 0;
        }
    return -1;
}

static int
s_models (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    return br_glob_list_split (text, &self->models);
}

static int
s_tools (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    return br_glob_list_split (text, &self->tools);
}

static int
s_budget (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    uint64_t micro_usd;
    const char *rest;
    if (s_number (text, &micro_usd, &rest) || *rest
        || micro_usd > INT64_MAX / NUSD_OF_MICRO_USD)
        return -1;
    self->budgeted = true;
    self->budget_nusd = micro_usd * NUSD_OF_MICRO_USD;
    return 0;
}

static int
s_budget_scope (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    bool account = strcmp (text, "account") == 0;
    self->budget_scope = account ? BR_BUDGET_ACCOUNT : BR_BUDGET_SESSION;
    return account || strcmp (text, "session") == 0 ? 0 : -1;
}

static int
s_budget_range (cli_rights_t *self, const char *text, uint64_t now_s)
{
    (void) now_s;
    static const struct {
        const char *begin;
        const char *end;
        br_budget_range_t range;
    } s_ranges[] = {
        { "rounds:", "", BR_BUDGET_ROUNDS },
        { "duration:", "s", BR_BUDGET_DURATION },
    };
    for (size_t i = 0; i < sizeof s_ranges / sizeof *s_ranges; i++) {
        size_t size = strlen (s_ranges[i].begin);
        const char *rest;
        if (strncmp (text, s_ranges[i].begin, size) != 0)
            continue;
        self->budget_range = s_ranges[i].range;
        if (s_number (text + size, &self->budget_extent, &rest)
            || strcmp (rest, s_ranges[i].end) != 0)
            return -1;
        return self->budget_extent > 0 ? 0 : -1;
    }
    return -1;
}

static const struct {
    const char *name;
    const char *about; //  what it must be
    s_read_fn *read;
} s_rows[] = {
    { "--scope", "api or admin", s_scope },
    { "--exp", "never, a unix time, or a number with s, m, h, d or y", s_exp },
    { "--models", "globs with commas between them", s_models },
    { "--tools", "globs with commas between them", s_tools },
    { "--budget", "a whole number of micro-USD", s_budget },
    { "--budget-scope", "session or account", s_budget_scope },
    { "--budget-range", "rounds:N or duration:Ns", s_budget_range },
};

//  ---- all of them

static int
s_check (const cli_rights_t *self, const char *command, bool has_budget_flags)
{
    if (self->scope == BR_SCOPE_ADMIN && !self->expires_s)
        return cli_fail ("Admin-scope tokens require --exp (e.g., --exp 5m). This limits "
                         "replay window.");
    if (has_budget_flags && !self->budgeted)
        return cli_usage (command, "--budget-scope and --budget-range need a --budget");
    return CLI_OK;
}

int
cli_rights_take (cli_rights_t *ret_self, const char *command, uint64_t now_s, int *argc,
                 char **argv)
{
    *ret_self = (cli_rights_t) { .scope = BR_SCOPE_API };
    int rc = CLI_OK;
    bool has_budget_flags = false;
    for (size_t i = 0; rc == CLI_OK && i < sizeof s_rows / sizeof *s_rows; i++) {
        const char *text = cli_take_option (argc, argv, s_rows[i].name);
        if (!text)
            continue;
        has_budget_flags |= strncmp (s_rows[i].name, "--budget-", 9) == 0;
        if (s_rows[i].read (ret_self, text, now_s))
            rc = cli_usage (command, "%s must be %s", s_rows[i].name, s_rows[i].about);
    }
    if (rc == CLI_OK)
        rc = s_check (ret_self, command, has_budget_flags);
    if (rc != CLI_OK)
        cli_rights_clear (ret_self);
    return rc;
}

void
cli_rights_clear (cli_rights_t *self)
{
    br_glob_list_destroy (&self->tools);
    br_glob_list_destroy (&self->models);
}
