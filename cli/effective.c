//  effective: both ways end in the same two things: the YAML that `config show` prints, as
//  a tree, and the list of providers that the admin door has.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_builtin.h"
#include "broker/core/conf_yaml.h"
#include "cli/effective.h"

struct _cli_effective_t {
    cli_door_t door;            //  of the server, or of none
    bool is_running;            //  the server was asked, not the files
    br_conf_node_t *tree;       //  owned
    cJSON *providers;           //  owned; rows {"name", "active", "hint"}
    cJSON *slice;               //  owned; ingress' own, of the files
    br_conf_builtin_t *builtin; //  owned
    br_conf_node_t *described;  //  owned; by name, files that are built in
};

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

const char *
cli_effective_text (const cJSON *object, const char *name, const char *otherwise)
{
    const char *text = cJSON_GetStringValue (s_in (object, name));
    return text ? text : otherwise;
}

//  ---- from the running server

static int
s_ask (const cli_effective_t *self, const char *command, const cJSON *args,
       cJSON **ret_result, br_error_t *reterr)
{
    cli_question_t question = { NULL, command, args, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask_at (&self->door, &question, &answer, reterr))
        return -1;
    *ret_result = answer.result;
    return 0;
}

static int
s_set_tree (cli_effective_t *self, const char *text, br_error_t *reterr)
{
    self->tree = br_conf_yaml_parse ("the configuration in use", text, strlen (text),
                                     reterr);
    return self->tree ? 0 : -1;
}

//  0, 1 when no server runs, or -1 when it does not answer.
static int
s_from_server (cli_effective_t *self, br_error_t *reterr)
{
    br_error_t error;
    if (s_ask (self, "providers", NULL, &self->providers, &error)) {
        *reterr = error;
        return error.code == BR_EUNAVAILABLE && !self->door.broker ? 1 : -1;
    }
    cJSON *config;
    if (s_ask (self, "config", NULL, &config, reterr))
        return -1;
    const char *text = cJSON_GetStringValue (config);
    int rc = s_set_tree (self, text ? text : "", reterr);
    cJSON_Delete (config);
    self->is_running = true;
    self->slice = cJSON_CreateObject ();
    return rc;
}

//  ---- from the files

static void
s_add_provider (cJSON *providers, const br_conf_t *conf, const char *name)
{
    const char *hint = br_conf_provider_hint (conf, name);
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "name", name);
    cJSON_AddBoolToObject (row, "active", br_conf_provider_active (conf, name));
    if (hint)
        cJSON_AddStringToObject (row, "hint", hint);
    cJSON_AddItemToArray (providers, row);
}

static int
s_from_files (cli_effective_t *self, const cli_t *cli, br_error_t *reterr)
{
    br_conf_t *conf = br_conf_load (&cli->flags, reterr);
    if (!conf)
        return -1;
    self->providers = cJSON_CreateArray ();
    const char *name;
    for (size_t i = 0; (name = br_conf_provider_names (conf, i)); i++)
        s_add_provider (self->providers, conf, name);
    char *slice = br_conf_slice (conf, "ingress");
    self->slice = cJSON_Parse (slice);
    free (slice);
    char *text = br_conf_show (conf);
    int rc = s_set_tree (self, text, reterr);
    free (text);
    br_conf_destroy (&conf);
    return rc;
}

//  ---- public

cli_effective_t *
cli_effective_new (const cli_t *cli, br_error_t *reterr)
{
    cli_effective_t *self = BR_NEW (cli_effective_t);
    int rc = cli_door_find (cli, &self->door, reterr);
    if (rc == 0)
        rc = s_from_server (self, reterr);
    if (rc > 0)
        rc = s_from_files (self, cli, reterr);
    if (rc)
        cli_effective_destroy (&self);
    return self;
}

void
cli_effective_destroy (cli_effective_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cli_effective_t *self = *self_p;
    br_conf_node_destroy (&self->described);
    br_conf_builtin_destroy (&self->builtin);
    cJSON_Delete (self->slice);
    cJSON_Delete (self->providers);
    br_conf_node_destroy (&self->tree);
    cli_door_clear (&self->door);
    free (self);
    *self_p = NULL;
}

bool
cli_effective_is_running (const cli_effective_t *self)
{
    return self->is_running;
}

const br_conf_node_t *
cli_effective_tree (const cli_effective_t *self)
{
    return self->tree;
}

const cJSON *
cli_effective_slice (const cli_effective_t *self)
{
    return self->slice;
}

const char *
cli_effective_provider (const cli_effective_t *self, int index)
{
    return cli_effective_text (cJSON_GetArrayItem (self->providers, index), "name", NULL);
}

static const cJSON *
s_provider (const cli_effective_t *self, const char *name)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, self->providers)
    {
        if (strcmp (cli_effective_text (row, "name", ""), name) == 0)
            return row;
    }
    return NULL;
}

bool
cli_effective_is_active (const cli_effective_t *self, const char *provider)
{
    return cJSON_IsTrue (s_in (s_provider (self, provider), "active"));
}

const char *
cli_effective_hint (const cli_effective_t *self, const char *provider)
{
    return cli_effective_text (s_provider (self, provider), "hint", NULL);
}

int
cli_effective_describe (cli_effective_t *self, br_error_t *reterr)
{
    self->builtin = br_conf_builtin_new (reterr);
    if (!self->builtin)
        return -1;
    self->described = br_conf_node_new (BR_CONF_MAP, "built in");
    const br_conf_node_t *given = br_conf_node_get (self->tree, "providers");
    const char *name;
    for (int i = 0; (name = cli_effective_provider (self, i)); i++) {
        if (br_conf_node_get (given, name) || !br_conf_builtin_has (self->builtin, name))
            continue;
        br_conf_node_t *file = br_conf_builtin_load (self->builtin, name, reterr);
        if (!file)
            return -1;
        br_conf_node_put (self->described, name, &file);
    }
    return 0;
}

const br_conf_node_t *
cli_effective_settings (const cli_effective_t *self, const char *provider)
{
    const br_conf_node_t *given = br_conf_node_get (self->tree, "providers");
    const br_conf_node_t *node = br_conf_node_get (given, provider);
    if (node)
        return node;
    node = br_conf_node_get (self->described, provider);
    return br_conf_node_get (br_conf_node_get (node, "providers"), provider);
}

cJSON *
cli_effective_ask (const cli_effective_t *self, const char *command, const cJSON *args)
{
    cJSON *result = NULL;
    br_error_t error;
    if (self->is_running && s_ask (self, command, args, &result, &error))
        return NULL;
    return result;
}
