//  conf_tls: the files of the server's own certificate. What is in them is read by the
//  one who listens.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_tls.h"

static const char *const s_files[] = { "cert_file", "key_file" };

#define FILES (sizeof s_files / sizeof *s_files)

static void
s_make_absolute (br_conf_node_t *file, const char *config_file, const char *home)
{
    if (*file->text == '/')
        return;
    const char *slash = strrchr (config_file, '/');
    const char *folder = slash ? config_file : home;
    size_t size = slash ? (size_t) (slash - config_file) : strlen (home);
    while (size && folder[size - 1] == '/')
        size--;
    char *full = br_strf ("%.*s/%s", (int) size, folder, file->text);
    free (file->text);
    file->text = full;
}

int
br_conf_tls_settle (br_conf_node_t *tree, const char *config_file, const char *home,
                    br_error_t *reterr)
{
    br_conf_node_t *server = br_conf_node_get (tree, "server");
    br_conf_node_t *tls = br_conf_node_get (server, "tls");
    if (!tls)
        return 0;
    if (!tls->count) {
        br_conf_node_drop (server, "tls");
        return 0;
    }
    for (size_t i = 0; i < FILES; i++) {
        br_conf_node_t *file = br_conf_node_get (tls, s_files[i]);
        if (br_conf_node_is_empty (file))
            return br_error_set (reterr, BR_ECONFIG,
                                 "%s:%u:%u: server.tls: expected \"%s\" to be given",
                                 tls->file, br_conf_node_key_line (tls),
                                 br_conf_node_key_column (tls), s_files[i]);
        s_make_absolute (file, config_file, home);
    }
    return 0;
}

//  Opened, since a look at its mode would not know of every rule. No waiting for a pipe.
static int
s_try (const char *path)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    int rc = fd < 0 || fstat (fd, &about) ? errno : S_ISDIR (about.st_mode) ? EISDIR : 0;
    if (fd >= 0)
        close (fd);
    return rc;
}

//  A value that comes from a variable is not repeated: it may be a key by mistake.
static int
s_fail (const br_conf_node_t *file, int rc, br_error_t *reterr)
{
    bool is_secret = file->flags & BR_CONF_REPLACED;
    return br_error_set (
        reterr, BR_ECONFIG, "%s:%u:%u: server.tls.%s: cannot read %.200s: %s", file->file,
        file->line, file->column, file->key,
        is_secret ? "the file of its variable" : file->text, strerror (rc));
}

int
br_conf_tls_check (const br_conf_node_t *tree, br_error_t *reterr)
{
    const br_conf_node_t *server = br_conf_node_get (tree, "server");
    const br_conf_node_t *tls = br_conf_node_get (server, "tls");
    for (size_t i = 0; tls && i < FILES; i++) {
        const br_conf_node_t *file = br_conf_node_get (tls, s_files[i]);
        int rc = s_try (file->text);
        if (rc)
            return s_fail (file, rc, reterr);
    }
    return 0;
}
