//  conf: bitrouter's configuration: where its files are, what they say, and the slice of
//  it that each actor gets. Only the broker loads one.
//
//  One load goes: home (conf_home), environment (conf_env), YAML to a tree (conf_yaml),
//  ${VAR} replaced, tree held against the schema (conf_check), routes of now laid over it
//  (conf_overlay), built-in providers laid
//  under it and parents flattened (conf_merge), keys settled (conf_active), tree to structs
//  (conf_typed), structs to slices (conf_slice_*). Numbers that contradict each other are
//  found by conf_agree, the files of the server's own certificate by conf_tls.

#ifndef BR_CONF_H
#define BR_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

struct _br_conf_overlay_t;

#define BR_CONF_ATTEMPTS_MAX 32 //  upstream.attempts_max may be from 1 to this

typedef struct _br_conf_t br_conf_t;

//  What the command line says; all members may be NULL, all are borrowed during the call.
typedef struct _br_conf_flags_t {
    const char *home_dir;
    const char *config_file;
    const char *env_file;
    const char *run_dir;
    const char *logs_dir;
    const char *db;               //  URL of the database
    const char *listen;           //  one address; wins over the file
    const char *const *environ_v; //  "NAME=value" list; NULL is the process's own
    const struct _br_conf_overlay_t *overlay; //  routes beside the file's, or NULL
    const br_conf_t *as; //  its files as this one has read them, not as they are, or NULL
    const char
        *provider; //  a built-in one that is loaded though nothing names it, or NULL
} br_conf_flags_t;

//  Finds, reads and settles the configuration. No file at all is a valid one.
//  err:  BR_ECONFIG or BR_ESYSTEM, one line that names file, line and column
//  "caller destroys"
br_conf_t *br_conf_load (const br_conf_flags_t *flags, br_error_t *reterr);

//  The same for a text in memory: no file is read or made, and the home is "/".
//  in:   name, what messages call the text; environ_v, as in the flags, NULL for none
br_conf_t *br_conf_parse (const char *name, const void *text, size_t size,
                          const char *const *environ_v, br_error_t *reterr);

void br_conf_destroy (br_conf_t **self_p);

//  Paths, absolute. "owned by self"
const char *br_conf_home (const br_conf_t *self);
const char *br_conf_config_file (const br_conf_t *self); //  also when there is none
const char *br_conf_env_file (const br_conf_t *self);
const char *br_conf_run_dir (const br_conf_t *self);
const char *br_conf_logs_dir (const br_conf_t *self);
const char *br_conf_control_socket (const br_conf_t *self);

//  Where other machines reach the admin door and the events, tcp://ADDRESS:PORT; both NULL
//  when they do not. "owned by self"
const char *br_conf_remote_admin (const br_conf_t *self);
const char *br_conf_remote_events (const br_conf_t *self);

bool br_conf_has_config_file (const br_conf_t *self);
bool br_conf_has_text (const br_conf_t *self); //  the file has more than 0 bytes

//  The database: --db, BITROUTER_DATABASE_URL, database.url, or a file in the home. May
//  hold a password. "owned by self"
const char *br_conf_database (const br_conf_t *self);

//  trace, debug, info, warn or error.
const char *br_conf_log_level (const br_conf_t *self);

//  text or json: BITROUTER_LOG_FORMAT, or server.log_format.
const char *br_conf_log_format (const br_conf_t *self);

//  Addresses to listen on by index, from 0, NULL behind the last; and whether somebody
//  chose them.
const char *br_conf_listen (const br_conf_t *self, size_t index);
bool br_conf_listen_is_given (const br_conf_t *self);

//  What open calls get to finish when all is stopped. ms
uint64_t br_conf_drain_ms (const br_conf_t *self);

//  Whether its files are read again whenever they change.
bool br_conf_is_watched (const br_conf_t *self);

//  What is odd but no error, by index, from 0; NULL behind the last. "owned by self"
const char *br_conf_warning (const br_conf_t *self, size_t index);

//  Providers by index, active or not, from 0; NULL behind the last. "owned by self"
const char *br_conf_provider_names (const br_conf_t *self, size_t index);

//  Whether calls can go to a provider; and what to do when not, NULL when they can.
bool br_conf_provider_active (const br_conf_t *self, const char *name);
const char *br_conf_provider_hint (const br_conf_t *self, const char *name);

//  The name of how a provider is paid or proven: bearer, header, protocol, none, custom,
//  mpp, x402, wallet or oauth; NULL for an unknown provider.
const char *br_conf_provider_auth (const br_conf_t *self, const char *name);

//  How to log in to a provider, as JSON: what its "login" says, without headers, and
//  "file", the path of its token. "caller frees", or NULL with BR_ENOTFOUND (no such
//  provider) or BR_EINVALID (it has no login).
char *br_conf_provider_login (const br_conf_t *self, const char *name,
                              br_error_t *reterr);

//  The prefix of its variables, as in OPENAI_API_KEY, or NULL. "owned by self"
const char *br_conf_provider_prefix (const br_conf_t *self, const char *name);

//  Whether commands may ask for newer versions of the program.
bool br_conf_update_check (const br_conf_t *self);

//  Whether a route can be taken: each endpoint's provider is known, and one is active.
//  err:  BR_EINVALID what is wrong, and what to do
int br_conf_route_check (const br_conf_t *self, const char *name, br_error_t *reterr);

//  The whole effective configuration as YAML, secrets masked. "caller frees"
char *br_conf_show (const br_conf_t *self);

//  What one actor needs, as JSON text: "ingress", "router", "meter", "breaker", "limits",
//  "idempotency", "guard", "auth", "metrics", "echo", and "upstream/NAME" for each provider that needs an upstream. A
//  provider's keys are in its own slice only. NULL for another name. "caller frees"
//
//  Members that are not plain from their names:
//    provider_model_id  of a model: the name that the provider itself knows it by
//    endpoint           NAME#INDEX, a key of "endpoints" in the upstream's slice
//    routes_only        the provider has no key of its own: only endpoints that model
//                       routes name may be called, nothing goes out without one of them
//    auto_discover      the provider is to be asked for its models
//    context_tiers      other rates for calls with more input tokens than the bound
//    limits             rows by glob, the most exact one first; 0 = not limited. Those of
//                       providers are over the providers' own names of models. In the
//                       slice of ingress: whether callers are limited, and which models
//    tls                paths, absolute; not there = plain
//    guard              in the slice of ingress: the sets of rules, who is concerned and how
//                       strictly, in the order that guard has them; "tools" = there are
//                       rules for tools. Not there = nobody is concerned
//    fail_open          each way: whether texts of a set may pass without being looked at; not
//                       where it says of another set's rule that it fails closed
//    prices, routes     nano-USD per million tokens, of providers' models and of routes
char *br_conf_slice (const br_conf_t *self, const char *actor_name);

//  The names of the upstream slices by index, from 0; NULL behind the last.
//  "owned by self"
const char *br_conf_slice_names (const br_conf_t *self, size_t index);

#endif
