//  port_holder: which process listens on a TCP port, by the tables in /proc.

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/conf_words.h"
#include "broker/core/port_holder.h"

#define LISTENING 0x0a //  TCP_LISTEN, as /proc writes it
#define SOCKETS_MAX 16 //  that listen on one port, and are looked for
#define LINE_BYTES 512
#define PATH_BYTES 320

typedef struct {
    unsigned long inodes[SOCKETS_MAX];
    size_t size;
} s_sockets_t;

//  Adds the sockets of one table that listen on the port.
static void
s_read_table (const char *path, uint16_t port, s_sockets_t *sockets)
{
    FILE *file = fopen (path, "re");
    char line[LINE_BYTES];
    while (file && fgets (line, sizeof line, file)) {
        unsigned local_port, state;
        unsigned long inode;
        int fields = sscanf (line,
                             " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s "
                             "%*s %*s %lu",
                             &local_port, &state, &inode);
        if (fields == 3 && local_port == port && state == LISTENING
            && sockets->size < SOCKETS_MAX)
            sockets->inodes[sockets->size++] = inode;
    }
    if (file)
        fclose (file);
}

static bool
s_is_one (const s_sockets_t *sockets, const char *link)
{
    unsigned long inode;
    if (sscanf (link, "socket:[%lu]", &inode) != 1)
        return false;
    for (size_t i = 0; i < sockets->size; i++)
        if (sockets->inodes[i] == inode)
            return true;
    return false;
}

//  Whether a process has one of the sockets open.
static bool
s_has_one (const char *pid, const s_sockets_t *sockets)
{
    char path[PATH_BYTES], link[64];
    snprintf (path, sizeof path, "/proc/%.16s/fd", pid);
    DIR *folder = opendir (path);
    const struct dirent *entry;
    bool found = false;
    while (folder && !found && (entry = readdir (folder)) != NULL) {
        snprintf (path, sizeof path, "/proc/%.16s/fd/%.16s", pid, entry->d_name);
        ssize_t size = readlink (path, link, sizeof link - 1);
        link[size > 0 ? size : 0] = 0;
        found = s_is_one (sockets, link);
    }
    if (folder)
        closedir (folder);
    return found;
}

static void
s_name (const char *pid, char name[BR_PORT_HOLDER_NAME])
{
    char path[PATH_BYTES];
    snprintf (path, sizeof path, "/proc/%.16s/comm", pid);
    FILE *file = fopen (path, "re");
    *name = 0;
    if (file && fgets (name, BR_PORT_HOLDER_NAME, file))
        name[strcspn (name, "\n")] = 0;
    if (file)
        fclose (file);
    br_conf_words_one_line (name);
}

bool
br_port_holder_find (uint16_t port, br_port_holder_t *ret_holder)
{
    s_sockets_t sockets = { .size = 0 };
    *ret_holder = (br_port_holder_t) { .pid = 0 };
    s_read_table ("/proc/net/tcp", port, &sockets);
    s_read_table ("/proc/net/tcp6", port, &sockets);
    DIR *folder = sockets.size ? opendir ("/proc") : NULL;
    const struct dirent *entry;
    while (folder && ret_holder->pid == 0 && (entry = readdir (folder)) != NULL)
        if (isdigit ((unsigned char) *entry->d_name)
            && s_has_one (entry->d_name, &sockets)) {
            ret_holder->pid = (pid_t) strtol (entry->d_name, NULL, 10);
            s_name (entry->d_name, ret_holder->name);
        }
    if (folder)
        closedir (folder);
    return sockets.size > 0;
}

void
br_port_holder_say (uint16_t port, char *text, size_t size)
{
    br_port_holder_t holder;
    br_port_holder_find (port, &holder);
    if (holder.pid > 0)
        snprintf (text, size, "it is held by %s (pid %d)", holder.name, (int) holder.pid);
    else
        snprintf (text, size, "`ss -ltnp 'sport = :%u'` as root tells who holds it",
                  (unsigned) port);
}
