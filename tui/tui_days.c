//  tui_days: a program whose output is read as it comes.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "tui/tui_days.h"

#define PERIOD_MS (5 * 60 * 1000)
#define EMPTY_MS (10 * 1000) //  as long as there are no days
#define OUTPUT_MAX (4 << 20) //  bytes
#define PIECE_BYTES 65536

struct _tui_days_t {
    char **words;    //  owned, NULL ends; or NULL
    pid_t pid;       //  0 = it does not run
    int fd;          //  its output, owned; -1 = it does not run
    uint64_t due_ms; //  unix
    br_buf_t output;
};

tui_days_t *
tui_days_new (const char *const *words)
{
    tui_days_t *self = BR_NEW (tui_days_t);
    size_t count = 0;
    while (words && words[count])
        count++;
    if (count)
        self->words = br_alloc (count + 1, sizeof *self->words);
    for (size_t i = 0; i < count; i++)
        self->words[i] = br_strdup (words[i]);
    self->fd = -1;
    br_buf_init (&self->output, OUTPUT_MAX);
    return self;
}

static void
s_end (tui_days_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
    if (self->pid) {
        kill (self->pid, SIGKILL);
        while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    self->pid = 0;
    br_buf_clear (&self->output);
}

void
tui_days_destroy (tui_days_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_end (*self_p);
    br_buf_free (&(*self_p)->output);
    for (char **word = (*self_p)->words; word && *word; word++)
        free (*word);
    free ((*self_p)->words);
    free (*self_p);
    *self_p = NULL;
}

int
tui_days_fd (const tui_days_t *self)
{
    return self->fd;
}

void
tui_days_hurry (tui_days_t *self)
{
    self->due_ms = 0;
}

//  The signals that the view takes for itself are not blocked there.
static void
s_start (tui_days_t *self)
{
    int fds[2];
    if (pipe2 (fds, O_CLOEXEC | O_NONBLOCK))
        return;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    sigemptyset (&none);
    posix_spawn_file_actions_init (&files);
    posix_spawnattr_init (&how);
    posix_spawnattr_setsigmask (&how, &none);
    posix_spawnattr_setflags (&how, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_addopen (&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen (&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2 (&files, fds[1], STDOUT_FILENO);
    if (posix_spawn (&self->pid, self->words[0], &files, &how, self->words, environ))
        self->pid = 0;
    posix_spawnattr_destroy (&how);
    posix_spawn_file_actions_destroy (&files);
    close (fds[1]);
    self->fd = fds[0];
}

static void
s_finish (tui_days_t *self, tui_model_t *model)
{
    cJSON *days = cJSON_ParseWithLength ((const char *) self->output.data,
                                         self->output.size);
    if (cJSON_GetArraySize (tui_json (days, "rows")) > 0)
        self->due_ms += PERIOD_MS - EMPTY_MS;
    if (days)
        tui_model_answer (model, TUI_DAYS, &days);
    s_end (self);
}

static bool
s_read (tui_days_t *self, tui_model_t *model)
{
    uint8_t piece[PIECE_BYTES];
    ssize_t size = read (self->fd, piece, sizeof piece);
    if (size < 0)
        return false;
    br_buf_add (&self->output, piece, (size_t) size);
    if (size > 0 && !self->output.overflow)
        return false;
    s_finish (self, model);
    return true;
}

bool
tui_days_turn (tui_days_t *self, tui_model_t *model, uint64_t now_ms)
{
    if (self->fd >= 0)
        return s_read (self, model);
    if (self->words && now_ms >= self->due_ms) {
        self->due_ms = now_ms + EMPTY_MS;
        s_start (self);
    }
    return false;
}
