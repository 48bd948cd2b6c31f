//  admin: any command of the admin door, as it is.

#include <stdio.h>

#include "cli/door_client.h"

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    char words[64];
    snprintf (words, sizeof words, "admin %s", argv[0]);
    if (cli_take_no_more (words, 2, argc, argv))
        return CLI_USAGE;
    cJSON *args = argc > 1 ? cJSON_Parse (argv[1]) : NULL;
    if (argc > 1 && !cJSON_IsObject (args)) {
        cJSON_Delete (args);
        return cli_usage (words,
                          "the arguments must be a JSON object, like '{\"on\": true}'");
    }
    cJSON *result;
    int rc = cli_door_command (cli, argv[0], args, CLI_DOOR_LONG_MS, &result);
    cJSON_Delete (args);
    if (rc)
        return rc;
    cli_door_print (result);
    cJSON_Delete (result);
    return CLI_OK;
}

//  One row for each row of the door.
static const cli_command_t *const s_commands[] = {
#define BR_ADMIN(word, role, merge, effect, text)                                        \
    &(const cli_command_t) { .name = #word,                                              \
                             .args = "[JSON]",                                           \
                             .about = text,                                              \
                             .run = s_run,                                               \
                             .takes_broker = true },
#include "broker/core/br_admin.def"
#undef BR_ADMIN
    NULL
};

const cli_command_t cli_admin = {
    .name = "admin",
    .args = "COMMAND [JSON]",
    .about = "ask a running bitrouter directly; answers are JSON",
    .help = "Sends one question to RUN_DIR/admin.sock, or to --broker, and prints the\n"
            "result. JSON is an object with the arguments of the command.\n",
    .commands = s_commands,
};
