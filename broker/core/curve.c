//  curve: keys of the hosts of a topology and of clients, and who may come in.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/curve.h"

#define PATH_BYTES 4096
#define KNOWN_MAX 512 //  public keys in a directory
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_END "inproc://bitrouter.zap.end"
#define ZAP_FRAMES_MAX 10

static int
s_write_key (const char *path, const char *key, mode_t mode, br_error_t *reterr)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    ssize_t written = fd < 0 ? -1 : write (fd, key, strlen (key));
    int rc = written == (ssize_t) strlen (key) ? 0 : -1;
    if (rc)
        br_error_set (reterr, BR_ESYSTEM, "cannot write %s: %s", path, strerror (errno));
    if (fd >= 0)
        close (fd);
    return rc;
}

//  Reads one Z85 key of 40 characters.
static int
s_read_key (const char *path, char ret_key[41], br_error_t *reterr)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    char room[64];
    ssize_t size = fd < 0 ? -1 : read (fd, room, sizeof room);
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (size < 40)
        return br_error_set (
            reterr, BR_ECONFIG,
            "cannot read the key %s: %s; make it with `bitrouter topology "
            "keygen` and take it to this machine",
            path, size < 0 ? strerror (error) : "it is too short");
    memcpy (ret_key, room, 40);
    ret_key[40] = 0;
    return 0;
}

int
br_curve_generate (const char *dir, const char *const *names, br_error_t *reterr)
{
    if (mkdir (dir, 0700) && errno != EEXIST)
        return br_error_set (reterr, BR_ESYSTEM, "cannot make %s: %s", dir,
                             strerror (errno));
    for (; *names; names++) {
        char path[PATH_BYTES];
        char public_key[41];
        char secret_key[41];
        snprintf (path, sizeof path, "%s/%s.key", dir, *names);
        if (access (path, F_OK) == 0)
            continue;
        if (zmq_curve_keypair (public_key, secret_key))
            return br_error_set (reterr, BR_ESYSTEM, "libzmq was built without CURVE");
        int rc = s_write_key (path, secret_key, 0600, reterr);
        snprintf (path, sizeof path, "%s/%s.pub", dir, *names);
        unlink (path);
        if (rc == 0)
            rc = s_write_key (path, public_key, 0644, reterr);
        if (rc)
            return -1;
    }
    return 0;
}

int
br_curve_load (const char *dir, const char *name, br_curve_t *ret_curve,
               br_error_t *reterr)
{
    char path[PATH_BYTES];
    snprintf (path, sizeof path, "%s/%s.key", dir, name);
    int rc = s_read_key (path, ret_curve->secret_key, reterr);
    if (rc)
        return -1;
    return br_curve_public (dir, name, ret_curve->public_key, reterr);
}

int
br_curve_public (const char *dir, const char *name, char ret_key[41], br_error_t *reterr)
{
    char path[PATH_BYTES];
    snprintf (path, sizeof path, "%s/%s.pub", dir, name);
    return s_read_key (path, ret_key, reterr);
}

//  ---- ZAP (rfc.zeromq.org/spec/27): a REP socket that libzmq asks for each handshake

//  Public keys that may come in.
typedef struct {
    char keys[KNOWN_MAX][41];
    size_t keys_size;
} known_t;

struct _br_zap_t {
    void *zmq;
    void *socket; //  REP
    void *end;    //  PAIR, tells the thread to end
    void *thread_end;
    pthread_t thread;
    bool running;
    char *clients_dir; //  owned
    known_t hosts;
    known_t clients; //  as they were last read
};

static int
s_read_known (known_t *self, const char *dir, br_error_t *reterr)
{
    self->keys_size = 0;
    DIR *entries = opendir (dir);
    if (!entries)
        return br_error_set (reterr, BR_ECONFIG, "cannot read the keys in %s: %s", dir,
                             strerror (errno));
    struct dirent *entry;
    while ((entry = readdir (entries)) && self->keys_size < KNOWN_MAX) {
        size_t size = strlen (entry->d_name);
        char path[PATH_BYTES];
        if (size < 5 || strcmp (entry->d_name + size - 4, ".pub") != 0)
            continue;
        snprintf (path, sizeof path, "%s/%s", dir, entry->d_name);
        if (s_read_key (path, self->keys[self->keys_size], NULL) == 0)
            self->keys_size++;
    }
    closedir (entries);
    return 0;
}

bool
br_curve_has_clients (const char *dir)
{
    char *path = br_strf ("%s/" BR_CURVE_CLIENTS, dir);
    known_t *known = BR_NEW (known_t);
    bool has = s_read_known (known, path, NULL) == 0 && known->keys_size > 0;
    free (known);
    free (path);
    return has;
}

static bool
s_is_known (const known_t *self, const uint8_t *key, size_t size)
{
    char text[41];
    if (size != 32 || !zmq_z85_encode (text, key, 32))
        return false;
    for (size_t i = 0; i < self->keys_size; i++)
        if (strcmp (self->keys[i], text) == 0)
            return true;
    return false;
}

static bool
s_is (zmq_msg_t *frame, const char *text)
{
    return zmq_msg_size (frame) == strlen (text)
           && memcmp (zmq_msg_data (frame), text, strlen (text)) == 0;
}

//  Who may come in at a socket of this domain; NULL: nobody.
static const known_t *
s_known (br_zap_t *self, zmq_msg_t *domain)
{
    if (s_is (domain, ""))
        return &self->hosts;
    if (!s_is (domain, BR_CURVE_CLIENTS)
        || s_read_known (&self->clients, self->clients_dir, NULL))
        return NULL;
    return &self->clients;
}

//  Frames of a request: version, id, domain, address, identity, mechanism, key.
static void
s_answer (br_zap_t *self)
{
    zmq_msg_t frames[ZAP_FRAMES_MAX];
    size_t count = 0;
    int more = 1;
    while (more && count < ZAP_FRAMES_MAX) {
        zmq_msg_init (&frames[count]);
        if (zmq_msg_recv (&frames[count], self->socket, 0) < 0)
            break;
        more = zmq_msg_more (&frames[count++]);
    }
    const known_t *who = count == 7 && s_is (&frames[5], "CURVE")
                             ? s_known (self, &frames[2])
                             : NULL;
    bool known = who
                 && s_is_known (who, zmq_msg_data (&frames[6]),
                                zmq_msg_size (&frames[6]));
    const char *status = known ? "200" : "400";
    if (count > 1) {
        zmq_send (self->socket, "1.0", 3, ZMQ_SNDMORE);
        zmq_send (self->socket, zmq_msg_data (&frames[1]), zmq_msg_size (&frames[1]),
                  ZMQ_SNDMORE);
        zmq_send (self->socket, status, 3, ZMQ_SNDMORE);
        zmq_send (self->socket, known ? "OK" : "unknown key", known ? 2 : 11,
                  ZMQ_SNDMORE);
        zmq_send (self->socket, "", 0, ZMQ_SNDMORE);
        zmq_send (self->socket, "", 0, 0);
    }
    for (size_t i = 0; i < count; i++)
        zmq_msg_close (&frames[i]);
}

static void *
s_thread (void *arg)
{
    br_zap_t *self = arg;
    zmq_pollitem_t items[] = { { .socket = self->socket, .events = ZMQ_POLLIN },
                               { .socket = self->thread_end, .events = ZMQ_POLLIN } };
    while (zmq_poll (items, 2, -1) >= 0 && !(items[1].revents & ZMQ_POLLIN))
        if (items[0].revents & ZMQ_POLLIN)
            s_answer (self);
    zmq_close (self->socket);
    zmq_close (self->thread_end);
    return NULL;
}

br_zap_t *
br_zap_new (void *zmq, const char *dir, br_error_t *reterr)
{
    br_zap_t *self = BR_NEW (br_zap_t);
    self->zmq = zmq;
    self->clients_dir = br_strf ("%s/" BR_CURVE_CLIENTS, dir);
    int rc = s_read_known (&self->hosts, dir, reterr);
    if (rc == 0) {
        self->socket = zmq_socket (zmq, ZMQ_REP);
        self->end = zmq_socket (zmq, ZMQ_PAIR);
        self->thread_end = zmq_socket (zmq, ZMQ_PAIR);
        rc = zmq_bind (self->socket, ZAP_ENDPOINT) || zmq_bind (self->end, ZAP_END)
             || zmq_connect (self->thread_end, ZAP_END)
             || pthread_create (&self->thread, NULL, s_thread, self);
        self->running = rc == 0;
        if (rc)
            br_error_set (reterr, BR_ESYSTEM, "cannot watch over CURVE keys: %s",
                          zmq_strerror (zmq_errno ()));
    }
    if (rc)
        br_zap_destroy (&self);
    return self;
}

void
br_zap_destroy (br_zap_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_zap_t *self = *self_p;
    if (self->running) {
        zmq_send (self->end, "", 0, 0);
        pthread_join (self->thread, NULL);
    } else {
        if (self->socket)
            zmq_close (self->socket);
        if (self->thread_end)
            zmq_close (self->thread_end);
    }
    if (self->end)
        zmq_close (self->end);
    free (self->clients_dir);
    free (self);
    *self_p = NULL;
}

bool
br_zap_is_there (void *zmq)
{
    void *probe = zmq_socket (zmq, ZMQ_REP);
    bool is_free = probe && zmq_bind (probe, ZAP_ENDPOINT) == 0;
    bool is_taken = probe && !is_free && zmq_errno () == EADDRINUSE;
    if (is_free)
        zmq_unbind (probe, ZAP_ENDPOINT); //  at once; a close takes its time
    if (probe)
        zmq_close (probe);
    return is_taken;
}
