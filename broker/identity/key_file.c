//  key_file: a new file beside the old one, synced and renamed.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/identity/key_file.h"

#define NAME_MAX_BYTES 64
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

char *
br_key_file_folder (const char *home)
{
    char *folder = br_strf ("%s/.keys", home);
    char *other = br_strf ("%s/keys", home);
    bool is_other = !br_conf_file_exists (folder) && br_conf_file_is_dir (other);
    free (is_other ? folder : other);
    return is_other ? other : folder;
}

bool
br_key_file_is_name (const char *name)
{
    size_t size = strspn (name, NAME_LETTERS);
    return size > 0 && size <= NAME_MAX_BYTES && !name[size] && *name != '.';
}

//  Makes a folder and those between it and the file.
static int
s_make_folders (const char *folder, const char *path, br_error_t *reterr)
{
    int rc = br_conf_file_mkdir (folder, 0700, reterr);
    const char *slash = strchr (path + strlen (folder) + 1, '/');
    for (; rc == 0 && slash; slash = strchr (slash + 1, '/')) {
        char *between = br_strndup (path, (size_t) (slash - path));
        rc = br_conf_file_mkdir (between, 0700, reterr);
        free (between);
    }
    return rc;
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
    return fsync (fd);
}

//  The rename is on disk when its folder is.
static int
s_sync_folder (const char *path)
{
    char *folder = br_strndup (path, (size_t) (strrchr (path, '/') - path));
    int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync (fd);
    if (fd >= 0)
        close (fd);
    free (folder);
    return rc;
}

static int
s_replace (const char *path, const char *text)
{
    const char *slash = strrchr (path, '/');
    char *draft = br_strf ("%.*s/.draft-XXXXXX", (int) (slash - path), path);
    int fd = mkostemp (draft, O_CLOEXEC);
    int rc = fd < 0 ? -1 : s_write_all (fd, text);
    if (fd >= 0 && close (fd))
        rc = -1;
    if (rc == 0)
        rc = rename (draft, path);
    int code = errno;
    if (rc && fd >= 0)
        unlink (draft);
    free (draft);
    errno = code;
    return rc ? -1 : s_sync_folder (path);
}

int
br_key_file_write (const char *folder, const char *name, const char *text,
                   br_error_t *reterr)
{
    char *path = br_strf ("%s/%s", folder, name);
    int rc = s_make_folders (folder, path, reterr);
    if (rc == 0 && s_replace (path, text))
        rc = br_error_set (reterr, BR_ESYSTEM, "%s: cannot be written: %s", path,
                           strerror (errno));
    free (path);
    return rc;
}

char *
br_key_file_read (const char *folder, const char *name, size_t max, size_t *ret_size,
                  br_error_t *reterr)
{
    char *path = br_strf ("%s/%s", folder, name);
    char *text = br_conf_file_read (path, max, ret_size, reterr);
    free (path);
    return text;
}

int
br_key_file_remove (const char *folder, const char *name, br_error_t *reterr)
{
    char *path = br_strf ("%s/%s", folder, name);
    int rc = 0;
    if (unlink (path))
        rc = br_error_set (reterr, errno == ENOENT ? BR_ENOTFOUND : BR_ESYSTEM,
                           "%s: cannot be removed: %s", path, strerror (errno));
    free (path);
    return rc;
}
