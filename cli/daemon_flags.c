//  daemon_flags: the flags that a running server was started with, as its own command line
//  tells them.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "cli/daemon_flags.h"

#define PATHS_MAX 6 //  flags whose value is a path

struct _cli_daemon_flags_t {
    char *words;            //  owned; the command line
    char **argv;            //  owned; borrows from words, NULL ends
    char *paths[PATHS_MAX]; //  owned; made absolute
    size_t paths_size;      //  count
    cli_t cli;              //  borrows from both
    const char *topology;   //  borrowed; or NULL
};

//  ---- reading

//  The words, as a list that may be taken apart. Returns their count.
static int
s_split (cli_daemon_flags_t *self, size_t size)
{
    int argc = 0;
    for (size_t i = 0; i < size; i++)
        argc += self->words[i] == 0;
    self->argv = br_alloc ((size_t) argc + 1, sizeof *self->argv);
    char *word = self->words;
    for (int i = 0; i < argc; i++) {
        self->argv[i] = word;
        word += strlen (word) + 1;
    }
    self->argv[argc] = NULL;
    return argc;
}

//  The path as it is, when it holds everywhere.
static void
s_anchor (cli_daemon_flags_t *self, const char **path, const char *folder)
{
    if (!*path || **path == '/')
        return;
    char *text = br_strf ("%s/%s", folder, *path);
    self->paths[self->paths_size++] = text;
    *path = text;
}

//  A topology's name is no path.
static void
s_anchor_topology (cli_daemon_flags_t *self, const char *folder)
{
    if (self->topology && strpbrk (self->topology, "/."))
        s_anchor (self, &self->topology, folder);
}

cli_daemon_flags_t *
cli_daemon_flags_parse (const char *words, size_t size, const char *folder)
{
    if (size == 0 || words[size - 1] != 0)
        return NULL;
    cli_daemon_flags_t *self = BR_NEW (cli_daemon_flags_t);
    self->words = br_alloc (size, 1);
    memcpy (self->words, words, size);
    int argc = s_split (self, size);
    if (cli_take_flags (&self->cli, &argc, self->argv)) {
        cli_daemon_flags_destroy (&self);
        return NULL;
    }
    self->topology = cli_take_option (&argc, self->argv, "--topology");
    br_conf_flags_t *flags = &self->cli.flags;
    s_anchor (self, &flags->home_dir, folder);
    s_anchor (self, &flags->config_file, folder);
    s_anchor (self, &flags->env_file, folder);
    s_anchor (self, &flags->run_dir, folder);
    s_anchor (self, &flags->logs_dir, folder);
    s_anchor_topology (self, folder);
    return self;
}

//  Where the process lives. "caller frees", or NULL
static char *
s_folder (pid_t pid)
{
    char *link = br_strf ("/proc/%d/cwd", (int) pid);
    char *folder = realpath (link, NULL);
    free (link);
    return folder;
}

cli_daemon_flags_t *
cli_daemon_flags_new (pid_t pid)
{
    cli_daemon_flags_t *self = NULL;
    size_t size = 0;
    char *path = br_strf ("/proc/%d/cmdline", (int) pid);
    char *words = br_conf_file_read (path, CLI_DAEMON_FLAGS_MAX, &size, NULL);
    char *folder = s_folder (pid);
    if (words && folder)
        self = cli_daemon_flags_parse (words, size, folder);
    free (folder);
    free (words);
    free (path);
    return self;
}

void
cli_daemon_flags_destroy (cli_daemon_flags_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cli_daemon_flags_t *self = *self_p;
    while (self->paths_size)
        free (self->paths[--self->paths_size]);
    free (self->argv);
    free (self->words);
    free (self);
    *self_p = NULL;
}

//  ---- filling in

static void
s_fill (const char **value, const char *before)
{
    if (!*value)
        *value = before;
}

void
cli_daemon_flags_fill (const cli_daemon_flags_t *self, cli_t *cli, const char **topology)
{
    if (!self)
        return;
    const br_conf_flags_t *before = &self->cli.flags;
    br_conf_flags_t *flags = &cli->flags;
    s_fill (&flags->home_dir, before->home_dir);
    s_fill (&flags->config_file, before->config_file);
    s_fill (&flags->env_file, before->env_file);
    s_fill (&flags->run_dir, before->run_dir);
    s_fill (&flags->logs_dir, before->logs_dir);
    s_fill (&flags->db, before->db);
    s_fill (&cli->log_level, self->cli.log_level);
    s_fill (&cli->log_format, self->cli.log_format);
    s_fill (topology, self->topology);
}
