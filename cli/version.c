//  version: what this build calls itself, and what it is made of.

#define PCRE2_CODE_UNIT_WIDTH 8

#include <curl/curl.h>
#include <cyaml/cyaml.h>
#include <microhttpd.h>
#include <pcre2.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>
#include <zmq.h>

#include "broker/core/version.h"
#include "cli/door_client.h"

//  ---- libraries, as they are loaded now

static void
s_add_libraries (cJSON *answer)
{
    int major, minor, patch;
    char zmq[32], pcre[64] = "";
    zmq_version (&major, &minor, &patch);
    snprintf (zmq, sizeof zmq, "%d.%d.%d", major, minor, patch);
    if (pcre2_config_8 (PCRE2_CONFIG_VERSION, NULL) < (int) sizeof pcre)
        pcre2_config_8 (PCRE2_CONFIG_VERSION, pcre);
    pcre[strcspn (pcre, " ")] = '\0';
    const struct {
        const char *name;
        const char *version;
    } rows[] = {
        { "libzmq", zmq },
        { "libmicrohttpd", MHD_get_version () },
        { "libcurl", curl_version_info (CURLVERSION_NOW)->version },
        { "libcyaml", cyaml_version_str },
        { "libyaml", yaml_get_version_string () },
        { "libcjson", cJSON_Version () },
        { "sqlite", sqlite3_libversion () },
        { "libsodium", sodium_version_string () },
        { "libpcre2", pcre },
    };
    cJSON *libraries = cJSON_AddObjectToObject (answer, "libraries");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cJSON_AddStringToObject (libraries, rows[i].name, rows[i].version);
}

//  ---- parts that a build may leave out

static const struct {
    const char *name;
    bool is_in;
} s_features[] = {
#ifdef BR_WITH_TUI
    { "tui", true },
#else
    { "tui", false },
#endif
#ifdef BR_WITH_TLS
    { "tls", true },
#else
    { "tls", false },
#endif
#ifdef BR_WITH_POSTGRES
    { "postgres", true },
#else
    { "postgres", false },
#endif
#ifdef BR_WITH_MYSQL
    { "mysql", true },
#else
    { "mysql", false },
#endif
#ifdef BR_WITH_SWIG
    { "swig", true },
#else
    { "swig", false },
#endif
};

static void
s_add_features (cJSON *answer)
{
    cJSON *features = cJSON_AddObjectToObject (answer, "features");
    for (size_t i = 0; i < sizeof s_features / sizeof *s_features; i++)
        cJSON_AddBoolToObject (features, s_features[i].name, s_features[i].is_in);
}

//  ---- showing

static void
s_print (const cJSON *answer)
{
    printf ("bitrouter %s\nlibraries:", BR_VERSION);
    const cJSON *item;
    const char *comma = "";
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (answer, "libraries"))
    {
        printf ("%s %s %s", comma, item->string, item->valuestring);
        comma = ",";
    }
    fputs ("\nfeatures: ", stdout);
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (answer, "features"))
    {
        printf (" %s%s", cJSON_IsTrue (item) ? "+" : "-", item->string);
    }
    putchar ('\n');
}

//  `bitrouter --version` comes here with the program's own name: one line is enough.
static int
s_run (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("version", 1, argc, argv))
        return CLI_USAGE;
    if (!cli->json && strcmp (argv[0], "version") != 0) {
        puts ("bitrouter " BR_VERSION);
        return CLI_OK;
    }
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "version", BR_VERSION);
    s_add_libraries (answer);
    s_add_features (answer);
    if (cli->json)
        cli_door_print (answer);
    else
        s_print (answer);
    cJSON_Delete (answer);
    return CLI_OK;
}

const cli_command_t cli_version = {
    .name = "version",
    .args = "",
    .about = "print the version, those of the libraries, and the parts that are built in",
    .help = "  `bitrouter --version` prints the version alone.\n",
    .run = s_run,
};
