//  vectors: published cases of algorithms, as JSON below tests/data/vectors.

#ifndef BR_TEST_VECTORS_H
#define BR_TEST_VECTORS_H

#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "tests/corpus.h"

#define VECTORS_FILE_MAX (1 << 20) //  bytes

//  "caller deletes"
static inline cJSON *
vectors_read (const char *name)
{
    size_t size;
    char *path = br_strf ("%s/tests/data/vectors/%s.json", corpus_top (), name);
    char *text = br_conf_file_read (path, VECTORS_FILE_MAX, &size, NULL);
    assert_non_null (text);
    cJSON *json = cJSON_Parse (text);
    assert_non_null (json);
    free (text);
    free (path);
    return json;
}

static inline const cJSON *
vectors_get (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  A text of an object; NULL when it is not there.
static inline const char *
vectors_text (const cJSON *object, const char *name)
{
    return cJSON_GetStringValue (vectors_get (object, name));
}

//  Bytes of a member in hex. Returns their count.
static inline size_t
vectors_hex (const cJSON *object, const char *name, uint8_t *out, size_t room)
{
    const char *hex = vectors_text (object, name);
    size_t size = 0;
    assert_non_null (hex);
    assert_int_equal (sodium_hex2bin (out, room, hex, strlen (hex), NULL, &size, NULL),
                      0);
    return size;
}

#endif
