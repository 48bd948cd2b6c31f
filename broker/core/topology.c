//  topology: which hosts there are. A file is read as the configuration is: YAML to a
//  tree, the tree held against rows of fields, and then to the structs.

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_rows.h"
#include "broker/core/conf_yaml.h"
#include "broker/core/embedded.h"
#include "broker/core/topology.h"

#define FILE_MAX BR_CONF_TEXT_MAX
#define NAME_BYTES 100  //  of a host's name
#define ACTOR_BYTES 127 //  of an actor's
#define ACTORS_MAX 64   //  patterns of one host
#define ENDPOINT_BYTES 250
#define COUNT_AUTO 9999 //  stands for `count: auto`

//  What the fields of a file are. The structs are filled by hand, so that each complaint
//  can tell its line; libcyaml's rows only say what is allowed.
static const cyaml_strval_t s_buses[] = {
    { "inproc", BR_BUS_INPROC },
    { "ipc", BR_BUS_IPC },
    { "tcp", BR_BUS_TCP },
};

static const cyaml_strval_t s_places[] = {
    { "thread", BR_PLACE_THREAD },
    { "process", BR_PLACE_PROCESS },
    { "remote", BR_PLACE_REMOTE },
};

typedef struct {
    char *name, *count, *bind, **actors;
    int place;
    unsigned actors_count;
} host_row_t;

typedef struct {
    int bus;
    char *broker;
    host_row_t *hosts;
    unsigned hosts_count;
} file_row_t;

static const cyaml_schema_value_t s_actor = {
    CYAML_VALUE_STRING (CYAML_FLAG_POINTER, char, 0, BR_CONF_LIKE_TEXT),
};

static const cyaml_schema_field_t s_host_fields[] = {
    NEED (host_row_t, name),
    CYAML_FIELD_ENUM ("place", CYAML_FLAG_STRICT, host_row_t, place, s_places, 3),
    TEXT (host_row_t, count),
    CYAML_FIELD_SEQUENCE ("actors", CYAML_FLAG_POINTER, host_row_t, actors, &s_actor, 1,
                          ACTORS_MAX),
    TEXT (host_row_t, bind),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t s_host = ENTRY (host_row_t, s_host_fields);

static const cyaml_schema_field_t s_fields[] = {
    CYAML_FIELD_ENUM ("bus", CYAML_FLAG_STRICT, file_row_t, bus, s_buses, 3),
    TEXT (file_row_t, broker),
    CYAML_FIELD_SEQUENCE ("hosts", CYAML_FLAG_POINTER, file_row_t, hosts, &s_host, 1,
                          BR_TOPOLOGY_HOSTS_MAX),
    CYAML_FIELD_END,
};

static unsigned
s_auto_count (void)
{
    long cores = sysconf (_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        return 1;
    return cores > BR_SHARDS_MAX ? BR_SHARDS_MAX : (unsigned) cores;
}

static br_topology_host_t
s_copy_host (const br_topology_host_t *host, unsigned number)
{
    br_topology_host_t copy = *host;
    copy.name = br_strf ("%s-%u", host->name, number);
    copy.bind = br_strdup (host->bind);
    copy.count = 1;
    copy.actors = br_alloc (host->actors_count, sizeof *copy.actors);
    copy.actors_at = br_alloc (host->actors_count, sizeof *copy.actors_at);
    for (unsigned i = 0; i < host->actors_count; i++) {
        copy.actors[i] = br_strdup (host->actors[i]);
        copy.actors_at[i] = host->actors_at[i];
    }
    return copy;
}

static void
s_free_host (br_topology_host_t *host)
{
    for (unsigned i = 0; i < host->actors_count; i++)
        free (host->actors[i]);
    free (host->actors);
    free (host->actors_at);
    free (host->name);
    free (host->bind);
}

static unsigned
s_copies (const br_topology_host_t *host)
{
    return host->count == COUNT_AUTO ? s_auto_count () : host->count;
}

//  Sets an error at a place of the file; returns -1.
static int
s_fail (const br_topology_t *self, br_topology_mark_t at, br_error_t *reterr,
        const char *text, const char *name)
{
    return br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: %s%s%.100s%s", self->what,
                         at.line, at.column, text, name ? " '" : "", name ? name : "",
                         name ? "'" : "");
}

//  ---- what one host may say

static int
s_fail_node (const br_conf_node_t *node, br_error_t *reterr, const char *where,
             const char *expected)
{
    if (!node)
        return br_error_set (reterr, BR_ECONFIG, "%s: expected %s", where, expected);
    return br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: %s: expected %s", node->file,
                         node->line, node->column, where, expected);
}

//  Copies a text that has at least one byte. 0 or -1.
static int
s_take_text (const br_conf_node_t *node, size_t max, char **ret_text, br_error_t *reterr)
{
    size_t size = node ? strlen (node->text) : 0;
    char expected[60];
    snprintf (expected, sizeof expected, "a text of 1 to %zu bytes", max);
    if (node && (size == 0 || size > max))
        return s_fail_node (node, reterr, node->key ? node->key : "actors", expected);
    *ret_text = node ? br_strdup (node->text) : NULL;
    return 0;
}

static int
s_take_count (const br_conf_node_t *node, unsigned *ret_count, br_error_t *reterr)
{
    const char *text = node ? node->text : "1";
    size_t size = strlen (text);
    if (strcmp (text, "auto") == 0) {
        *ret_count = COUNT_AUTO;
        return 0;
    }
    bool digits = size > 0 && size < 9 && strspn (text, "0123456789") == size;
    *ret_count = digits ? (unsigned) strtoul (text, NULL, 10) : 0;
    if (*ret_count > 0 && *ret_count <= BR_TOPOLOGY_HOSTS_MAX)
        return 0;
    char expected[60];
    snprintf (expected, sizeof expected, "auto, or a whole number from 1 to %d",
              BR_TOPOLOGY_HOSTS_MAX);
    return s_fail_node (node, reterr, "count", expected);
}

static int
s_take_actors (const br_conf_node_t *list, br_topology_host_t *host, br_error_t *reterr)
{
    char expected[60];
    snprintf (expected, sizeof expected, "a list of 1 to %d actors", ACTORS_MAX);
    if (list->count == 0 || list->count > ACTORS_MAX)
        return s_fail_node (list, reterr, "actors", expected);
    host->actors = br_alloc (list->count, sizeof *host->actors);
    host->actors_at = br_alloc (list->count, sizeof *host->actors_at);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < list->count; i++) {
        const br_conf_node_t *item = list->items[i];
        host->actors_at[i] = (br_topology_mark_t) { item->line, item->column };
        rc = s_take_text (item, ACTOR_BYTES, &host->actors[i], reterr);
        host->actors_count += rc == 0;
    }
    return rc;
}

static int
s_value (const cyaml_strval_t *words, const char *text)
{
    unsigned i = 0;
    while (strcmp (words[i].str, text) != 0)
        i++; //  the check has found it
    return (int) words[i].val;
}

static int
s_take_host (const br_conf_node_t *row, br_topology_host_t *host, br_error_t *reterr)
{
    host->at = (br_topology_mark_t) { row->line, row->column };
    host->place = (br_placement_t) s_value (s_places,
                                            br_conf_node_get_text (row, "place"));
    if (s_take_text (br_conf_node_get (row, "name"), NAME_BYTES, &host->name, reterr)
        || s_take_text (br_conf_node_get (row, "bind"), ENDPOINT_BYTES, &host->bind,
                        reterr)
        || s_take_count (br_conf_node_get (row, "count"), &host->count, reterr))
        return -1;
    return s_take_actors (br_conf_node_get (row, "actors"), host, reterr);
}

//  A checked tree to the structs, counts as they are.
static int
s_take (br_topology_t *self, const br_conf_node_t *tree, br_error_t *reterr)
{
    self->bus = (br_bus_t) s_value (s_buses, br_conf_node_get_text (tree, "bus"));
    const br_conf_node_t *hosts = br_conf_node_get (tree, "hosts");
    if (hosts->count == 0)
        return s_fail_node (hosts, reterr, "hosts", "at least one host");
    if (s_take_text (br_conf_node_get (tree, "broker"), ENDPOINT_BYTES, &self->broker,
                     reterr))
        return -1;
    self->hosts = br_alloc (hosts->count, sizeof *self->hosts);
    self->hosts_count = (unsigned) hosts->count;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < hosts->count; i++)
        rc = s_take_host (hosts->items[i], &self->hosts[i], reterr);
    return rc;
}

//  ---- what all of them may say together

static int
s_check_count (const br_topology_t *self, br_error_t *reterr)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < self->hosts_count; i++) {
        count += s_copies (&self->hosts[i]);
        if (count > BR_TOPOLOGY_HOSTS_MAX) {
            char text[60];
            snprintf (text, sizeof text, "more than %d hosts; lower `count`",
                      BR_TOPOLOGY_HOSTS_MAX);
            return s_fail (self, self->hosts[i].at, reterr, text, NULL);
        }
    }
    return 0;
}

//  Makes each row one host.
static int
s_expand (br_topology_t *self, br_error_t *reterr)
{
    br_topology_host_t *rows = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < self->hosts_count; i++) {
        br_topology_host_t *host = &self->hosts[i];
        bool is_auto = host->count == COUNT_AUTO;
        unsigned copies = s_copies (host);
        rows = br_realloc (rows, (count + copies + 1) * sizeof *rows);
        if (copies == 1 && !is_auto)
            rows[count++] = *host;
        else { //  auto gives numbers even to a single one
            for (unsigned k = 1; k <= copies; k++)
                rows[count++] = s_copy_host (host, k);
            s_free_host (host);
        }
    }
    free (self->hosts);
    self->hosts = rows;
    self->hosts_count = count;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp (rows[i].name, rows[k].name) == 0)
                return s_fail (self, rows[i].at, reterr, "two hosts are named",
                               rows[i].name);
    return 0;
}

static int
s_check (const br_topology_t *self, br_error_t *reterr)
{
    if (self->bus == BR_BUS_TCP && !self->broker)
        return s_fail (self, (br_topology_mark_t) { 1, 1 }, reterr,
                       "bus tcp needs `broker: tcp://ADDRESS:PORT`", NULL);
    for (unsigned i = 0; i < self->hosts_count; i++) {
        const br_topology_host_t *host = &self->hosts[i];
        const char *wrong = NULL;
        if (host->place != BR_PLACE_THREAD && self->bus == BR_BUS_INPROC)
            wrong = "is no thread, so the bus must be ipc or tcp";
        else if (host->place == BR_PLACE_THREAD && self->bus == BR_BUS_TCP)
            wrong = "is a thread, which needs no tcp: make it a process, or the bus "
                    "inproc or ipc";
        else if (host->place == BR_PLACE_REMOTE && self->bus != BR_BUS_TCP)
            wrong = "is remote, so the bus must be tcp";
        if (wrong)
            return br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: host '%s' %s", self->what,
                                 host->at.line, host->at.column, host->name, wrong);
    }
    return 0;
}

br_topology_t *
br_topology_parse (const char *yaml, size_t size, const char *what, br_error_t *reterr)
{
    br_topology_t *self = BR_NEW (br_topology_t);
    self->what = br_strdup (what);
    br_conf_node_t *tree = br_conf_yaml_parse (self->what, yaml, size, reterr);
    if (!tree || br_conf_check_fields (tree, s_fields, reterr)
        || s_take (self, tree, reterr) || s_check_count (self, reterr)
        || s_expand (self, reterr) || s_check (self, reterr))
        br_topology_destroy (&self);
    if (!self && reterr)
        br_conf_words_one_line (reterr->text);
    br_conf_node_destroy (&tree);
    return self;
}

//  ---- which actors there are

//  The kinds as a file names them: "router", "upstream/NAME".
static br_conf_words_t *
s_kind_names (const br_actor_t *const *kinds)
{
    br_conf_words_t *names = br_conf_words_new ();
    for (; *kinds; kinds++) {
        bool many = strcmp ((*kinds)->name, "upstream") == 0;
        char *name = br_strf ("%s%s", (*kinds)->name, many ? "/*" : "");
        br_conf_words_add (names, name);
        free (name);
    }
    return names;
}

//  Whether a pattern can match a name, or names that begin as this one up to its "/".
static bool
s_can_match (const char *pattern, const char *name)
{
    size_t folder = strcspn (name, "/");
    return fnmatch (pattern, name, 0) == 0
           || (name[folder] && strncmp (pattern, name, folder + 1) == 0);
}

static int
s_unknown_actor (const br_topology_t *self, br_topology_mark_t at, const char *pattern,
                 const br_conf_words_t *names, br_error_t *reterr)
{
    const char *nearest = br_conf_words_nearest (names, pattern);
    char all[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < br_conf_words_count (names) && used < sizeof all; i++)
        used += (size_t) snprintf (all + used, sizeof all - used, "%s%s", i ? ", " : "",
                                   br_conf_words_at (names, i));
    return br_error_set (
        reterr, BR_ECONFIG, "%s:%u:%u: actors: expected one of %s, not \"%.60s\"%s%s%s",
        self->what, at.line, at.column, all, pattern, nearest ? "; did you mean \"" : "",
        nearest ? nearest : "", nearest ? "\"?" : "");
}

int
br_topology_check_actors (const br_topology_t *self, const br_actor_t *const *kinds,
                          br_error_t *reterr)
{
    br_conf_words_t *names = s_kind_names (kinds);
    int rc = 0;
    for (unsigned i = 0; i < self->hosts_count; i++)
        for (unsigned k = 0; rc == 0 && k < self->hosts[i].actors_count; k++) {
            const br_topology_host_t *host = &self->hosts[i];
            bool known = false;
            for (size_t n = 0; n < br_conf_words_count (names); n++)
                known |= s_can_match (host->actors[k], br_conf_words_at (names, n));
            if (!known)
                rc = s_unknown_actor (self, host->actors_at[k], host->actors[k], names,
                                      reterr);
        }
    br_conf_words_destroy (&names);
    if (rc && reterr)
        br_conf_words_one_line (reterr->text);
    return rc;
}

//  ---- files

static br_topology_t *
s_load_file (const char *path, br_error_t *reterr)
{
    FILE *file = fopen (path, "re");
    if (!file) {
        br_error_set (
            reterr, BR_ECONFIG,
            "cannot read the topology %s: %s; built in are one, processes, hosts", path,
            strerror (errno));
        return NULL;
    }
    br_buf_t buf;
    br_buf_init (&buf, FILE_MAX);
    char room[4096];
    size_t size;
    while ((size = fread (room, 1, sizeof room, file)) > 0)
        br_buf_add (&buf, room, size);
    fclose (file);
    br_topology_t *self = br_topology_parse (br_buf_text (&buf), buf.size, path, reterr);
    br_buf_free (&buf);
    return self;
}

br_topology_t *
br_topology_load (const char *name, br_error_t *reterr)
{
    char path[128];
    snprintf (path, sizeof path, "topology/%s.yaml", name);
    size_t size;
    const char *text = strchr (name, '/') ? NULL : br_embedded (path, &size);
    return text ? br_topology_parse (text, size, path, reterr)
                : s_load_file (name, reterr);
}

void
br_topology_destroy (br_topology_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_topology_t *self = *self_p;
    for (unsigned i = 0; i < self->hosts_count; i++)
        s_free_host (&self->hosts[i]);
    free (self->hosts);
    free (self->broker);
    free (self->what);
    free (self);
    *self_p = NULL;
}

bool
br_topology_runs (const br_topology_host_t *host, const char *actor)
{
    for (unsigned i = 0; i < host->actors_count; i++)
        if (fnmatch (host->actors[i], actor, 0) == 0)
            return true;
    return false;
}
