//  doctor_files: the home, who may read its secrets, the folders of a running server, and the
//  room on their disk.

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/doctor.h"

#define OTHERS 077                        //  the mode's bits that are not the owner's
#define OTHERS_WRITE 022                  //  those that let others write
#define DISK_SCARCE (1024u * 1024 * 1024) //  bytes
#define DISK_ERROR (100u * 1024 * 1024)   //  bytes
#define SOCKET_LONGEST "/bitrouter.sock"

void
doctor_home (doctor_t *self)
{
    struct stat found;
    const char *home = self->home.home;
    if (stat (home, &found)) {
        doctor_say (self, DOCTOR_ERROR, "home", "%s: %s; make it, or give --home-dir",
                    home, strerror (errno));
        return;
    }
    if (access (home, R_OK | W_OK | X_OK))
        doctor_say (self, DOCTOR_ERROR, "home",
                    "%s: %s; be its owner, or give --home-dir", home, strerror (errno));
    else if (found.st_mode & OTHERS_WRITE)
        doctor_say (self, DOCTOR_WARNING, "home", "others may write to %s; chmod go-w %s",
                    home, home);
    else
        doctor_say (self, DOCTOR_OK, "home", "%s", home);
}

//  A file of secrets, or a folder of them. Returns 1 when others may look into it.
static unsigned
s_look_at_mode (doctor_t *self, const char *path)
{
    struct stat found;
    if (stat (path, &found) || !(found.st_mode & OTHERS))
        return 0;
    doctor_say (self, DOCTOR_WARNING, "secrets",
                "others may look into %s, which has keys; chmod go-rwx %s", path, path);
    return 1;
}

static unsigned
s_look_into_folder (doctor_t *self, const char *name)
{
    char *path = br_strf ("%s/%s", self->home.home, name);
    unsigned open = s_look_at_mode (self, path);
    DIR *folder = opendir (path);
    const struct dirent *entry;
    while (folder && (entry = readdir (folder)) != NULL) {
        if (*entry->d_name == '.')
            continue;
        char *file = br_strf ("%s/%s", path, entry->d_name);
        const char *dot = strrchr (entry->d_name, '.');
        if (!dot || strcmp (dot, ".pub") != 0)
            open += s_look_at_mode (self, file);
        free (file);
    }
    if (folder)
        closedir (folder);
    free (path);
    return open;
}

void
doctor_modes (doctor_t *self)
{
    static const char *const folders[] = { ".keys", "keys", "curve", "curve/clients" };
    unsigned open = s_look_at_mode (self, self->home.env_file);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        open += s_look_into_folder (self, folders[i]);
    if (!open)
        doctor_say (self, DOCTOR_OK, "secrets", "only their owner may read them");
}

//  A folder that a server makes when it is missing.
static void
s_look_at_folder (doctor_t *self, const char *check, const char *path, const char *flag)
{
    struct stat found;
    if (stat (path, &found)) {
        char *above = br_strf ("%s", path);
        char *slash = strrchr (above, '/');
        if (slash)
            *slash = 0;
        bool can = errno == ENOENT && access (slash && *above ? above : "/", W_OK) == 0;
        free (above);
        doctor_say (self, can ? DOCTOR_OK : DOCTOR_ERROR, check, "%s %s", path,
                    can ? "will be made"
                        : "can't be made; make it, or give another with "
                          "its flag");
    } else if (!S_ISDIR (found.st_mode) || access (path, R_OK | W_OK | X_OK)) {
        doctor_say (self, DOCTOR_ERROR, check,
                    "%s can't be written to; be its owner, or give %s", path, flag);
    } else {
        doctor_say (self, DOCTOR_OK, check, "%s", path);
    }
}

void
doctor_run_dir (doctor_t *self)
{
    const size_t most = sizeof ((struct sockaddr_un *) 0)->sun_path - 1;
    const char *path = self->home.run_dir;
    if (strlen (path) + strlen (SOCKET_LONGEST) > most)
        doctor_say (self, DOCTOR_ERROR, "run dir",
                    "%s is too long for the paths of sockets; give a shorter --run-dir",
                    path);
    else
        s_look_at_folder (self, "run dir", path, "--run-dir");
}

void
doctor_logs_dir (doctor_t *self)
{
    s_look_at_folder (self, "logs", self->home.logs_dir, "--logs-dir");
}

void
doctor_disk (doctor_t *self)
{
    struct statvfs disk;
    if (statvfs (self->home.home, &disk)) {
        doctor_say (self, DOCTOR_WARNING, "disk", "%s: %s", self->home.home,
                    strerror (errno));
        return;
    }
    uint64_t bytes = (uint64_t) disk.f_bavail * disk.f_frsize;
    doctor_level_t level = bytes < DISK_ERROR    ? DOCTOR_ERROR
                           : bytes < DISK_SCARCE ? DOCTOR_WARNING
                                                 : DOCTOR_OK;
    doctor_say (self, level, "disk", "%" PRIu64 " MB are free at %s%s", bytes / 1000000,
                self->home.home,
                level == DOCTOR_OK ? "" : "; make room: the ledger must be written");
}
