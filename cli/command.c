//  command: what all commands share: flags and complaints.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
    "  --log-level LEVEL    trace, debug, info, warn or error\n"
    "  --log-format FORMAT  text or json\n"
    "  --json               answer in JSON, where a command has text\n"
    "  -h, --help           help for the program or a command\n";

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

const char *
cli_take_option (int *argc, char **argv, const char *name)
{
    const char *value = NULL;
    int at = s_find (*argc, argv, name, &value);
    if (at < 0)
        return NULL;
    if (value) {
        s_remove (argc, argv, at, 1);
        return value;
    }
    if (at + 1 >= *argc)
        return NULL; //  the command will find the name left over, and complain
    value = argv[at + 1];
    s_remove (argc, argv, at, 2);
    return value;
}

bool
cli_take_switch (int *argc, char **argv, const char *name)
{
    const char *value = NULL;
    int at = s_find (*argc, argv, name, &value);
    if (at < 0 || value)
        return false;
    s_remove (argc, argv, at, 1);
    return true;
}

int
cli_take_no_more (const char *command, int used, int argc, char **argv)
{
    if (argc <= used)
        return CLI_OK;
    const char *what = argv[used][0] == '-' ? "option" : "argument";
    return cli_usage (command, "%s takes no %s '%s'", command, what, argv[used]);
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
        { "--log-level", &cli->log_level },
        { "--log-format", &cli->log_format },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = NULL;
        if (s_find (*argc, argv, rows[i].name, &value) < 0)
            continue;
        *rows[i].value = cli_take_option (argc, argv, rows[i].name);
        if (!*rows[i].value || !**rows[i].value) {
            fprintf (stderr, "Error: %s needs a value\n", rows[i].name);
            return -1;
        }
    }
    cli->json |= cli_take_switch (argc, argv, "--json");
    cli->help |= cli_take_switch (argc, argv, "--help");
    cli->help |= cli_take_switch (argc, argv, "-h");
    return 0;
}
