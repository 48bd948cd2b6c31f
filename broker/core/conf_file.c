//  conf_file: whole small files, read and created.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_file.h"

#define FILE_STEP 16384 //  bytes read at once

//  Reads all of an open file into a buffer. 0, or -1 with errno.
static int
s_read_all (int fd, br_buf_t *content)
{
    char part[FILE_STEP];
    for (;;) {
        ssize_t size = read (fd, part, sizeof part);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return (int) size;
        if (br_buf_add (content, part, (size_t) size)) {
            errno = EFBIG;
            return -1;
        }
    }
}

char *
br_conf_file_read (const char *path, size_t max, size_t *ret_size, br_error_t *reterr)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        br_error_set (reterr, errno == ENOENT ? BR_ENOTFOUND : BR_ESYSTEM,
                      "%s: cannot be read: %s", path, strerror (errno));
        return NULL;
    }
    br_buf_t content;
    br_buf_init (&content, max);
    int rc = s_read_all (fd, &content);
    int code = errno;
    close (fd);
    if (rc) {
        br_error_set (reterr, code == EFBIG ? BR_ETOOBIG : BR_ESYSTEM,
                      "%s: cannot be read: %s", path, strerror (code));
        br_buf_free (&content);
        return NULL;
    }
    char *text = br_alloc (content.size + 1, 1);
    memcpy (text, br_buf_text (&content), content.size);
    *ret_size = content.size;
    br_buf_free (&content);
    return text;
}

static int
s_write_all (int fd, const char *text)
{
    size_t left = strlen (text);
    while (left) {
        ssize_t size = write (fd, text, left);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -1;
        text += size;
        left -= (size_t) size;
    }
    return 0;
}

int
br_conf_file_create (const char *path, const char *text, mode_t mode, br_error_t *reterr)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return 0;
    int rc = fd < 0 ? -1 : s_write_all (fd, text);
    int code = errno;
    if (fd >= 0 && close (fd) && rc == 0) {
        rc = -1;
        code = errno;
    }
    if (rc)
        return br_error_set (reterr, BR_ESYSTEM, "%s: cannot be written: %s", path,
                             strerror (code));
    return 0;
}

int
br_conf_file_mkdir (const char *path, mode_t mode, br_error_t *reterr)
{
    if (mkdir (path, mode) == 0 || (errno == EEXIST && br_conf_file_is_dir (path)))
        return 0;
    return br_error_set (reterr, BR_ESYSTEM, "%s: cannot be created: %s", path,
                         strerror (errno));
}

bool
br_conf_file_is_dir (const char *path)
{
    struct stat info;
    return stat (path, &info) == 0 && S_ISDIR (info.st_mode);
}

bool
br_conf_file_exists (const char *path)
{
    struct stat info;
    return stat (path, &info) == 0;
}
