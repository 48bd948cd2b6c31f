//  conf_family: the embedded files of patterns, read into one tree.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_family.h"
#include "broker/core/conf_rows.h"
#include "broker/core/conf_yaml.h"
#include "broker/core/embedded.h"

#define FAMILY_FOLDER "guard/"
#define REACH_MOST 65536 //  bytes of the longest match that a pattern may promise

struct _br_conf_families_t {
    br_conf_node_t *all; //  owned; map of families, in the order of their files
};

//  The shape of a file; nobody fills these.
typedef struct {
    char *name, *regex, *check, *match, *no_match;
    char **hints;
    unsigned hints_count;
    uint64_t *lead, *reach; //  bytes
    bool *caseless;
} family_pattern_t;

typedef struct {
    char *id;
    char *about;
    int direction;
    family_pattern_t *patterns;
    unsigned patterns_count;
} family_t;

typedef struct {
    family_t *families;
    unsigned families_count;
} family_file_t;

//  ---- the rows of a file

static const cyaml_strval_t s_directions[] = { { "upgoing", BR_CONF_UPGOING },
                                               { "downgoing", BR_CONF_DOWNGOING },
                                               { "both", BR_CONF_BOTH } };

static const cyaml_schema_field_t s_family_pattern_fields[] = {
    NEED (family_pattern_t, name),
    NEED (family_pattern_t, regex),
    LIST (family_pattern_t, hints, br_conf_text_entry),
    WHOLE_IN (family_pattern_t, lead, 0, REACH_MOST),
    WHOLE_IN (family_pattern_t, reach, 0, REACH_MOST),
    TEXT (family_pattern_t, check),
    YESNO (family_pattern_t, caseless),
    FREE (family_pattern_t, match),
    FREE (family_pattern_t, no_match),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_family_pattern_entry = ENTRY (
    family_pattern_t, s_family_pattern_fields);

static const cyaml_schema_field_t s_family_fields[] = {
    NEED (family_t, id),
    NEED (family_t, about),
    CYAML_FIELD_ENUM ("direction", CYAML_FLAG_STRICT, family_t, direction, s_directions,
                      sizeof s_directions / sizeof *s_directions),
    LIST (family_t, patterns, s_family_pattern_entry),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_family_entry = ENTRY (family_t, s_family_fields);

static const cyaml_schema_field_t s_file_fields[] = {
    LIST (family_file_t, families, s_family_entry),
    CYAML_FIELD_END,
};

//  ---- reading

//  Moves the families of a file to the others.
static int
s_take_families (br_conf_families_t *self, br_conf_node_t *from, br_error_t *reterr)
{
    while (from && from->count) {
        const br_conf_node_t *first = from->items[0];
        if (br_conf_node_get (self->all, first->key))
            return br_error_set (reterr, BR_ECONFIG,
                                 "%s:%u:%u: a second family \"%s\"; give it another id",
                                 first->file, first->line, first->column, first->key);
        br_conf_node_t *family = br_conf_node_take_at (from, 0);
        char *id = br_strdup (family->key);
        br_conf_node_put (self->all, id, &family);
        free (id);
    }
    return 0;
}

static int
s_read_file (br_conf_families_t *self, const char *file, br_error_t *reterr)
{
    size_t size = 0;
    const char *text = br_embedded (file, &size);
    br_conf_node_t *tree = br_conf_yaml_parse (file, text, size, reterr);
    int rc = tree ? br_conf_check_fields (tree, s_file_fields, reterr) : -1;
    if (rc == 0)
        rc = s_take_families (self, br_conf_node_get (tree, "families"), reterr);
    br_conf_node_destroy (&tree);
    return rc;
}

br_conf_families_t *
br_conf_families_new (br_error_t *reterr)
{
    br_conf_families_t *self = BR_NEW (br_conf_families_t);
    self->all = br_conf_node_new (BR_CONF_MAP, FAMILY_FOLDER);
    int rc = 0;
    const char *file = br_embedded_name (0);
    for (size_t i = 0; rc == 0 && file; file = br_embedded_name (++i))
        if (strncmp (file, FAMILY_FOLDER, strlen (FAMILY_FOLDER)) == 0)
            rc = s_read_file (self, file, reterr);
    if (rc)
        br_conf_families_destroy (&self);
    return self;
}

void
br_conf_families_destroy (br_conf_families_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_families_t *self = *self_p;
    br_conf_node_destroy (&self->all);
    free (self);
    *self_p = NULL;
}

const br_conf_node_t *
br_conf_families_at (const br_conf_families_t *self, size_t index)
{
    return index < self->all->count ? self->all->items[index] : NULL;
}

const br_conf_node_t *
br_conf_families_get (const br_conf_families_t *self, const char *id)
{
    return br_conf_node_get (self->all, id);
}

size_t
br_conf_families_patterns (const br_conf_families_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->all->count; i++) {
        const br_conf_node_t *patterns = br_conf_node_get (self->all->items[i],
                                                           "patterns");
        count += patterns ? patterns->count : 0;
    }
    return count;
}

br_conf_direction_t
br_conf_direction_of (const char *word)
{
    if (word && strcmp (word, "both") == 0)
        return BR_CONF_BOTH;
    return word && strcmp (word, "downgoing") == 0 ? BR_CONF_DOWNGOING : BR_CONF_UPGOING;
}

br_conf_direction_t
br_conf_family_direction (const br_conf_node_t *family)
{
    return br_conf_direction_of (br_conf_node_get_text (family, "direction"));
}
