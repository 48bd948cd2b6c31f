//  login_callback: the address that a browser is sent back to.

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/identity/login_token.h"
#include "cli/login_callback.h"

#define HEAD_MAX 16384 //  bytes of a request
#define READ_MS 3000   //  that one connection may take
#define BACKLOG 8
#define WORD_MAX 120 //  bytes of an issuer's error word

struct _login_callback_t {
    int listener;
    char *path; //  owned
    char *url;  //  owned
};

login_callback_t *
login_callback_new (const char *host, unsigned port, const char *path, br_error_t *reterr)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int on = 1;
    address.sin_port = htons ((uint16_t) port);
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || bind (fd, (const struct sockaddr *) &address, size) || listen (fd, BACKLOG)
        || getsockname (fd, (struct sockaddr *) &address, &size)) {
        br_error_set (reterr, BR_ESYSTEM,
                      "cannot listen on 127.0.0.1:%u for the login: %s%s", port,
                      strerror (errno),
                      errno == EADDRINUSE ? "; end what listens there, perhaps another "
                                            "login, and try again"
                                          : "");
        if (fd >= 0)
            close (fd);
        return NULL;
    }
    login_callback_t *self = BR_NEW (login_callback_t);
    self->listener = fd;
    self->path = br_strdup (path);
    self->url = br_strf ("http://%s:%u%s", host, ntohs (address.sin_port), path);
    return self;
}

void
login_callback_destroy (login_callback_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    close ((*self_p)->listener);
    free ((*self_p)->path);
    free ((*self_p)->url);
    free (*self_p);
    *self_p = NULL;
}

const char *
login_callback_url (const login_callback_t *self)
{
    return self->url;
}

//  ---- a request

static int64_t
s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

//  Waits for a descriptor until a time. 1, 0 when it is over, -1 on a signal.
static int
s_wait (int fd, int64_t until_ms)
{
    int64_t left = until_ms - s_now_ms ();
    struct pollfd poll_fd = { fd, POLLIN, 0 };
    return left <= 0 ? 0 : poll (&poll_fd, 1, (int) left);
}

//  The head of a request, or what came of it. "caller frees"
static char *
s_read (int fd)
{
    char *head = br_alloc (HEAD_MAX + 1, 1);
    size_t size = 0;
    int64_t until_ms = s_now_ms () + READ_MS;
    while (size < HEAD_MAX && !strstr (head, "\r\n\r\n") && s_wait (fd, until_ms) > 0) {
        ssize_t rc = recv (fd, head + size, HEAD_MAX - size, 0);
        if (rc <= 0)
            break;
        size += (size_t) rc;
        head[size] = 0;
    }
    return head;
}

//  The query of "GET PATH?QUERY ", ended where it ends; NULL when another path is asked.
static char *
s_query (const login_callback_t *self, char *head)
{
    size_t size = strlen (self->path);
    if (strncmp (head, "GET ", 4) != 0 || strncmp (head + 4, self->path, size) != 0)
        return NULL;
    char *query = head + 4 + size;
    if (*query != '?')
        return NULL;
    query[strcspn (query, " #\r\n")] = 0;
    return query + 1;
}

static int
s_hex (char c)
{
    static const char s_digits[] = "0123456789abcdef";
    const char *at = c ? strchr (s_digits, tolower ((unsigned char) c)) : NULL;
    return at ? (int) (at - s_digits) : -1;
}

//  The value of a field of a query, decoded. "caller frees", or NULL.
static char *
s_field (const char *query, const char *name)
{
    size_t size = strlen (name);
    while (strncmp (query, name, size) != 0 || query[size] != '=') {
        query += strcspn (query, "&");
        if (!*query++)
            return NULL;
    }
    query += size + 1;
    char *value = br_strndup (query, strcspn (query, "&"));
    char *out = value;
    for (const char *at = value; *at; at++) {
        int high = *at == '%' ? s_hex (at[1]) : -1;
        int low = high >= 0 ? s_hex (at[2]) : -1;
        *out++ = low >= 0 ? (char) (high * 16 + low) : *at == '+' ? ' ' : *at;
        at += low >= 0 ? 2 : 0;
    }
    *out = 0;
    return value;
}

static bool
s_is_same (const char *a, const char *b)
{
    size_t size = strlen (b);
    return a && strlen (a) == size && sodium_memcmp (a, b, size) == 0;
}

static void
s_answer (int fd, const char *status, const char *words)
{
    char *text = br_strf ("HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
                          "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
                          "<!doctype html><title>bitrouter</title><p>%s</p>\n",
                          status, words);
    (void) !send (fd, text, strlen (text), MSG_NOSIGNAL);
    free (text);
}

//  ---- what it is about

typedef enum {
    VISIT_OTHER, //  wait on
    VISIT_CODE,
    VISIT_REFUSED
} visit_t;

static visit_t
s_judge (const char *query, const char *state, char **ret_code, br_error_t *reterr)
{
    char *theirs = s_field (query, "state");
    char *code = s_field (query, "code");
    char *error = s_field (query, "error");
    visit_t visit = VISIT_OTHER;
    if (s_is_same (theirs, state) && error) {
        for (char *at = error; *at; at++)
            *at = isgraph ((unsigned char) *at) ? *at : '?';
        br_error_set (reterr, BR_EAUTH, "%.*s", WORD_MAX, error);
        visit = VISIT_REFUSED;
    } else if (s_is_same (theirs, state) && code && *code) {
        *ret_code = code;
        code = NULL;
        visit = VISIT_CODE;
    }
    free (error);
    br_login_forget (&code);
    free (theirs);
    return visit;
}

static visit_t
s_visit (const login_callback_t *self, int fd, const char *state, char **ret_code,
         br_error_t *reterr)
{
    static const char *const s_words[] = {
        [VISIT_OTHER] = "This is not the login that was begun.",
        [VISIT_CODE] = "You are logged in. This window can be closed.",
        [VISIT_REFUSED] = "The login was refused. This window can be closed.",
    };
    char *head = s_read (fd);
    char *query = s_query (self, head);
    visit_t visit = query ? s_judge (query, state, ret_code, reterr) : VISIT_OTHER;
    const char *status = !query                ? "404 Not Found"
                         : visit == VISIT_CODE ? "200 OK"
                                               : "400 Bad Request";
    s_answer (fd, status, s_words[visit]);
    sodium_memzero (head, HEAD_MAX);
    free (head);
    return visit;
}

char *
login_callback_wait (login_callback_t *self, const char *state, int timeout_ms,
                     br_error_t *reterr)
{
    int64_t until_ms = s_now_ms () + timeout_ms;
    for (;;) {
        int rc = s_wait (self->listener, until_ms);
        if (rc <= 0) {
            br_error_set (reterr, rc < 0 ? BR_ECANCELLED : BR_ETIMEOUT,
                          rc < 0 ? "the login was broken off"
                                 : "nobody came back from the browser in time");
            return NULL;
        }
        int fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        char *code = NULL;
        visit_t visit = s_visit (self, fd, state, &code, reterr);
        close (fd);
        if (visit != VISIT_OTHER)
            return code;
    }
}
