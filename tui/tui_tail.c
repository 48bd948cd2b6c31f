//  tui_tail: reads along in a log file.

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tui/tui_tail.h"

#define FIRST_BYTES 4096 //  of the file's end, at first
#define TURN_BYTES 65536 //  of one turn

struct _tui_tail_t {
    char *path;   //  owned; or NULL
    ino_t file;   //  which file was read; 0 = none yet
    off_t at;     //  the next byte
    bool in_line; //  at stands within a line whose begin was left out
};

tui_tail_t *
tui_tail_new (const char *path)
{
    tui_tail_t *self = BR_NEW (tui_tail_t);
    self->path = br_strdup (path);
    return self;
}

void
tui_tail_destroy (tui_tail_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->path);
    free (*self_p);
    *self_p = NULL;
}

//  Where to read on. Another file is read from its begin, the first one near its end.
static void
s_find_place (tui_tail_t *self, const struct stat *file)
{
    bool is_first = self->file == 0;
    if (file->st_ino == self->file && file->st_size >= self->at)
        return;
    self->at = is_first && file->st_size > FIRST_BYTES ? file->st_size - FIRST_BYTES : 0;
    self->in_line = self->at > 0;
    self->file = file->st_ino;
}

static bool
s_take_lines (tui_tail_t *self, tui_model_t *model, char *bytes, size_t size)
{
    bool has_news = false;
    size_t begin = 0;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n')
            continue;
        bytes[i] = 0;
        if (!self->in_line && i > begin) {
            tui_model_log (model, bytes + begin);
            has_news = true;
        }
        self->in_line = false;
        begin = i + 1;
    }
    //  A line as long as all of it is let go: the rest of it is no line.
    if (begin == 0 && size == TURN_BYTES) {
        self->in_line = true;
        begin = size;
    }
    self->at += (off_t) begin;
    return has_news;
}

bool
tui_tail_turn (tui_tail_t *self, tui_model_t *model)
{
    struct stat file;
    if (!self->path || stat (self->path, &file) || !S_ISREG (file.st_mode))
        return false;
    s_find_place (self, &file);
    if (file.st_size == self->at)
        return false;
    int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    char *bytes = br_alloc (TURN_BYTES, 1);
    ssize_t size = pread (fd, bytes, TURN_BYTES, self->at);
    bool has_news = size > 0 && s_take_lines (self, model, bytes, (size_t) size);
    free (bytes);
    close (fd);
    return has_news;
}
