//  conf_file: whole small files, read and created.

#ifndef BR_CONF_FILE_H
#define BR_CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "broker/core/error.h"

//  The content of a file of at most max bytes, with a zero behind it. "caller frees"
//  err:  BR_ENOTFOUND when there is no such file; BR_ETOOBIG; BR_ESYSTEM
char *br_conf_file_read (const char *path, size_t max, size_t *ret_size,
                         br_error_t *reterr);

//  Creates a file with a text, unless something of that name exists. 0 in both cases.
//  err:  BR_ESYSTEM
int br_conf_file_create (const char *path, const char *text, mode_t mode,
                         br_error_t *reterr);

//  Creates a directory, unless it exists.
//  err:  BR_ESYSTEM
int br_conf_file_mkdir (const char *path, mode_t mode, br_error_t *reterr);

bool br_conf_file_is_dir (const char *path);
bool br_conf_file_exists (const char *path);

#endif
