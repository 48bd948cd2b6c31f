//  command: what all commands share: flags and complaints.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/log.h"
#include "cli/command.h"

const char cli_flags_help[] =
    "Global flags (before or after the command):\n"
    "  --home-dir PATH      home directory (default: ./ with a bitrouter.yaml,\n"
    "                       $BITROUTER_HOME, ~/.bitrouter)\n"
    "  --config-file PATH   configuration instead of HOME/bitrouter.yaml\n"
    "  --env-file PATH      environment file instead of HOME/.env\n"
    "  --run-dir PATH       sockets and pid files instead of HOME/run\n"
    "  --logs-dir PATH      logs instead of HOME/logs\n"
    "  --db URL             database, like sqlite:///var/lib/bitrouter.db\n"
    "  --broker ENDPOINT    a bitrouter of another machine, like tcp://HOST:7701, for\n"
    "                       commands that ask a running one\n"
    "  --log-level LEVEL    trace, debug, info, warn or error\n"
    "  --log-format FORMAT  text or json\n"
    "  --json               answer in JSON, where a command has text\n"
    "  -h, --help           help for the program or a command\n"
    "  -V, --version        the version\n";

int
cli_fail (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fputs ("Error: ", stderr);
    vfprintf (stderr, format, args);
    fputc ('\n', stderr);
    va_end (args);
    return CLI_FAILED;
}

int
cli_usage (const char *command, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fputs ("Error: ", stderr);
    vfprintf (stderr, format, args);
    fprintf (stderr, "\nTry `bitrouter%s%s --help`.\n", *command ? " " : "", command);
    va_end (args);
    return CLI_USAGE;
}

static void
s_remove (int *argc, char **argv, int at, int count)
{
    for (int i = at; i + count <= *argc; i++)
        argv[i] = argv[i + count];
    *argc -= count;
}

//  Where the option stands, or -1. Arguments behind "--" are nobody's options.
static int
s_find (int argc, char **argv, const char *name, const char **ret_value)
{
    size_t size = strlen (name);
    for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++) {
        if (strncmp (argv[i], name, size) != 0)
            continue;
        *ret_value = argv[i][size] == '=' ? argv[i] + size + 1 : NULL;
        if (*ret_value || !argv[i][size])
            return i;
    }
    return -1;
}

//  What may be wrong with an option that a command knows.
typedef enum {
    FAULT_NO_VALUE,
    FAULT_A_VALUE,
    FAULT_TWICE,
    FAULTS
} s_fault_t;

static const char *const s_faults[FAULTS] = {
    [FAULT_NO_VALUE] = " needs a value",
    [FAULT_A_VALUE] = " takes no value",
    [FAULT_TWICE] = " is given twice",
};

//  What is wrong takes the option's place, for cli_take_no_more to tell it.
static void
s_leave (char **argv, int at, const char *name, s_fault_t fault)
{
    argv[at] = br_strf ("%s%s", name, s_faults[fault]);
}

static bool
s_is_left (const char *word)
{
    const char *blank = *word == '-' ? strchr (word, ' ') : NULL;
    for (int i = 0; blank && i < FAULTS; i++)
        if (strcmp (blank, s_faults[i]) == 0)
            return true;
    return false;
}

//  The first thing that is wrong, or NULL.
static const char *
s_left (int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
        if (s_is_left (argv[i]))
            return argv[i];
    return NULL;
}

const char *
cli_take_option (int *argc, char **argv, const char *name)
{
    const char *value = NULL;
    const char *other = NULL;
    int at = s_find (*argc, argv, name, &value);
    if (at < 0)
        return NULL;
    int size = value ? 1 : 2; //  words
    if (at + size > *argc) {
        s_leave (argv, at, name, FAULT_NO_VALUE);
        return NULL;
    }
    if (s_find (*argc - (at + size - 1), argv + at + size - 1, name, &other) >= 0) {
        s_leave (argv, at, name, FAULT_TWICE);
        return NULL;
    }
    if (!value)
        value = argv[at + 1];
    s_remove (argc, argv, at, size);
    return value;
}

bool
cli_take_switch (int *argc, char **argv, const char *name)
{
    const char *value = NULL;
    int at = s_find (*argc, argv, name, &value);
    if (at < 0)
        return false;
    if (value) {
        s_leave (argv, at, name, FAULT_A_VALUE);
        return false;
    }
    s_remove (argc, argv, at, 1);
    int again = s_find (*argc, argv, name, &value);
    if (again >= 0)
        s_leave (argv, again, name, FAULT_TWICE);
    return true;
}

int
cli_take_no_more (const char *command, int used, int argc, char **argv)
{
    const char *left = s_left (argc, argv);
    if (left)
        return cli_usage (command, "%s", left);
    if (argc <= used)
        return CLI_OK;
    const char *what = argv[used][0] == '-' ? "option" : "argument";
    return cli_usage (command, "%s takes no %s '%s'", command, what, argv[used]);
}

//  A word that only the server would refuse: `restart` would have ended the one that runs.
static int
s_check_words (const cli_t *cli)
{
    br_log_level_t level;
    br_log_format_t format;
    if (cli->log_level && br_log_level_of (cli->log_level, &level))
        fprintf (stderr,
                 "Error: --log-level is trace, debug, info, warn or error, not '%s'\n",
                 cli->log_level);
    else if (cli->log_format && br_log_format_of (cli->log_format, &format))
        fprintf (stderr, "Error: --log-format is text or json, not '%s'\n",
                 cli->log_format);
    else
        return 0;
    return -1;
}

int
cli_take_flags (cli_t *cli, int *argc, char **argv)
{
    const struct {
        const char *name;
        const char **value;
    } rows[] = {
        { "--home-dir", &cli->flags.home_dir },
        { "--config-file", &cli->flags.config_file },
        { "--env-file", &cli->flags.env_file },
        { "--run-dir", &cli->flags.run_dir },
        { "--logs-dir", &cli->flags.logs_dir },
        { "--db", &cli->flags.db },
        { "--broker", &cli->broker },
        { "--log-level", &cli->log_level },
        { "--log-format", &cli->log_format },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = cli_take_option (argc, argv, rows[i].name);
        if (!value)
            continue;
        *rows[i].value = value;
        if (!*value) {
            fprintf (stderr, "Error: %s%s\n", rows[i].name, s_faults[FAULT_NO_VALUE]);
            return -1;
        }
    }
    cli->json |= cli_take_switch (argc, argv, "--json");
    cli->help |= cli_take_switch (argc, argv, "--help");
    cli->help |= cli_take_switch (argc, argv, "-h");
    const char *left = s_left (*argc, argv);
    if (left)
        fprintf (stderr, "Error: %s\n", left);
    return left ? -1 : s_check_words (cli);
}
