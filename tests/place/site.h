//  site: a bitrouter of its own with a mock provider, in a folder of its own, for tests
//  that look at whole processes. Programs are found below BR_BUILD_DIR (and BITROUTER).

#ifndef SITE_H
#define SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

typedef struct _site_t site_t;

//  One host as the admin door tells it.
typedef struct _site_host_t {
    pid_t pid;
    unsigned life;
    bool up;
} site_host_t;

//  What the first process, with the broker in it, holds now.
typedef struct _site_load_t {
    unsigned fds;    //  open descriptors, count
    unsigned rss_kb; //  resident memory
} site_load_t;

//  Milliseconds and nanoseconds of CLOCK_MONOTONIC.
uint64_t site_now_ms (void);
uint64_t site_now_ns (void);
void site_pause_us (uint64_t us);

//  Starts a program that ends with us; its output goes to a file. NULL ends argv. The
//  environment is PATH, HOME and what sanitizers want, so that no provider's key gets in.
//  The process id, or -1.
pid_t site_spawn (const char *const *argv, const char *home, const char *output);

//  A folder below /tmp. "caller frees"; the second one deletes it.
char *site_folder_new (void);
void site_folder_destroy (char **folder_p);

//  A port of 127.0.0.1 that nobody listens on now.
unsigned site_free_port (void);

//  Starts the mock provider; its log is FOLDER/mock.log. Its port, or 0.
unsigned site_mock_start (const char *folder, pid_t *ret_pid);

//  Writes FOLDER/bitrouter.yaml from conf, in which @MOCK@ stands for the mock's port and
//  the section server is the site's own; starts bitrouter with the topology file, and
//  waits until it is ready. NULL when that fails, with the reason on stderr. Keys of hosts
//  over tcp are made first. "caller destroys"; that kills, if stop was not called.
site_t *site_new (const char *folder, const char *topology, const char *conf,
                  unsigned mock_port);
void site_destroy (site_t **self_p);

//  Puts another configuration in the place of the one that there is; nobody reads it yet.
int site_configure (const site_t *self, const char *conf, unsigned mock_port);

unsigned site_port (const site_t *self);
const char *site_run_dir (const site_t *self);

//  Ends it in an orderly way. 0 when its exit status was 0 within ten seconds.
int site_stop (site_t *self);

//  Whether its first process still runs.
bool site_is_alive (const site_t *self);

site_load_t site_load (const site_t *self);

//  The result of an admin command, or NULL. "caller deletes"
cJSON *site_ask (const site_t *self, const char *command);

//  What is known of a host; pid 0 when nothing is.
site_host_t site_host (const site_t *self, const char *name);

//  Waits until a host is up in another life than that one. 0, or -1 after timeout_ms.
int site_await_host (const site_t *self, const char *name, unsigned old_life,
                     unsigned timeout_ms);

#endif
