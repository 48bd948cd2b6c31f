//  providers: who can be asked, how, and what is missing where they cannot.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_schema.h"
#include "cli/effective.h"
#include "cli/table.h"

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  ---- the list: an array of objects, in the order of names

//  "https://api.openai.com/v1" is api.openai.com. "caller frees", or NULL.
static char *
s_host (const char *address)
{
    const char *begin = address ? strstr (address, "://") : NULL;
    if (!begin)
        return NULL;
    size_t size = strcspn (begin + 3, "/?#");
    const char *user = memrchr (begin + 3, '@', size);
    const char *host = user ? user + 1 : begin + 3;
    return br_strndup (host, (size_t) (begin + 3 + size - host));
}

static void
s_add_word (cJSON *list, const char *word)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (strcmp (item->valuestring, word) == 0)
            return;
    }
    cJSON_AddItemToArray (list, cJSON_CreateString (word));
}

//  The schema's own word for a protocol that has several.
static const char *
s_protocol (const char *word)
{
    for (uint32_t i = 0; i < br_conf_protocol_words_count; i++)
        if (strcmp (br_conf_protocol_words[i].str, word) == 0)
            return BR_CONF_WORD (protocol, br_conf_protocol_words[i].val);
    return word;
}

//  The protocols, each once, in their order.
static void
s_add_protocols (cJSON *row, const br_conf_node_t *settings)
{
    const br_conf_node_t *rows = br_conf_node_get (settings, "api_protocol");
    cJSON *list = cJSON_AddArrayToObject (row, "protocols");
    for (size_t i = 0; rows && i < rows->count; i++) {
        const char *word = br_conf_node_get_text (rows->items[i], "protocol");
        if (word)
            s_add_word (list, s_protocol (word));
    }
}

//  The worst of what the breaker says of an endpoint or a model of it.
static const char *
s_breaker (const cJSON *breakers, const char *provider)
{
    const char *worst = "closed";
    const cJSON *state;
    cJSON_ArrayForEach (state, breakers)
    {
        const char *word = cli_effective_text (state, "state", "closed");
        if (strcmp (cli_effective_text (state, "provider", ""), provider) == 0
            && strcmp (worst, "open") != 0 && strcmp (word, "closed") != 0)
            worst = word;
    }
    return worst;
}

static cJSON *
s_row (const cli_effective_t *effective, const char *name, const cJSON *breakers)
{
    const br_conf_node_t *settings = cli_effective_settings (effective, name);
    const br_conf_node_t *auth = br_conf_node_get (settings, "auth");
    const br_conf_node_t *models = br_conf_node_get (settings, "models");
    const char *kind = br_conf_node_get_text (auth, "type");
    const char *hint = cli_effective_hint (effective, name);
    char *host = s_host (br_conf_node_get_text (settings, "api_base"));
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "name", name);
    cJSON_AddBoolToObject (row, "active", cli_effective_is_active (effective, name));
    if (hint)
        cJSON_AddStringToObject (row, "hint", hint);
    s_add_protocols (row, settings);
    if (host)
        cJSON_AddStringToObject (row, "host", host);
    cJSON_AddNumberToObject (row, "models", models ? (double) models->count : 0);
    cJSON_AddStringToObject (row, "auth", kind ? kind : "protocol");
    if (cli_effective_is_running (effective))
        cJSON_AddStringToObject (row, "breaker", s_breaker (breakers, name));
    free (host);
    return row;
}

static cJSON *
s_list (const cli_effective_t *effective, bool only_active)
{
    cJSON *breakers = cli_effective_ask (effective, "breakers", NULL);
    cJSON *list = cJSON_CreateArray ();
    const char *name;
    for (int i = 0; (name = cli_effective_provider (effective, i)); i++)
        if (!only_active || cli_effective_is_active (effective, name))
            cJSON_AddItemToArray (list, s_row (effective, name, breakers));
    cJSON_Delete (breakers);
    return list;
}

//  ---- showing

static void
s_add_protocol_cell (cli_table_t *table, const cJSON *protocols)
{
    char text[160] = "";
    const cJSON *word;
    cJSON_ArrayForEach (word, protocols)
    {
        size_t used = strlen (text);
        snprintf (text + used, sizeof text - used, "%s%s", used ? ", " : "",
                  word->valuestring);
    }
    cli_table_add (table, *text ? text : "-");
}

static void
s_print (const cJSON *list)
{
    static const char *const heads[] = { "PROVIDER", "STATE",      "PROTOCOL",
                                         "HOST",     "MODELS",     "AUTH",
                                         "BREAKER",  "WHAT TO DO", NULL };
    cli_table_t *table = cli_table_new (heads);
    const cJSON *row;
    cJSON_ArrayForEach (row, list)
    {
        cli_table_add (table, cli_effective_text (row, "name", ""));
        cli_table_add (table, cJSON_IsTrue (s_in (row, "active")) ? "active" : "-");
        s_add_protocol_cell (table, s_in (row, "protocols"));
        cli_table_add (table, cli_effective_text (row, "host", "-"));
        cli_table_addf (table, "%d", s_in (row, "models")->valueint);
        cli_table_add (table, cli_effective_text (row, "auth", "-"));
        cli_table_add (table, cli_effective_text (row, "breaker", "-"));
        cli_table_add (table, cli_effective_text (row, "hint", ""));
    }
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
}

static int
s_show (const cli_t *cli, cli_effective_t *effective, bool only_active)
{
    br_error_t error;
    if (cli_effective_describe (effective, &error))
        return cli_fail ("%s", error.text);
    cJSON *list = s_list (effective, only_active);
    if (cli->json)
        cli_door_print (list);
    else if (cJSON_GetArraySize (list) == 0)
        puts ("  (no provider is active: `bitrouter providers` tells what to set)");
    else
        s_print (list);
    cJSON_Delete (list);
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    bool only_active = cli_take_switch (&argc, argv, "--active");
    if (cli_take_no_more ("providers", 1, argc, argv))
        return CLI_USAGE;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (cli, &error);
    if (!effective)
        return cli_fail ("%s", error.text);
    int rc = s_show (cli, effective, only_active);
    cli_effective_destroy (&effective);
    return rc;
}

const cli_command_t cli_providers = {
    .name = "providers",
    .args = "[--active]",
    .about = "the providers: whether they are active, and what to set where not",
    .help =
        "  --active  only those that can be asked\n"
        "\n"
        "Asks the running server, which knows the state of breakers too, or the files\n"
        "when none runs. HOST is that of the base URL, MODELS counts the catalogue,\n"
        "AUTH is how a provider is paid or proven: `protocol` is the usual header of\n"
        "its protocol. BREAKER is the worst state of one of its endpoints.\n",
    .run = s_run,
    .takes_broker = true,
};
