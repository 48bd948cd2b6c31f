//  page: a web server of one thread for tests, which gives each request the next of its
//  answers and keeps what was asked.

#ifndef TESTS_CLI_PAGE_H
#define TESTS_CLI_PAGE_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAGE_REQUESTS 8

typedef struct {
    int listener;
    int port;
    pthread_t thread;
    const char *const *answers; //  whole, of HTTP; NULL ends
    char requests[PAGE_REQUESTS][4096];
    atomic_int count; //  of requests that were answered
} page_t;

//  Until the head is there, and a body of Content-Length.
static inline void
page_read (int fd, char *text, size_t room)
{
    size_t size = 0;
    for (;;) {
        ssize_t rc = recv (fd, text + size, room - 1 - size, 0);
        if (rc <= 0)
            return;
        size += (size_t) rc;
        text[size] = 0;
        const char *end = strstr (text, "\r\n\r\n");
        const char *length = strcasestr (text, "content-length:");
        size_t body = length ? strtoul (length + 15, NULL, 10) : 0;
        if (end && strlen (end + 4) >= body)
            return;
    }
}

static inline void *
page_run (void *arg)
{
    page_t *self = arg;
    for (int i = 0; i < PAGE_REQUESTS && self->answers[i]; i++) {
        int fd = accept (self->listener, NULL, NULL);
        if (fd < 0)
            break;
        page_read (fd, self->requests[i], sizeof self->requests[0]);
        self->count = i + 1;
        const char *answer = self->answers[i];
        if (send (fd, answer, strlen (answer), MSG_NOSIGNAL) < 0)
            perror ("send");
        close (fd);
    }
    return NULL;
}

static inline page_t *
page_new (const char *const *answers)
{
    page_t *self = calloc (1, sizeof *self);
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    self->answers = answers;
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (self->listener, (struct sockaddr *) &address, size), 0);
    assert_int_equal (listen (self->listener, 8), 0);
    assert_int_equal (getsockname (self->listener, (struct sockaddr *) &address, &size),
                      0);
    self->port = ntohs (address.sin_port);
    assert_int_equal (pthread_create (&self->thread, NULL, page_run, self), 0);
    return self;
}

//  A request that was answered, head and body.
static inline const char *
page_asked (const page_t *self, int index)
{
    assert_true (index < self->count);
    return self->requests[index];
}

static inline void
page_destroy (page_t **self_p)
{
    page_t *self = *self_p;
    shutdown (self->listener, SHUT_RDWR);
    pthread_join (self->thread, NULL);
    close (self->listener);
    free (self);
    *self_p = NULL;
}

#endif
