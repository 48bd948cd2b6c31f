//  logs: the end of the log of bitrouter in the background, and what comes.

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "cli/daemon.h"
#include "cli/door_client.h"
#include "cli/table.h"

#define LINES 100         //  that are shown when nobody says how many
#define LINES_MAX 1000000 //  that somebody may ask for
#define LINE_BYTES 8192   //  of a line; longer ones are shown in pieces
#define TICK_MS 200

typedef struct {
    const cli_t *cli;
    char *path;
    FILE *file;
    struct stat stat; //  of the file that is open
} logs_t;

//  As JSON: a line that is an object as it is, any other as its "message".
static void
s_print (const logs_t *self, char *line)
{
    line[strcspn (line, "\n")] = 0;
    char *clean = cli_table_clean (line);
    if (!self->cli->json || *clean == '{') {
        puts (clean);
        free (clean);
        return;
    }
    cJSON *object = cJSON_CreateObject ();
    cJSON_AddStringToObject (object, "message", clean);
    char *text = cJSON_PrintUnformatted (object);
    puts (text);
    cJSON_free (text);
    cJSON_Delete (object);
    free (clean);
}

//  Leaves the file at the beginning of its last `lines` lines.
static void
s_rewind (logs_t *self, long lines)
{
    char block[4096];
    off_t end = self->stat.st_size, at = end;
    long seen = 0;
    while (at > 0 && seen <= lines) {
        size_t size = at < (off_t) sizeof block ? (size_t) at : sizeof block;
        at -= (off_t) size;
        fseeko (self->file, at, SEEK_SET);
        if (fread (block, 1, size, self->file) != size)
            break;
        for (size_t i = size; i-- > 0;)
            if (block[i] == '\n' && at + (off_t) i + 1 < end && ++seen == lines) {
                fseeko (self->file, at + (off_t) i + 1, SEEK_SET);
                return;
            }
    }
    fseeko (self->file, lines ? 0 : end, SEEK_SET);
}

static void
s_print_all (logs_t *self)
{
    char line[LINE_BYTES];
    while (fgets (line, sizeof line, self->file))
        s_print (self, line);
    clearerr (self->file);
    fflush (stdout);
}

static int
s_open (logs_t *self)
{
    self->file = fopen (self->path, "re");
    return self->file ? fstat (fileno (self->file), &self->stat) : -1;
}

//  The file of that name is another one by now, or was made empty: its log was rotated.
static void
s_renew (logs_t *self)
{
    struct stat now;
    if (stat (self->path, &now))
        return;
    bool same = self->file && now.st_ino == self->stat.st_ino
                && now.st_dev == self->stat.st_dev;
    if (same && now.st_size >= ftello (self->file))
        return;
    if (self->file)
        fclose (self->file);
    s_open (self);
}

static void
s_follow (logs_t *self)
{
    const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
    while (!ferror (stdout)) {
        if (self->file)
            s_print_all (self);
        s_renew (self);
        nanosleep (&tick, NULL);
    }
}

static int
s_show (logs_t *self, long lines, bool follow)
{
    if (s_open (self)) {
        if (!follow || errno != ENOENT)
            return cli_fail ("cannot read the log %s: %s; `bitrouter start` writes one",
                             self->path, strerror (errno));
    } else {
        s_rewind (self, lines);
        s_print_all (self);
    }
    if (follow)
        s_follow (self);
    if (self->file)
        fclose (self->file);
    return CLI_OK;
}

static int
s_take_lines (int *argc, char **argv, long *ret_lines)
{
    const char *text = cli_take_option (argc, argv, "-n");
    char *end = NULL;
    *ret_lines = text ? strtol (text, &end, 10) : LINES;
    if (text && (end == text || *end || *ret_lines < 0 || *ret_lines > LINES_MAX))
        return cli_usage ("logs", "-n takes a number of lines up to %d, not '%s'",
                          LINES_MAX, text);
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    br_conf_home_t home;
    long lines;
    bool follow = cli_take_switch (&argc, argv, "-f");
    bool out = cli_take_switch (&argc, argv, "--out");
    if (s_take_lines (&argc, argv, &lines) || cli_take_no_more ("logs", 1, argc, argv))
        return CLI_USAGE;
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    logs_t self = { .cli = cli };
    self.path = br_strf ("%s/bitrouter.%s.log", home.logs_dir, out ? "out" : "err");
    int rc = s_show (&self, lines, follow);
    free (self.path);
    br_conf_home_clear (&home);
    return rc;
}

const cli_command_t cli_logs = {
    .name = "logs",
    .args = "[-f] [-n N] [--out]",
    .about = "the log of bitrouter in the background",
    .help = "  -f      go on with what comes, also into the next file after a rotation\n"
            "  -n N    the last N lines; 100 when it is left out\n"
            "  --out   what went to stdout, which is little\n"
            "\n"
            "To rotate: rename bitrouter.err.log, then send SIGUSR1 to the server.\n",
    .run = s_run,
};
