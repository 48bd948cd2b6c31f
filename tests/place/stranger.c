//  stranger: a host over tcp whose keys are of another keygen must never join, and must
//  not harm those that run.
//
//      stranger TOPOLOGY

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "broker/core/alloc.h"
#include "tests/place/client.h"
#include "tests/place/site.h"

#define STRANGER_MS 3000
#define SILENCE_MS 10000
#define PATH_BYTES 512

static const char s_conf[] =
    "providers:\n"
    "  one: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" }\n"
    "  two: { api_protocol: openai, api_base: \"http://127.0.0.1:@MOCK@/v1\" }\n";

static unsigned
s_call (const site_t *site)
{
    static const char body[] = "{\"model\":\"one:mock\",\"messages\":[]}";
    client_request_t request = { "POST", "/v1/chat/completions", NULL, NULL,
                                 body,   sizeof body - 1 };
    client_t *client = client_new (site_port (site));
    if (!client)
        return 0;
    unsigned status = 0;
    if (client_send (client, &request) == 0
        && client_finish (client, SILENCE_MS) == CLIENT_CLEAN)
        status = client_status (client);
    client_destroy (&client);
    return status;
}

//  Where the broker is, from the command line of a host that it started.
static int
s_broker (const site_t *site, char ret_endpoint[PATH_BYTES])
{
    char path[64], line[4096];
    snprintf (path, sizeof path, "/proc/%d/cmdline", (int) site_host (site, "one").pid);
    FILE *file = fopen (path, "re");
    size_t size = file ? fread (line, 1, sizeof line - 1, file) : 0;
    line[size] = 0;
    if (file)
        fclose (file);
    const char *at = memmem (line, size, "--broker", 9);
    snprintf (ret_endpoint, PATH_BYTES, "%s", at ? at + 9 : "");
    return strncmp (ret_endpoint, "tcp://", 6) == 0 ? 0 : -1;
}

//  Keys of another keygen; the broker's public key is the real one, or nobody would even
//  be asked.
static int
s_keys (const char *program, const char *home, const char *real_home,
        const char *topology)
{
    char from[PATH_BYTES], to[PATH_BYTES], output[PATH_BYTES];
    snprintf (from, sizeof from, "%s/curve/broker.pub", real_home);
    snprintf (to, sizeof to, "%s/curve/broker.pub", home);
    snprintf (output, sizeof output, "%s/keygen.out", home);
    const char *keygen[] = { program,  "--home-dir", home,     "topology",
                             "keygen", "--topology", topology, NULL };
    const char *copy[] = { "/bin/cp", from, to, NULL };
    int status = -1;
    pid_t pid = site_spawn (keygen, home, output);
    if (pid < 0 || waitpid (pid, &status, 0) != pid || status)
        return -1;
    pid = site_spawn (copy, home, output);
    if (pid < 0 || waitpid (pid, &status, 0) != pid || status)
        return -1;
    return 0;
}

//  0 when the stranger never joined, and everybody else went on as before.
static int
s_watch (const site_t *site, site_host_t before)
{
    uint64_t until_ms = site_now_ms () + STRANGER_MS;
    while (site_now_ms () < until_ms) {
        site_host_t now = site_host (site, "one");
        if (!now.up || now.life != before.life || now.pid != before.pid) {
            printf ("FAIL: the stranger took the place of the host\n");
            return -1;
        }
        if (s_call (site) != 200) {
            printf ("FAIL: calls are no longer answered\n");
            return -1;
        }
    }
    return 0;
}

static int
s_run (const char *folder, const char *home, const char *topology, pid_t *ret_mock)
{
    const char *given = getenv ("BITROUTER"), *build = getenv ("BR_BUILD_DIR");
    char *program = given ? br_strdup (given)
                          : br_strf ("%s/bitrouter", build ? build : ".");
    char *output = br_strf ("%s/actor.out", home);
    unsigned port = site_mock_start (folder, ret_mock);
    site_t *site = port ? site_new (folder, topology, s_conf, port) : NULL;
    char endpoint[PATH_BYTES];
    int rc = site && s_broker (site, endpoint) == 0 ? 0 : -1;
    if (rc == 0)
        rc = s_keys (program, home, folder, topology);
    site_host_t before = { .pid = 0 };
    pid_t stranger = -1;
    if (rc == 0) {
        before = site_host (site, "one");
        const char *argv[] = { program,  "actor",      "one", "--broker",
                               endpoint, "--home-dir", home,  NULL };
        stranger = site_spawn (argv, home, output);
        rc = s_watch (site, before);
    } else
        printf ("FAIL: the site or its keys cannot be made\n");
    if (stranger > 0) {
        kill (stranger, SIGKILL);
        waitpid (stranger, NULL, 0);
    }
    if (site && site_stop (site)) {
        printf ("FAIL: it does not stop in an orderly way\n");
        rc = -1;
    }
    site_destroy (&site);
    free (output);
    free (program);
    return rc;
}

int
main (int argc, char **argv)
{
    if (argc != 2) {
        fprintf (stderr, "usage: stranger TOPOLOGY\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    char *folder = site_folder_new ();
    char *home = site_folder_new ();
    pid_t mock = 0;
    int rc = s_run (folder, home, argv[1], &mock);
    if (mock > 0) {
        kill (mock, SIGTERM);
        waitpid (mock, NULL, 0);
    }
    site_folder_destroy (&home);
    site_folder_destroy (&folder);
    return rc ? 1 : 0;
}
