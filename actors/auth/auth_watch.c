//  auth_watch: inotify. All watches are made anew behind each change, before it is told: what
//  changes later is told again.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "actors/auth/auth_watch.h"

//  Of a folder above only that there are other folders in it, or that it is gone.
#define ABOVE (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
#define CHANGES (ABOVE | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB)

struct _auth_watch_t {
    br_loop_t *loop;
    char *folder;
    auth_watch_fn *fn;
    void *arg;
    int fd;    //  of inotify; -1 = none
    int *list; //  watches; owned
    size_t list_size;
    bool is_above; //  the folder is not there, one above it is watched
    br_timer_t timer;
};

static int
s_watch (auth_watch_t *self, const char *path, uint32_t changes)
{
    if (self->list_size == AUTH_WATCH_FOLDERS_MAX)
        return -1;
    int watch = inotify_add_watch (self->fd, path, changes | IN_ONLYDIR);
    if (watch < 0)
        return -1;
    self->list[self->list_size++] = watch;
    return 0;
}

//  The nearest folder above that is there.
static int
s_watch_above (auth_watch_t *self)
{
    char *path = br_strdup (self->folder);
    int rc = -1;
    while (rc) {
        char *slash = strrchr (path, '/');
        if (!slash)
            break;
        if (slash == path) {
            rc = s_watch (self, "/", ABOVE);
            break;
        }
        *slash = 0;
        rc = s_watch (self, path, ABOVE);
    }
    free (path);
    return rc;
}

static void
s_watch_inside (auth_watch_t *self)
{
    DIR *folder = opendir (self->folder);
    if (!folder)
        return;
    struct dirent *entry = readdir (folder);
    for (; entry; entry = readdir (folder)) {
        if (*entry->d_name == '.')
            continue;
        char *path = br_strf ("%s/%s", self->folder, entry->d_name);
        (void) s_watch (self, path, CHANGES); //  a file is none
        free (path);
    }
    closedir (folder);
}

static int
s_watch_all (auth_watch_t *self)
{
    for (size_t i = 0; i < self->list_size; i++)
        (void) inotify_rm_watch (self->fd, self->list[i]);
    self->list_size = 0;
    self->is_above = s_watch (self, self->folder, CHANGES) != 0;
    if (self->is_above) {
        if (s_watch_above (self) || s_watch_above (self)) //  what was made meanwhile
            return -1;
        self->is_above = s_watch (self, self->folder, CHANGES) != 0;
    }
    if (!self->is_above)
        s_watch_inside (self);
    return 0;
}

static void
s_on_timer (void *arg)
{
    auth_watch_t *self = arg;
    bool was_above = self->is_above;
    (void) s_watch_all (self);
    if (!was_above || !self->is_above) //  else something else has changed up there
        self->fn (self->arg);
}

//  What our own making anew of watches says is no change.
static bool
s_has_change (const char *bytes, size_t size)
{
    struct inotify_event event;
    for (size_t at = 0; at + sizeof event <= size; at += sizeof event + event.len) {
        memcpy (&event, bytes + at, sizeof event);
        if (!(event.mask & IN_IGNORED))
            return true;
    }
    return false;
}

static void
s_on_readable (void *arg, int fd, uint32_t events)
{
    (void) events;
    auth_watch_t *self = arg;
    char bytes[16384];
    bool has_change = false;
    ssize_t size = read (fd, bytes, sizeof bytes);
    while (size > 0) {
        has_change |= s_has_change (bytes, (size_t) size);
        size = read (fd, bytes, sizeof bytes);
    }
    if (has_change && !br_timer_is_set (&self->timer))
        br_timer_set (self->loop, &self->timer, AUTH_WATCH_MS, s_on_timer, self);
}

void
auth_watch_look (auth_watch_t *self)
{
    s_on_readable (self, self->fd, EPOLLIN);
    if (!br_timer_is_set (&self->timer))
        return;
    br_timer_cancel (self->loop, &self->timer);
    s_on_timer (self);
}

auth_watch_t *
auth_watch_new (br_loop_t *loop, const char *folder, auth_watch_fn *fn, void *arg,
                br_error_t *reterr)
{
    auth_watch_t *self = BR_NEW (auth_watch_t);
    self->loop = loop;
    self->folder = br_strdup (folder);
    self->fn = fn;
    self->arg = arg;
    self->list = br_alloc (AUTH_WATCH_FOLDERS_MAX, sizeof *self->list);
    self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    if (self->fd < 0 || s_watch_all (self)
        || br_loop_watch (loop, self->fd, EPOLLIN, s_on_readable, self)) {
        br_error_set (reterr, BR_ESYSTEM, "cannot watch the folder of keys %s: %s",
                      folder, strerror (errno));
        auth_watch_destroy (&self);
    }
    return self;
}

void
auth_watch_destroy (auth_watch_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    auth_watch_t *self = *self_p;
    br_timer_cancel (self->loop, &self->timer);
    if (self->fd >= 0) {
        br_loop_unwatch (self->loop, self->fd);
        close (self->fd);
    }
    free (self->list);
    free (self->folder);
    free (self);
    *self_p = NULL;
}
