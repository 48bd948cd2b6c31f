//  topology: which hosts there are, read with libcyaml.

#include <cyaml/cyaml.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/embedded.h"
#include "broker/core/topology.h"

#define FILE_MAX (1u << 20)
#define AUTO_COUNT 9999
#define AUTO_TEXT "9999"

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

static const cyaml_schema_value_t s_actor = {
    CYAML_VALUE_STRING (CYAML_FLAG_POINTER, char, 1, 127),
};

static const cyaml_schema_field_t s_host_fields[] = {
    CYAML_FIELD_STRING_PTR ("name", CYAML_FLAG_POINTER, br_topology_host_t, name, 1, 100),
    CYAML_FIELD_ENUM ("place", CYAML_FLAG_STRICT, br_topology_host_t, place, s_places, 3),
    CYAML_FIELD_UINT ("count", CYAML_FLAG_OPTIONAL, br_topology_host_t, count),
    CYAML_FIELD_SEQUENCE ("actors", CYAML_FLAG_POINTER, br_topology_host_t, actors,
                          &s_actor, 1, 64),
    CYAML_FIELD_STRING_PTR ("bind", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            br_topology_host_t, bind, 1, 250),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t s_host = {
    CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, br_topology_host_t, s_host_fields),
};

static const cyaml_schema_field_t s_fields[] = {
    CYAML_FIELD_ENUM ("bus", CYAML_FLAG_STRICT, br_topology_t, bus, s_buses, 3),
    CYAML_FIELD_STRING_PTR ("broker", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            br_topology_t, broker, 1, 250),
    CYAML_FIELD_SEQUENCE ("hosts", CYAML_FLAG_POINTER, br_topology_t, hosts, &s_host, 1,
                          BR_TOPOLOGY_HOSTS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t s_topology = {
    CYAML_VALUE_MAPPING (CYAML_FLAG_POINTER, br_topology_t, s_fields),
};

typedef struct {
    br_error_t *reterr;
    bool said; //  the first complaint is the precise one
} complaint_t;

static void
s_complain (cyaml_log_t level, void *arg, const char *format, va_list args)
{
    complaint_t *self = arg;
    if (level < CYAML_LOG_ERROR || self->said)
        return;
    self->said = true;
    char text[256];
    vsnprintf (text, sizeof text, format, args);
    text[strcspn (text, "\n")] = 0;
    size_t used = strlen (self->reterr->text);
    snprintf (self->reterr->text + used, sizeof self->reterr->text - used, ": %s", text);
}

static const cyaml_config_t s_config = {
    .log_level = CYAML_LOG_ERROR,
    .mem_fn = cyaml_mem,
    .log_fn = s_complain,
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
    copy.actors = br_alloc (host->actors_count, sizeof (char *));
    for (unsigned i = 0; i < host->actors_count; i++)
        copy.actors[i] = br_strdup (host->actors[i]);
    return copy;
}

static void
s_free_host (br_topology_host_t *host)
{
    for (unsigned i = 0; i < host->actors_count; i++)
        free (host->actors[i]);
    free (host->actors);
    free (host->name);
    free (host->bind);
}

static unsigned
s_copies (const br_topology_host_t *host)
{
    if (host->count == AUTO_COUNT)
        return s_auto_count ();
    return host->count ? host->count : 1;
}

static int
s_check_count (const br_topology_t *self, const char *what, br_error_t *reterr)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < self->hosts_count; i++)
        count += s_copies (&self->hosts[i]);
    if (count > BR_TOPOLOGY_HOSTS_MAX)
        return br_error_set (reterr, BR_ECONFIG, "%s: more than %d hosts; lower `count`",
                             what, BR_TOPOLOGY_HOSTS_MAX);
    return 0;
}

//  Makes each row one host.
static int
s_expand (br_topology_t *self, const char *what, br_error_t *reterr)
{
    br_topology_host_t *rows = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < self->hosts_count; i++) {
        br_topology_host_t *host = &self->hosts[i];
        bool is_auto = host->count == AUTO_COUNT;
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
                return br_error_set (reterr, BR_ECONFIG, "%s: two hosts are named '%s'",
                                     what, rows[i].name);
    return 0;
}

static int
s_check (const br_topology_t *self, const char *what, br_error_t *reterr)
{
    if (self->bus == BR_BUS_TCP && !self->broker)
        return br_error_set (reterr, BR_ECONFIG,
                             "%s: bus tcp needs `broker: tcp://ADDRESS:PORT`", what);
    for (unsigned i = 0; i < self->hosts_count; i++) {
        const br_topology_host_t *host = &self->hosts[i];
        if (host->place != BR_PLACE_THREAD && self->bus == BR_BUS_INPROC)
            return br_error_set (
                reterr, BR_ECONFIG,
                "%s: host '%s' is no thread, so the bus must be ipc or tcp", what,
                host->name);
        if (host->place == BR_PLACE_THREAD && self->bus == BR_BUS_TCP)
            return br_error_set (
                reterr, BR_ECONFIG,
                "%s: host '%s' is a thread, which needs no tcp: make it a "
                "process, or the bus inproc or ipc",
                what, host->name);
        if (host->place == BR_PLACE_REMOTE && self->bus != BR_BUS_TCP)
            return br_error_set (reterr, BR_ECONFIG,
                                 "%s: host '%s' is remote, so the bus must be tcp", what,
                                 host->name);
    }
    return 0;
}

//  `count: auto` is a word where libcyaml wants a number; AUTO_COUNT stands for it.
static char *
s_number_auto (const char *yaml, size_t size)
{
    char *text = br_strndup (yaml, size);
    for (char *at = strstr (text, "count: auto"); at; at = strstr (at, "count: auto"))
        memcpy (at + 7, AUTO_TEXT, 4);
    return text;
}

br_topology_t *
br_topology_parse (const char *yaml, size_t size, const char *what, br_error_t *reterr)
{
    br_error_t error;
    complaint_t complaint = { .reterr = &error };
    br_error_set (&error, BR_ECONFIG, "topology %s", what);
    cyaml_config_t config = s_config;
    config.log_ctx = &complaint;
    br_topology_t *self = NULL;
    char *text = s_number_auto (yaml, size);
    cyaml_err_t rc = cyaml_load_data ((const uint8_t *) text, strlen (text), &config,
                                      &s_topology, (cyaml_data_t **) &self, NULL);
    free (text);
    if (rc != CYAML_OK || !self) {
        if (!complaint.said)
            br_error_set (&error, BR_ECONFIG, "topology %s: %s", what,
                          rc == CYAML_OK ? "it is empty" : cyaml_strerror (rc));
        br_error_set (reterr, error.code, "%s", error.text);
        return NULL;
    }
    if (s_check_count (self, what, reterr) || s_expand (self, what, reterr)
        || s_check (self, what, reterr))
        br_topology_destroy (&self);
    return self;
}

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
