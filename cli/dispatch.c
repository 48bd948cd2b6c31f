//  dispatch: the way from the words of a command line to a command, and the help on it.

#include <stdio.h>
#include <string.h>

#include "broker/core/conf_words.h"
#include "cli/dispatch.h"

#define PATH_BYTES 128 //  of the words of a command, with its end

static const cli_command_t *
s_find (const cli_command_t *command, const char *word)
{
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        if (strcmp ((*row)->name, word) == 0)
            return *row;
    return NULL;
}

static void
s_help (FILE *file, const cli_command_t *command, const char *path)
{
    fprintf (file, "Usage: bitrouter%s%s%s%s\n\n%s\n\n", *path ? " " : "", path,
             *command->args ? " " : "", command->args, command->about);
    if (command->help)
        fprintf (file, "%s\n", command->help);
    int width = 0;
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        if ((int) strlen ((*row)->name) > width)
            width = (int) strlen ((*row)->name);
    if (command->commands)
        fputs ("Commands:\n", file);
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        fprintf (file, "  %-*s  %s\n", width, (*row)->name, (*row)->about);
    if (command->commands)
        fputc ('\n', file);
    fputs (cli_flags_help, file);
}

static int
s_unknown (const cli_command_t *command, const char *path, const char *word)
{
    if (*word == '-')
        return cli_usage (path, "no option '%s' here", word);
    br_conf_words_t *names = br_conf_words_new ();
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        br_conf_words_add (names, (*row)->name);
    const char *near = br_conf_words_nearest (names, word);
    const char *space = *path ? " " : "";
    int rc = near ? cli_usage (path, "no command '%s%s%s'; did you mean '%s%s%s'?", path,
                               space, word, path, space, near)
                  : cli_usage (path, "no command '%s%s%s'", path, space, word);
    br_conf_words_destroy (&names);
    return rc;
}

//  Goes down the words of the command line as far as commands go.
static int
s_dispatch (const cli_t *cli, const cli_command_t *command, const char *path, int argc,
            char **argv)
{
    const cli_command_t *below = argc > 1 ? s_find (command, argv[1]) : NULL;
    if (below) {
        char deeper[PATH_BYTES];
        snprintf (deeper, sizeof deeper, "%s%s%s", path, *path ? " " : "", below->name);
        return s_dispatch (cli, below, deeper, argc - 1, argv + 1);
    }
    if (argc > 1 && !command->run)
        return s_unknown (command, path, argv[1]);
    if (cli->help) {
        s_help (stdout, command, path);
        return CLI_OK;
    }
    if (command->run)
        return command->run (cli, argc, argv);
    s_help (stderr, command, path);
    return CLI_USAGE;
}

int
cli_dispatch (const cli_t *cli, const cli_command_t *program, int argc, char **argv)
{
    return s_dispatch (cli, program, "", argc, argv);
}
