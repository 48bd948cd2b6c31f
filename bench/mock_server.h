//  mock_server: what all threads and connections of the mock provider share: its options,
//  the log, and how often a script was used.

#ifndef MOCK_SERVER_H
#define MOCK_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "bench/mock_reply.h"
#include "bench/mock_request.h"
#include "bench/mock_script.h"

#define MOCK_TALLIES_MAX 1024 //  different scripts with times=N

typedef struct _mock_tally_t {
    uint64_t key; //  hash of the script's text; 0 = free
    int uses;
} mock_tally_t;

typedef struct _mock_server_t {
    int port; //  0 = any
    int threads;
    const char *log_path; //  "-" = stdout; NULL = none
    mock_shelf_t shelf;   //  recall is owned
    int record;           //  requests that are kept for /mock/last; 0 = none
    const char *certificate;
    const char *key;
    mock_script_t script; //  the defaults
    SSL_CTX *tls;         //  owned; NULL = plain
    int log_fd;           //  -1 = no log
    atomic_bool stopped;
    pthread_mutex_t lock; //  guards tallies
    mock_tally_t tallies[MOCK_TALLIES_MAX];
} mock_server_t;

//  How a request ended, and what the log tells about it.
typedef struct _mock_ending_t {
    const char *how; //  "complete", "client_closed", "cut", "reset"
    int status;      //  0 = nothing was answered
    int chunks;      //  pieces sent
    uint64_t bytes_sent;
    uint64_t started_ns; //  when the request was complete, monotonic
    uint64_t ended_ns;   //  when the last byte was sent or the close was seen
} mock_ending_t;

//  Opens log and TLS. Returns 0, or -1 with a text on stderr.
int mock_server_open (mock_server_t *self);
void mock_server_close (mock_server_t *self);

//  The script of one request: defaults, model, header, and times=N, which counts by the
//  texts that asked for it. Returns 0, or -1 with the culprit in ret_bad.
int mock_server_script (mock_server_t *self, const mock_request_t *request,
                        mock_script_t *ret_script, char *ret_bad, size_t bad_size);

//  Writes the line of one request, in one write. Without a log it does nothing.
void mock_server_log (const mock_server_t *self, const mock_request_t *request,
                      const mock_ending_t *ending);

#endif
