//  update: the notice that there is a newer version.

#include <cjson/cJSON.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_home.h"
#include "broker/core/version.h"
#include "cli/env_file.h"
#include "cli/update.h"
#include "cli/web.h"

#define URL "https://api.github.com/repos/bitrouter/bitrouter/releases/latest"
#define PAGE "https://github.com/bitrouter/bitrouter/releases/latest"
#define TIMEOUT_MS 5000
#define DAY_S 86400
#define KEPT_MAX 4096 //  bytes of what is kept
#define PAGE_MAX 200  //  bytes of an address that is shown

//  What is kept.
typedef struct {
    char *path;       //  owned
    double checked_s; //  unix
    char *latest;     //  owned; or NULL
    char *page;       //  owned; or NULL
} kept_t;

//  ---- versions

//  Three numbers, or false for what is no release.
static bool
s_parse (const char *text, unsigned long numbers[3])
{
    text += *text == 'v';
    for (int i = 0; i < 3; i++) {
        char *end;
        if (!isdigit ((unsigned char) *text))
            return false;
        numbers[i] = strtoul (text, &end, 10);
        if (*end != (i < 2 ? '.' : 0))
            return false;
        text = end + 1;
    }
    return true;
}

bool
cli_update_is_newer (const char *latest, const char *current)
{
    unsigned long theirs[3], ours[3];
    if (!s_parse (latest, theirs) || !s_parse (current, ours))
        return false;
    int i = 0;
    while (i < 2 && theirs[i] == ours[i])
        i++;
    return theirs[i] > ours[i];
}

//  ---- what is kept

static void
s_clear (kept_t *self)
{
    free (self->page);
    free (self->latest);
    free (self->path);
}

//  An address that may be shown on a terminal.
static bool
s_is_page (const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isgraph ((unsigned char) *at))
            return false;
    return strncmp (text, "https://", 8) == 0 && strlen (text) <= PAGE_MAX;
}

//  Takes the version out of an issuer's answer, or of what was kept.
static void
s_take (kept_t *self, const cJSON *json, const char *latest_key, const char *page_key)
{
    const char *latest = cJSON_GetStringValue (cJSON_GetObjectItem (json, latest_key));
    const char *page = cJSON_GetStringValue (cJSON_GetObjectItem (json, page_key));
    unsigned long numbers[3];
    if (!latest || !s_parse (latest, numbers))
        return;
    free (self->latest);
    free (self->page);
    self->latest = br_strf ("%lu.%lu.%lu", numbers[0], numbers[1], numbers[2]);
    self->page = br_strdup (page && s_is_page (page) ? page : PAGE);
}

//  Nothing is kept, or asked, where there is no run directory yet.
static int
s_read (kept_t *self, const cli_t *cli)
{
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_locate (&home, &cli->flags, environ_v, NULL))
        return -1;
    int rc = br_conf_file_is_dir (home.run_dir) ? 0 : -1;
    *self = (kept_t) { .path = br_strf ("%s/update.json", home.run_dir) };
    br_conf_home_clear (&home);
    size_t size = 0;
    char *text = rc ? NULL : br_conf_file_read (self->path, KEPT_MAX, &size, NULL);
    cJSON *json = text ? cJSON_Parse (text) : NULL;
    const cJSON *checked = cJSON_GetObjectItem (json, "checked_s");
    self->checked_s = cJSON_IsNumber (checked) ? checked->valuedouble : 0;
    s_take (self, json, "latest", "page");
    cJSON_Delete (json);
    free (text);
    if (rc)
        s_clear (self);
    return rc;
}

static int
s_write (const kept_t *self)
{
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddNumberToObject (json, "checked_s", self->checked_s);
    if (self->latest)
        cJSON_AddStringToObject (json, "latest", self->latest);
    if (self->page)
        cJSON_AddStringToObject (json, "page", self->page);
    char *text = cJSON_PrintUnformatted (json);
    cJSON_Delete (json);
    int rc = cli_env_file_replace (self->path, text, NULL);
    free (text);
    return rc;
}

//  ---- conditions

static bool
s_is_off (const cli_t *cli)
{
    const char *no = getenv ("BITROUTER_NO_UPDATE_CHECK");
    unsigned long ours[3];
    return cli->json || (no && *no && strcmp (no, "0") != 0) || !isatty (STDERR_FILENO)
           || !s_parse (BR_VERSION, ours);
}

//  The configuration has the last word; it is read only when it matters.
static bool
s_is_forbidden (const cli_t *cli)
{
    br_conf_t *conf = br_conf_load (&cli->flags, NULL);
    bool is_forbidden = !conf || !br_conf_update_check (conf);
    br_conf_destroy (&conf);
    return is_forbidden;
}

//  ---- the question

static void
s_ask (const cli_t *cli, kept_t *kept)
{
    const char *url = getenv ("BITROUTER_UPDATE_URL");
    cli_web_request_t request = { .url = url && *url ? url : URL };
    request.headers[0] = "Accept: application/vnd.github+json";
    request.timeout_ms = TIMEOUT_MS;
    cli_web_answer_t answer = { .body = NULL };
    if (s_is_forbidden (cli) || cli_web_fetch (&request, &answer, NULL))
        return;
    cJSON *json = answer.status == 200 ? cJSON_Parse (answer.body) : NULL;
    s_take (kept, json, "tag_name", "html_url");
    cJSON_Delete (json);
    cli_web_answer_clear (&answer);
    (void) s_write (kept);
}

//  A process that belongs to nobody and holds nothing of this one's.
static void
s_ask_apart (const cli_t *cli, kept_t *kept)
{
    pid_t child = fork ();
    if (child < 0)
        return;
    if (child > 0) {
        (void) waitpid (child, NULL, 0);
        return;
    }
    int fd = open ("/dev/null", O_RDWR);
    for (int i = 0; fd >= 0 && i < 3; i++)
        (void) dup2 (fd, i);
    (void) setsid ();
    if (fork () == 0) {
        alarm (2 * TIMEOUT_MS / 1000);
        s_ask (cli, kept);
    }
    _exit (0);
}

void
cli_update_begin (const cli_t *cli)
{
    kept_t kept;
    if (s_is_off (cli) || s_read (&kept, cli))
        return;
    double now_s = (double) time (NULL);
    bool is_due = now_s - kept.checked_s >= DAY_S || kept.checked_s > now_s + DAY_S;
    kept.checked_s = now_s;
    //  the day counts from here, whatever comes of the question
    if (is_due && s_write (&kept) == 0)
        s_ask_apart (cli, &kept);
    s_clear (&kept);
}

void
cli_update_end (const cli_t *cli)
{
    kept_t kept;
    if (s_is_off (cli) || s_read (&kept, cli))
        return;
    if (kept.latest && cli_update_is_newer (kept.latest, BR_VERSION)
        && !s_is_forbidden (cli))
        fprintf (
            stderr,
            "\n  A new version of bitrouter is available: v%s (current: v%s)\n  %s\n",
            kept.latest, BR_VERSION, kept.page);
    s_clear (&kept);
}
