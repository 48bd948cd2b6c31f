//  conf_watch: inotify on the folders of the files, since an editor puts a new file in an old
//  one's place, and a mounted folder of Kubernetes another link in that of "..data". Whether
//  a file has changed is told by its stat: much else lies in the same folder. Of a link the
//  folder that it leads to is looked at too, and another one when it leads elsewhere.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_watch.h"

//  Written and closed, or put there. Of what was only made nothing can be told yet, but of
//  a link: that is whole at once.
#define CHANGES (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE)
#define EVENT_BYTES 16384 //  a read of events

typedef struct {
    char *path;
    const char *name;    //  within path
    struct stat is;      //  as it was seen last; st_ino 0 = it was never there
    struct stat link_is; //  the same of the link, if it is one
    int watch;           //  of its folder
    char *target;        //  owned; where the link led to last, or NULL
    int target_watch;    //  of the target's folder; -1 = none
} file_t;

struct _br_conf_watch_t {
    br_loop_t *loop;
    br_conf_watch_fn *fn;
    void *arg;
    int fd; //  of inotify; -1 = none
    file_t files[BR_CONF_WATCH_FILES];
    size_t files_size;
    br_timer_t timer;
    uint64_t since_ns; //  when the first change came that was not told
};

static bool
s_is_same (const struct stat *one, const struct stat *other)
{
    return one->st_ino == other->st_ino && one->st_dev == other->st_dev
           && one->st_size == other->st_size
           && one->st_mtim.tv_sec == other->st_mtim.tv_sec
           && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

//  Looks at a file. Whether it is there, and another one than before.
static bool
s_look (file_t *self)
{
    struct stat is, link_is;
    if (stat (self->path, &is) || lstat (self->path, &link_is))
        return false;
    bool is_new = !s_is_same (&is, &self->is) || !s_is_same (&link_is, &self->link_is);
    self->is = is;
    self->link_is = link_is;
    return is_new;
}

static bool
s_is_link (const char *path)
{
    struct stat is;
    return lstat (path, &is) == 0 && S_ISLNK (is.st_mode);
}

static const char *
s_name (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash ? slash + 1 : path;
}

//  ---- folders

//  The number of inotify for a file's folder, which stays the same for the same one; or -1.
static int
s_watch_folder (const br_conf_watch_t *self, const char *path)
{
    size_t size = (size_t) (s_name (path) - path);
    char *folder = size ? br_strndup (path, size) : br_strdup (".");
    int watch = inotify_add_watch (self->fd, folder, CHANGES | IN_ONLYDIR);
    free (folder);
    return watch;
}

static bool
s_is_used (const br_conf_watch_t *self, int watch)
{
    for (size_t i = 0; i < self->files_size; i++)
        if (self->files[i].watch == watch || self->files[i].target_watch == watch)
            return true;
    return false;
}

//  Looks where a link leads to now. One whose target is gone is waited for at its old place.
static void
s_follow (br_conf_watch_t *self, file_t *file)
{
    char *target = s_is_link (file->path) ? realpath (file->path, NULL) : NULL;
    if (!target)
        return;
    int before = file->target_watch;
    free (file->target);
    file->target = target;
    file->target_watch = s_watch_folder (self, target);
    if (before >= 0 && !s_is_used (self, before))
        inotify_rm_watch (self->fd, before);
}

//  ---- events

static void
s_on_timer (void *arg)
{
    br_conf_watch_t *self = arg;
    bool has_new = false;
    for (size_t i = 0; i < self->files_size; i++) {
        has_new |= s_look (&self->files[i]);
        s_follow (self, &self->files[i]);
    }
    if (has_new)
        self->fn (self->arg);
}

//  Whether an event is about this file, or may be.
static bool
s_is_about (const file_t *file, const struct inotify_event *event, const char *name)
{
    bool is_made = event->mask & IN_CREATE;
    if (event->wd == file->watch && strcmp (file->name, name) == 0)
        return !is_made || s_is_link (file->path);
    return !is_made && event->wd == file->target_watch
           && strcmp (s_name (file->target), name) == 0;
}

static bool
s_concerns (const br_conf_watch_t *self, const struct inotify_event *event,
            const char *name)
{
    bool is_one = (event->mask & IN_Q_OVERFLOW) || strncmp (name, "..", 2) == 0;
    for (size_t i = 0; !is_one && i < self->files_size; i++)
        is_one = s_is_about (&self->files[i], event, name);
    return is_one;
}

static bool
s_has_change (const br_conf_watch_t *self, const char *bytes, size_t size)
{
    struct inotify_event event;
    for (size_t at = 0; at + sizeof event <= size; at += sizeof event + event.len) {
        memcpy (&event, bytes + at, sizeof event);
        const char *name = event.len ? bytes + at + sizeof event : "";
        if (s_concerns (self, &event, name))
            return true;
    }
    return false;
}

//  Tells later, when all has rested for a while; who never rests is not waited for longer.
static void
s_wait (br_conf_watch_t *self)
{
    uint64_t now_ns = br_loop_now_ns (self->loop);
    if (!br_timer_is_set (&self->timer))
        self->since_ns = now_ns;
    uint64_t passed_ms = (now_ns - self->since_ns) / 1000000;
    if (passed_ms + BR_CONF_WATCH_MS <= BR_CONF_WATCH_MOST_MS)
        br_timer_set (self->loop, &self->timer, BR_CONF_WATCH_MS, s_on_timer, self);
}

static void
s_on_readable (void *arg, int fd, uint32_t events)
{
    (void) events;
    br_conf_watch_t *self = arg;
    char bytes[EVENT_BYTES];
    bool has_change = false;
    ssize_t size = read (fd, bytes, sizeof bytes);
    while (size > 0) {
        has_change |= s_has_change (self, bytes, (size_t) size);
        size = read (fd, bytes, sizeof bytes);
    }
    if (has_change)
        s_wait (self);
}

static int
s_add (br_conf_watch_t *self, const char *path)
{
    file_t *file = &self->files[self->files_size++];
    file->path = br_strdup (path);
    file->name = s_name (file->path);
    file->target_watch = -1;
    file->watch = s_watch_folder (self, file->path);
    (void) s_look (file);
    if (file->watch >= 0)
        s_follow (self, file);
    return file->watch < 0 ? -1 : 0;
}

br_conf_watch_t *
br_conf_watch_new (br_loop_t *loop, const char *const *paths, br_conf_watch_fn *fn,
                   void *arg, br_error_t *reterr)
{
    br_conf_watch_t *self = BR_NEW (br_conf_watch_t);
    self->loop = loop;
    self->fn = fn;
    self->arg = arg;
    self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    int rc = self->fd < 0 ? -1 : 0;
    size_t i = 0;
    for (; rc == 0 && paths[i] && i < BR_CONF_WATCH_FILES; i++)
        rc = s_add (self, paths[i]);
    if (rc == 0)
        rc = br_loop_watch (loop, self->fd, EPOLLIN, s_on_readable, self);
    if (rc) {
        br_error_set (reterr, BR_ESYSTEM, "cannot watch the folder of %s: %s",
                      i ? paths[i - 1] : "the configuration", strerror (errno));
        br_conf_watch_destroy (&self);
    }
    return self;
}

void
br_conf_watch_destroy (br_conf_watch_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_watch_t *self = *self_p;
    *self_p = NULL;
    br_timer_cancel (self->loop, &self->timer);
    if (self->fd >= 0) {
        br_loop_unwatch (self->loop, self->fd);
        close (self->fd);
    }
    for (size_t i = 0; i < self->files_size; i++) {
        free (self->files[i].target);
        free (self->files[i].path);
    }
    free (self);
}
