//  families: reads YAML with the product's reader and writes the slice by hand, so that the
//  patterns are tested apart from the configuration.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_yaml.h"
#include "tests/guard/families.h"

#define FILES_MAX 32
#define SLICE_MAX (4u << 20) //  bytes

struct _families_t {
    br_conf_node_t *trees[FILES_MAX]; //  owned
    char *names[FILES_MAX];           //  owned; the nodes borrow them
    size_t files;
    br_buf_t slice;
};

static void
s_fail (const char *what, const char *detail)
{
    fprintf (stderr, "%s: %s\n", what, detail);
    exit (1);
}

static br_conf_node_t *
s_read (const char *path)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        s_fail (path, "cannot be opened");
    char *text = br_alloc (1, BR_CONF_TEXT_MAX);
    size_t size = fread (text, 1, BR_CONF_TEXT_MAX, file);
    fclose (file);
    br_error_t error = { BR_OK, "" };
    br_conf_node_t *tree = br_conf_yaml_parse (path, text, size, &error);
    free (text);
    if (!tree)
        s_fail (path, error.text);
    return tree;
}

static int
s_is_yaml (const struct dirent *entry)
{
    const char *end = strrchr (entry->d_name, '.');
    return end && strcmp (end, ".yaml") == 0;
}

//  ---- the slice

static void
s_add_text (br_buf_t *out, const char *key, const char *text)
{
    if (!text)
        return;
    br_buf_addf (out, ",\"%s\":", key);
    br_buf_add_json (out, text, strlen (text));
}

static void
s_add_raw (br_buf_t *out, const char *key, const char *text)
{
    if (text)
        br_buf_addf (out, ",\"%s\":%s", key, text);
}

static void
s_add_pattern (br_buf_t *out, const br_conf_node_t *pattern)
{
    const char *name = br_conf_node_get_text (pattern, "name");
    br_buf_addf (out, "{\"name\":\"%s\"", name);
    s_add_text (out, "regex", br_conf_node_get_text (pattern, "regex"));
    const br_conf_node_t *hints = br_conf_node_get (pattern, "hints");
    if (hints) {
        br_buf_adds (out, ",\"hints\":[");
        for (size_t i = 0; i < hints->count; i++) {
            br_buf_adds (out, i ? "," : "");
            br_buf_add_json (out, hints->items[i]->text, strlen (hints->items[i]->text));
        }
        br_buf_adds (out, "]");
    }
    s_add_raw (out, "lead", br_conf_node_get_text (pattern, "lead"));
    s_add_raw (out, "reach", br_conf_node_get_text (pattern, "reach"));
    s_add_raw (out, "caseless", br_conf_node_get_text (pattern, "caseless"));
    s_add_text (out, "check", br_conf_node_get_text (pattern, "check"));
    br_buf_adds (out, "}");
}

static void
s_add_family (br_buf_t *out, const br_conf_node_t *family)
{
    br_buf_addf (out, "{\"id\":\"%s\"", br_conf_node_get_text (family, "id"));
    s_add_text (out, "about", br_conf_node_get_text (family, "about"));
    s_add_text (out, "direction", br_conf_node_get_text (family, "direction"));
    br_buf_adds (out, ",\"patterns\":[");
    const br_conf_node_t *patterns = families_patterns (family);
    for (size_t i = 0; patterns && i < patterns->count; i++) {
        br_buf_adds (out, i ? "," : "");
        s_add_pattern (out, patterns->items[i]);
    }
    br_buf_adds (out, "]}");
}

static void
s_add_actions (br_buf_t *out, const families_t *self, const char *direction,
               const char *action)
{
    br_buf_addf (out, "\"%s\":{", direction);
    for (size_t i = 0; i < families_count (self); i++)
        br_buf_addf (out, "%s\"%s\":\"%s\"", i ? "," : "",
                     br_conf_node_get_text (families_at (self, i), "id"), action);
    br_buf_adds (out, "}");
}

static void
s_write_slice (const families_t *self, const char *action, br_buf_t *out)
{
    br_buf_adds (out, "{\"families\":[");
    for (size_t i = 0; i < families_count (self); i++) {
        br_buf_adds (out, i ? "," : "");
        s_add_family (out, families_at (self, i));
    }
    br_buf_adds (out, "],\"custom\":[],\"sets\":[{");
    s_add_actions (out, self, "upgoing", action);
    br_buf_adds (out, ",");
    s_add_actions (out, self, "downgoing", action);
    br_buf_adds (out, "}],\"allow\":[]}");
    if (out->overflow)
        s_fail ("conf/guard", "more patterns than a slice of this test holds");
    br_buf_text (out);
}

families_t *
families_new (const char *source_dir)
{
    families_t *self = BR_NEW (families_t);
    br_buf_init (&self->slice, SLICE_MAX);
    char folder[2048];
    snprintf (folder, sizeof folder, "%s/conf/guard", source_dir);
    struct dirent **entries = NULL;
    int count = scandir (folder, &entries, s_is_yaml, alphasort);
    if (count < 1 || count > FILES_MAX)
        s_fail (folder, "holds no patterns, or too many files");
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf (path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        self->names[self->files] = br_strdup (path);
        self->trees[self->files] = s_read (self->names[self->files]);
        self->files++;
        free (entries[i]);
    }
    free (entries);
    s_write_slice (self, "warn", &self->slice);
    return self;
}

void
families_destroy (families_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    families_t *self = *self_p;
    for (size_t i = 0; i < self->files; i++) {
        br_conf_node_destroy (&self->trees[i]);
        free (self->names[i]);
    }
    br_buf_free (&self->slice);
    free (self);
    *self_p = NULL;
}

const char *
families_slice (const families_t *self)
{
    return (const char *) self->slice.data;
}

char *
families_slice_all (const families_t *self, const char *action)
{
    br_buf_t out;
    br_buf_init (&out, SLICE_MAX);
    s_write_slice (self, action, &out);
    char *slice = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return slice;
}

char *
families_slice_of (const br_conf_node_t *pattern, const char *action)
{
    br_buf_t out;
    br_buf_init (&out, SLICE_MAX);
    br_buf_adds (&out, "{\"families\":[{\"id\":\"f\",\"about\":\"f\",\"patterns\":[");
    s_add_pattern (&out, pattern);
    br_buf_addf (&out,
                 "]}],\"custom\":[],\"sets\":[{\"upgoing\":{\"f\":\"%s\"},"
                 "\"downgoing\":{\"f\":\"%s\"}}],\"allow\":[]}",
                 action, action);
    char *slice = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return slice;
}

size_t
families_count (const families_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->files; i++)
        count += br_conf_node_get (self->trees[i], "families")->count;
    return count;
}

const br_conf_node_t *
families_at (const families_t *self, size_t index)
{
    for (size_t i = 0; i < self->files; i++) {
        const br_conf_node_t *list = br_conf_node_get (self->trees[i], "families");
        if (index < list->count)
            return list->items[index];
        index -= list->count;
    }
    return NULL;
}

const br_conf_node_t *
families_patterns (const br_conf_node_t *family)
{
    return br_conf_node_get (family, "patterns");
}
