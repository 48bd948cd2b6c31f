//  key_file: files of a folder of keys, written for nobody else to read.

#ifndef BR_KEY_FILE_H
#define BR_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

//  The folder of keys of a home: HOME/.keys, or HOME/keys where that alone is there.
//  "caller frees"
char *br_key_file_folder (const char *home);

//  Whether a name may be one of a file here: letters, digits, ".", "_" and "-", none to begin
//  with a dot, at most 64.
bool br_key_file_is_name (const char *name);

//  Writes a file whole, mode 0600, in place of one that was there; folders above it that are
//  missing are made with mode 0700, from `folder` on. What was there stays until all is on
//  disk.
//  in:   name, below folder, like "virtual/x.json"
//  err:  BR_ESYSTEM
int br_key_file_write (const char *folder, const char *name, const char *text,
                       br_error_t *reterr);

//  The content, with a zero behind it. "caller frees"
//  err:  as br_conf_file_read: BR_ENOTFOUND, BR_ETOOBIG, BR_ESYSTEM
char *br_key_file_read (const char *folder, const char *name, size_t max,
                        size_t *ret_size, br_error_t *reterr);

//  Removes a file. err: BR_ENOTFOUND, BR_ESYSTEM
int br_key_file_remove (const char *folder, const char *name, br_error_t *reterr);

#endif
