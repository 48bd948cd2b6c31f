//  folder: a folder of keys for a test, gone with it.

#ifndef BR_TEST_FOLDER_H
#define BR_TEST_FOLDER_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"

static inline int
folder_setup (void **state)
{
    char *folder = br_strdup ("/tmp/br-keys-XXXXXX");
    *state = mkdtemp (folder);
    return *state ? 0 : -1;
}

static inline int
folder_remove (const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void) info;
    (void) type;
    (void) where;
    return remove (path);
}

static inline int
folder_teardown (void **state)
{
    nftw (*state, folder_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (*state);
    return 0;
}

//  Writes a file; the folder that it is in must be there.
static inline void
folder_write (const char *folder, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", folder, name);
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fputs (text, file) < 0, 0);
    assert_int_equal (fclose (file), 0);
    free (path);
}

static inline void
folder_make (const char *folder, const char *name)
{
    char *path = br_strf ("%s/%s", folder, name);
    assert_int_equal (mkdir (path, 0700), 0);
    free (path);
}

static inline bool
folder_has (const char *folder, const char *name)
{
    char *path = br_strf ("%s/%s", folder, name);
    bool has = br_conf_file_exists (path);
    free (path);
    return has;
}

static inline unsigned
folder_mode (const char *folder, const char *name)
{
    struct stat info;
    char *path = br_strf ("%s/%s", folder, name);
    assert_int_equal (stat (path, &info), 0);
    free (path);
    return info.st_mode & 0777;
}

//  The account whose seed is 1, 2, 3 ... 32.
#define FOLDER_PREFIX "9C6hybhQ6Aycep9j"
#define FOLDER_SOLANA                                                                    \
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:"                                           \
    "9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj"
#define FOLDER_EVM "eip155:8453:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C"

static inline void
folder_add_account (const char *folder)
{
    folder_make (folder, FOLDER_PREFIX);
    folder_write (folder, FOLDER_PREFIX "/master.json",
                  "{\"algorithm\":\"web3\","
                  "\"seed\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\"}");
}

#endif
