//  site: processes of one test, and questions to their admin door.

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "cli/door_client.h"
#include "tests/place/site.h"

#define READY_MS 30000
#define STOP_MS 30000
#define ASK_MS 5000
#define RELOAD_MS 60000 //  for broken code alone
#define LOOK_US 2000
#define PORT_FIRST 20000
#define PORTS 12000
#define CONF_MAX (1u << 20)

struct _site_t {
    char *folder;
    char *run_dir;
    unsigned port;
    pid_t pid; //  0 = stopped
};

uint64_t
site_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

uint64_t
site_now_ms (void)
{
    return site_now_ns () / 1000000;
}

void
site_pause_us (uint64_t us)
{
    struct timespec rest = { .tv_sec = (time_t) (us / 1000000) };
    rest.tv_nsec = (long) (us % 1000000) * 1000;
    while (nanosleep (&rest, &rest) && errno == EINTR)
        ;
}

//  ---- processes and folders

static void
s_exec (const char *const *argv, const char *home, const char *output)
{
    static const char *const kept[] = { "PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                        "TSAN_OPTIONS", "LSAN_OPTIONS" };
    char *environ_v[8];
    size_t count = 0;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    int fd = open (output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int null = open ("/dev/null", O_RDONLY);
    if (fd < 0 || null < 0)
        _exit (126);
    dup2 (null, 0);
    dup2 (fd, 1);
    dup2 (fd, 2);
    environ_v[count++] = br_strf ("HOME=%s", home);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (getenv (kept[i]))
            environ_v[count++] = br_strf ("%s=%s", kept[i], getenv (kept[i]));
    environ_v[count] = NULL;
    execve (argv[0], (char *const *) (uintptr_t) argv, environ_v);
    fprintf (stderr, "cannot run %s: %s\n", argv[0], strerror (errno));
    _exit (127);
}

pid_t
site_spawn (const char *const *argv, const char *home, const char *output)
{
    pid_t pid = fork ();
    if (pid == 0)
        s_exec (argv, home, output);
    return pid;
}

char *
site_folder_new (void)
{
    char *folder = br_strdup ("/tmp/br-site.XXXXXX");
    if (!mkdtemp (folder)) {
        perror (folder);
        exit (99);
    }
    return folder;
}

void
site_folder_destroy (char **folder_p)
{
    if (!*folder_p)
        return;
    const char *argv[] = { "/bin/rm", "-rf", *folder_p, NULL };
    pid_t pid = getenv ("BR_KEEP") ? -1 : site_spawn (argv, "/", "/dev/null");
    if (pid > 0)
        waitpid (pid, NULL, 0);
    free (*folder_p);
    *folder_p = NULL;
}

//  Below the ports that the kernel gives to outgoing connections, which could take it
//  before a program does.
unsigned
site_free_port (void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    unsigned start = (unsigned) (site_now_ns () / 1000 + (uint64_t) getpid () * 131);
    for (unsigned i = 0; i < PORTS; i++) {
        unsigned port = PORT_FIRST + (start + i) % PORTS;
        address.sin_port = htons ((uint16_t) port);
        int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int rc = bind (fd, (struct sockaddr *) &address, sizeof address);
        close (fd);
        if (rc == 0)
            return port;
    }
    return 0;
}

static char *
s_program (const char *variable, const char *name)
{
    const char *given = variable ? getenv (variable) : NULL;
    const char *build = getenv ("BR_BUILD_DIR");
    return given ? br_strdup (given) : br_strf ("%s/%s", build ? build : ".", name);
}

//  ---- the mock provider

unsigned
site_mock_start (const char *folder, pid_t *ret_pid)
{
    char *program = s_program (NULL, "bench/mock");
    char *log = br_strf ("%s/mock.log", folder);
    char *output = br_strf ("%s/mock.out", folder);
    const char *argv[] = { program, "--port", "0", "--log", log, "--record", "1", NULL };
    unsigned port = 0;
    uint64_t until_ms = site_now_ms () + READY_MS;
    *ret_pid = site_spawn (argv, folder, output);
    while (*ret_pid > 0 && port == 0 && site_now_ms () < until_ms) {
        FILE *file = fopen (output, "re");
        if (file && fscanf (file, "listening on 127.0.0.1:%u", &port) != 1)
            port = 0;
        if (file)
            fclose (file);
        site_pause_us (LOOK_US);
    }
    if (port == 0)
        fprintf (stderr, "the mock provider %s does not start\n", program);
    free (output);
    free (log);
    free (program);
    return port;
}

//  ---- the site

int
site_configure (const site_t *self, const char *conf, unsigned mock_port)
{
    br_buf_t text;
    br_buf_init (&text, CONF_MAX);
    br_buf_addf (&text,
                 "inherit_defaults: false\n"
                 "server: { listen: \"127.0.0.1:%u\", body_max: 67108864 }\n",
                 self->port);
    for (const char *at = conf; *at;) {
        const char *mark = strstr (at, "@MOCK@");
        size_t size = mark ? (size_t) (mark - at) : strlen (at);
        br_buf_add (&text, at, size);
        at += size;
        if (mark) {
            br_buf_addf (&text, "%u", mock_port);
            at += strlen ("@MOCK@");
        }
    }
    char *path = br_strf ("%s/bitrouter.yaml", self->folder);
    char *next = br_strf ("%s.next", path);
    FILE *file = fopen (next, "we");
    int rc = file && fwrite (text.data, 1, text.size, file) == text.size ? 0 : -1;
    if (file && (fclose (file) || rename (next, path)))
        rc = -1;
    free (next);
    free (path);
    br_buf_free (&text);
    return rc;
}

static int
s_await_end (pid_t pid, unsigned timeout_ms, int *ret_status)
{
    uint64_t until_ms = site_now_ms () + timeout_ms;
    while (waitpid (pid, ret_status, WNOHANG) == 0) {
        if (site_now_ms () > until_ms)
            return -1;
        site_pause_us (LOOK_US);
    }
    return 0;
}

static int
s_keygen (const site_t *self, const char *program, const char *topology)
{
    char *output = br_strf ("%s/keygen.out", self->folder);
    const char *argv[] = { program,  "--home-dir", self->folder, "topology",
                           "keygen", "--topology", topology,     NULL };
    int status = -1;
    pid_t pid = site_spawn (argv, self->folder, output);
    if (pid > 0 && s_await_end (pid, STOP_MS, &status))
        kill (pid, SIGKILL);
    free (output);
    return status == 0 ? 0 : -1;
}

static int
s_await_ready (const site_t *self)
{
    uint64_t until_ms = site_now_ms () + READY_MS;
    bool ready = false;
    while (!ready && site_is_alive (self) && site_now_ms () < until_ms) {
        site_pause_us (5 * LOOK_US);
        cJSON *status = site_ask (self, "status");
        ready = cJSON_IsTrue (cJSON_GetObjectItem (status, "ready"));
        cJSON_Delete (status);
    }
    return ready ? 0 : -1;
}

static bool
s_is_tcp (const char *topology)
{
    char text[65536];
    FILE *file = fopen (topology, "re");
    size_t size = file ? fread (text, 1, sizeof text - 1, file) : 0;
    text[size] = 0;
    if (file)
        fclose (file);
    return strncmp (text, "bus: tcp", 8) == 0 || strstr (text, "\nbus: tcp");
}

static void
s_show (const char *path)
{
    char line[1024];
    FILE *file = fopen (path, "re");
    while (file && fgets (line, sizeof line, file))
        fputs (line, stderr);
    if (file)
        fclose (file);
}

site_t *
site_new (const char *folder, const char *topology, const char *conf, unsigned mock_port)
{
    site_t *self = BR_NEW (site_t);
    self->folder = br_strdup (folder);
    self->run_dir = br_strf ("%s/run", folder);
    self->port = site_free_port ();
    char *program = s_program ("BITROUTER", "bitrouter");
    char *output = br_strf ("%s/serve.out", folder);
    const char *argv[] = { program,      "--home-dir", folder, "serve",
                           "--topology", topology,     NULL };
    int rc = site_configure (self, conf, mock_port);
    if (rc == 0 && s_is_tcp (topology))
        rc = s_keygen (self, program, topology);
    if (rc == 0) {
        self->pid = site_spawn (argv, folder, output);
        rc = self->pid > 0 ? s_await_ready (self) : -1;
    }
    if (rc) {
        fprintf (stderr, "%s does not get ready with %s\n", program, topology);
        s_show (output);
        site_destroy (&self);
    }
    free (output);
    free (program);
    return self;
}

void
site_destroy (site_t **self_p)
{
    site_t *self = *self_p;
    if (!self)
        return;
    if (self->pid > 0) {
        kill (self->pid, SIGKILL); //  hosts end with their parent
        waitpid (self->pid, NULL, 0);
    }
    free (self->run_dir);
    free (self->folder);
    free (self);
    *self_p = NULL;
}

unsigned
site_port (const site_t *self)
{
    return self->port;
}

const char *
site_run_dir (const site_t *self)
{
    return self->run_dir;
}

int
site_stop (site_t *self)
{
    int status = -1;
    kill (self->pid, SIGTERM);
    if (s_await_end (self->pid, STOP_MS, &status))
        return -1;
    self->pid = 0;
    return WIFEXITED (status) && WEXITSTATUS (status) == 0 ? 0 : -1;
}

bool
site_is_alive (const site_t *self)
{
    siginfo_t info = { .si_pid = 0 };
    int rc = waitid (P_PID, (id_t) self->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return rc == 0 && info.si_pid == 0;
}

site_load_t
site_load (const site_t *self)
{
    site_load_t load = { .fds = 0 };
    char line[256];
    char *path = br_strf ("/proc/%d/fd", (int) self->pid);
    DIR *folder = opendir (path);
    while (folder && readdir (folder))
        load.fds++;
    if (folder)
        closedir (folder);
    free (path);
    path = br_strf ("/proc/%d/status", (int) self->pid);
    FILE *file = fopen (path, "re");
    while (file && fgets (line, sizeof line, file))
        sscanf (line, "VmRSS: %u kB", &load.rss_kb);
    if (file)
        fclose (file);
    free (path);
    return load;
}

//  ---- questions

cJSON *
site_ask (const site_t *self, const char *command)
{
    bool is_reload = strcmp (command, "reload") == 0;
    cli_question_t question = { self->run_dir, command, NULL,
                                is_reload ? RELOAD_MS : ASK_MS };
    cli_answer_t answer = { .result = NULL };
    br_error_t error;
    if (cli_door_ask (&question, &answer, &error)) {
        if (is_reload)
            printf ("reload: %s\n", error.text);
        return NULL;
    }
    return answer.result;
}

site_host_t
site_host (const site_t *self, const char *name)
{
    site_host_t found = { .pid = 0 };
    cJSON *hosts = site_ask (self, "hosts");
    const cJSON *host;
    cJSON_ArrayForEach (host, hosts)
    {
        const char *named = cJSON_GetStringValue (cJSON_GetObjectItem (host, "name"));
        if (!named || strcmp (named, name) != 0)
            continue;
        const cJSON *state = cJSON_GetObjectItem (host, "state");
        found.pid = cJSON_GetObjectItem (host, "pid")->valueint;
        found.life = (unsigned) cJSON_GetObjectItem (host, "life")->valueint;
        found.up = cJSON_IsString (state) && strcmp (state->valuestring, "up") == 0;
    }
    cJSON_Delete (hosts);
    return found;
}

int
site_await_host (const site_t *self, const char *name, unsigned old_life,
                 unsigned timeout_ms)
{
    uint64_t until_ms = site_now_ms () + timeout_ms;
    while (site_now_ms () < until_ms) {
        site_host_t host = site_host (self, name);
        if (host.up && host.life != old_life)
            return 0;
        site_pause_us (LOOK_US);
    }
    return -1;
}
