//  dispatch: the way from the words of a command line to a command, and the help on it.

#include <stdio.h>
#include <string.h>

#include "broker/core/conf_words.h"
#include "cli/dispatch.h"
#include "cli/syntax.h"

#define PATH_BYTES 128  //  of the words of a command, with its end
#define HELP_COLUMNS 80 //  of a line of help

static const cli_command_t *
s_find (const cli_command_t *command, const char *word)
{
    for (const cli_command_t *const *row = command->commands; row && *row; row++)
        if (strcmp ((*row)->name, word) == 0
            || ((*row)->other && strcmp ((*row)->other, word) == 0))
            return *row;
    return NULL;
}

//  Words from that column on, in lines of a usual terminal; longer words go on beyond it.
static void
s_wrap (FILE *file, int column, const char *text)
{
    int at = column;
    while (*text) {
        int size = (int) strcspn (text, " ");
        if (at > column && at + 1 + size > HELP_COLUMNS) {
            fprintf (file, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc (' ', file);
            at++;
        }
        fprintf (file, "%.*s", size, text);
        at += size;
        text += size;
        text += strspn (text, " ");
    }
    fputc ('\n', file);
}

//  The commands below it, aligned.
static void
s_help_commands (FILE *file, const cli_command_t *const *rows)
{
    int width = 0;
    for (const cli_command_t *const *row = rows; *row; row++)
        if ((int) strlen ((*row)->name) > width)
            width = (int) strlen ((*row)->name);
    fputs ("Commands:\n", file);
    for (const cli_command_t *const *row = rows; *row; row++) {
        fprintf (file, "  %-*s  ", width, (*row)->name);
        s_wrap (file, width + 4, (*row)->about);
    }
    fputc ('\n', file);
}

static void
s_help (FILE *file, const cli_command_t *command, const char *path)
{
    fprintf (file, "Usage: bitrouter%s%s%s%s\n\n%s\n\n", *path ? " " : "", path,
             *command->args ? " " : "", command->args, command->about);
    if (command->help)
        fprintf (file, "%s\n", command->help);
    if (command->commands)
        s_help_commands (file, command->commands);
    fputs (cli_flags_help, file);
}

//  ---- what somebody probably meant

static void
s_add_options (br_conf_words_t *names, const char *text)
{
    cli_option_t option;
    while (cli_syntax_next (&text, &option))
        br_conf_words_add_new (names, option.name);
}

//  The options that a command and the program know, from their help. "caller destroys"
static br_conf_words_t *
s_options (const cli_command_t *command)
{
    br_conf_words_t *names = br_conf_words_new ();
    s_add_options (names, command->args);
    s_add_options (names, command->help);
    s_add_options (names, cli_flags_help);
    return names;
}

//  The first name that the word is the beginning of, else the nearest; or NULL.
static const char *
s_nearest (const br_conf_words_t *names, const char *word)
{
    const char *name;
    size_t size = strlen (word);
    for (size_t i = 0; size > 4 && (name = br_conf_words_at (names, i)); i++)
        if (strncmp (name, word, size) == 0)
            return name;
    return br_conf_words_nearest (names, word);
}

//  The options among the words that are left of a wrong command line, and are nearly right.
static void
s_suggest (const cli_command_t *command, char **argv)
{
    br_conf_words_t *names = s_options (command);
    for (char **word = argv + 1; *word && strcmp (*word, "--") != 0; word++) {
        char name[CLI_SYNTAX_NAME_BYTES];
        snprintf (name, sizeof name, "%.*s", (int) strcspn (*word, "= "), *word);
        const char *near = strncmp (name, "--", 2) == 0
                                   && !br_conf_words_has (names, name)
                               ? s_nearest (names, name)
                               : NULL;
        if (near)
            fprintf (stderr, "Did you mean '%s'?\n", near);
    }
    br_conf_words_destroy (&names);
}

static int
s_run (const cli_t *cli, const cli_command_t *command, const char *path, int argc,
       char **argv)
{
    if (cli->broker && !command->takes_broker)
        return cli_usage (path, "%s works on this machine alone: it takes no --broker",
                          path);
    int rc = command->run (cli, argc, argv);
    if (rc == CLI_USAGE)
        s_suggest (command, argv);
    return rc;
}

static int
s_unknown_option (const cli_command_t *command, const char *path, const char *word)
{
    br_conf_words_t *names = s_options (command);
    //  Every single letter is near every other.
    const char *near = strlen (word) > 2 ? s_nearest (names, word) : NULL;
    int rc = near
                 ? cli_usage (path, "no option '%s' here; did you mean '%s'?", word, near)
                 : cli_usage (path, "no option '%s' here", word);
    br_conf_words_destroy (&names);
    return rc;
}

static int
s_unknown (const cli_command_t *command, const char *path, const char *word)
{
    if (*word == '-')
        return s_unknown_option (command, path, word);
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
    if (command->run && (argc > 1 || !command->commands))
        return s_run (cli, command, path, argc, argv);
    s_help (stderr, command, path);
    return CLI_USAGE;
}

int
cli_dispatch (const cli_t *cli, const cli_command_t *program, int argc, char **argv)
{
    return s_dispatch (cli, program, "", argc, argv);
}
