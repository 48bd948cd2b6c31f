//  conf_fixture: short ways to load a configuration from a text and to look into it.

#ifndef CONF_FIXTURE_H
#define CONF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_yaml.h"

//  A configuration that must load. environ_v may be NULL.
static inline br_conf_t *
fixture_conf (const char *text, const char *const *environ_v)
{
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = br_conf_parse ("t.yaml", text, strlen (text), environ_v, &error);
    assert_string_equal (error.text, "");
    assert_non_null (conf);
    return conf;
}

//  A configuration that must be refused with exactly this line.
static inline void
fixture_refused (const char *text, const char *expected)
{
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = br_conf_parse ("t.yaml", text, strlen (text), NULL, &error);
    assert_null (conf);
    assert_string_equal (error.text, expected);
    assert_null (strchr (error.text, '\n'));
}

//  A tree that parses and fits the schema.
static inline br_conf_node_t *
fixture_tree (const char *text)
{
    br_error_t error = { BR_OK, "" };
    br_conf_node_t *tree = br_conf_yaml_parse ("t.yaml", text, strlen (text), &error);
    assert_string_equal (error.text, "");
    br_conf_words_t *warnings = br_conf_words_new ();
    assert_int_equal (br_conf_check (tree, warnings, &error), 0);
    br_conf_words_destroy (&warnings);
    return tree;
}

static inline bool
fixture_warns (const br_conf_t *conf, const char *part)
{
    const char *warning = br_conf_warning (conf, 0);
    for (size_t i = 0; warning; warning = br_conf_warning (conf, ++i))
        if (strstr (warning, part))
            return true;
    return false;
}

//  A file of tests/data/conf. "caller frees"
static inline char *
fixture_file (const char *name)
{
    const char *top = getenv ("BR_SOURCE_DIR");
    char *path = br_strf ("%s/tests/data/conf/%s", top ? top : ".", name);
    size_t size = 0;
    char *text = br_conf_file_read (path, BR_CONF_TEXT_MAX, &size, NULL);
    assert_non_null (text);
    free (path);
    return text;
}

//  A new directory. "caller frees"
static inline char *
fixture_folder (void)
{
    char *path = br_strdup ("/tmp/br_conf_XXXXXX");
    assert_non_null (mkdtemp (path));
    return path;
}

static inline void
fixture_remove (char *folder)
{
    char *command = br_strf ("rm -rf '%s'", folder);
    assert_int_equal (system (command), 0);
    free (command);
    free (folder);
}

static inline void
fixture_write (const char *folder, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", folder, name);
    assert_int_equal (br_conf_file_create (path, text, 0600, NULL), 0);
    free (path);
}

//  A slice, parsed. "caller deletes"
static inline cJSON *
fixture_slice (const br_conf_t *conf, const char *name)
{
    char *text = br_conf_slice (conf, name);
    assert_non_null (text);
    cJSON *slice = cJSON_Parse (text);
    assert_non_null (slice);
    free (text);
    return slice;
}

//  What is at a path like "models>smart>endpoints>0", or NULL.
static inline const cJSON *
fixture_at (const cJSON *json, const char *path)
{
    while (json && *path) {
        size_t size = strcspn (path, ">");
        char *key = br_strndup (path, size);
        json = cJSON_IsArray (json) ? cJSON_GetArrayItem (json, atoi (key))
                                    : cJSON_GetObjectItemCaseSensitive (json, key);
        free (key);
        path += size + (path[size] == '>');
    }
    return json;
}

//  The compact text at a path is exactly this; NULL when there must be nothing.
static inline void
fixture_is (const cJSON *json, const char *path, const char *expected)
{
    const cJSON *item = fixture_at (json, path);
    char *text = item ? cJSON_PrintUnformatted (item) : NULL;
    if (expected) {
        assert_non_null (text);
        assert_string_equal (text, expected);
    } else
        assert_null (text);
    free (text);
}

#endif
