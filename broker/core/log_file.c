//  log_file: where a process's stdout and stderr go, opened again when they were renamed.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/log_file.h"

#define FILE_MODE 0600

static const int s_fds[] = { STDOUT_FILENO, STDERR_FILENO };

#define FDS (sizeof s_fds / sizeof *s_fds)

struct _br_log_file_t {
    char *paths[FDS]; //  owned; NULL = no file
};

//  The path of a descriptor that is a regular file with a name. "caller frees", or NULL
static char *
s_path (int fd)
{
    char link[32], path[PATH_MAX];
    struct stat here, there;
    snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink (link, path, sizeof path - 1);
    if (size <= 0)
        return NULL;
    path[size] = 0;
    if (fstat (fd, &here) || !S_ISREG (here.st_mode) || stat (path, &there)
        || here.st_ino != there.st_ino || here.st_dev != there.st_dev)
        return NULL;
    return br_strdup (path);
}

br_log_file_t *
br_log_file_new (void)
{
    br_log_file_t *self = BR_NEW (br_log_file_t);
    for (size_t i = 0; i < FDS; i++)
        self->paths[i] = s_path (s_fds[i]);
    return self;
}

static int
s_reopen (int fd, const char *path, br_error_t *reterr)
{
    int fresh = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
    int rc = fresh < 0 ? -1 : dup2 (fresh, fd);
    int reason = errno;
    if (fresh >= 0)
        close (fresh);
    if (rc >= 0)
        return 0;
    return br_error_set (reterr, BR_ESYSTEM, "cannot open the log file %s again: %s",
                         path, strerror (reason));
}

int
br_log_file_reopen (br_log_file_t *self, br_error_t *reterr)
{
    int rc = 0;
    for (size_t i = 0; i < FDS; i++)
        if (self->paths[i] && s_reopen (s_fds[i], self->paths[i], reterr))
            rc = -1;
    return rc;
}

void
br_log_file_destroy (br_log_file_t **self_p)
{
    br_log_file_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    for (size_t i = 0; i < FDS; i++)
        free (self->paths[i]);
    free (self);
    *self_p = NULL;
}
