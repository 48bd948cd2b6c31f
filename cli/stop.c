//  stop: ends a running bitrouter.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/door_client.h"

#define MORE_MS 30000 //  what it may take beyond the time of open calls
#define TICK_MS 20

//  serve holds a lock on its pid file as long as it lives.
static int
s_wait (const char *run_dir, int wait_ms, br_error_t *reterr)
{
    char *path = br_strf ("%s/bitrouter.pid", run_dir);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : 0;
    if (rc)
        br_error_set (reterr, BR_ESYSTEM, "cannot read %s: %s", path, strerror (errno));
    free (path);
    const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
    for (int ms = 0; rc == 0 && flock (fd, LOCK_SH | LOCK_NB); ms += TICK_MS) {
        if (ms >= wait_ms)
            rc = br_error_set (reterr, BR_ETIMEOUT,
                               "bitrouter was told to stop, and has not ended after %d s",
                               wait_ms / 1000);
        else
            nanosleep (&tick, NULL);
    }
    if (fd >= 0)
        close (fd);
    return rc;
}

//  How long the end may take, by the answer of the one that was told.
static int
s_wait_ms (const cJSON *answer)
{
    const cJSON *drain = cJSON_GetObjectItemCaseSensitive (answer, "drain_ms");
    return (cJSON_IsNumber (drain) ? drain->valueint : 0) + MORE_MS;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    bool no_wait = cli_take_switch (&argc, argv, "--no-wait");
    if (cli_take_no_more ("stop", 1, argc, argv))
        return CLI_USAGE;
    cJSON *result;
    if (cli_door_command (cli, "stop", NULL, CLI_DOOR_MS, &result))
        return CLI_FAILED;
    int wait_ms = s_wait_ms (result);
    cJSON_Delete (result);
    br_error_t error;
    char *run_dir = no_wait ? NULL : cli_door_run_dir (cli, &error);
    int rc = no_wait ? 0 : run_dir ? s_wait (run_dir, wait_ms, &error) : -1;
    free (run_dir);
    if (rc)
        return cli_fail ("%s", error.text);
    if (cli->json)
        puts (no_wait ? "{\"stopping\":true}" : "{\"stopped\":true}");
    else
        puts (no_wait ? "bitrouter is stopping" : "bitrouter has stopped");
    return CLI_OK;
}

const cli_command_t cli_stop = {
    .name = "stop",
    .args = "[--no-wait]",
    .about = "finish open calls and end",
    .help = "  --no-wait  do not wait for the end\n",
    .run = s_run,
};
