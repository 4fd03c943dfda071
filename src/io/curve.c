#include "curve.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "log.h"
#include "thread.h"

#define KEY_BYTES 32
#define KEY_TEXT 40  /* a key in Z85 */
#define ZAP_FRAMES 7 /* version, sequence, domain, address, routing id, mechanism, key (RFC 27) */
#define ZAP_FRAME_ROOM 256 /* the frames but the key are short texts; RFC 27 bounds them at 255 */

typedef uint8_t curve_key[KEY_BYTES];

struct pkt_curve {
  void *zap; /* socket of the handler's thread */
  pthread_t thread;
  bool running;
  size_t count;
  curve_key *allowed; /* sorted */
};

static int compare_keys(const void *a, const void *b) { return memcmp(a, b, KEY_BYTES); }

/* Pass over the rest of a line, which may be a long comment. */
static void skip_line(FILE *f) {
  int c;
  do c = getc(f);
  while (c != '\n' && c != EOF);
}

/* Read the next line that holds a key. 1: a key, 0: the end, -1: *err. */
static int next_key(FILE *f, const char *path, int *line, uint8_t *key, struct pkt_err *err) {
  char text[256];
  while (fgets(text, sizeof text, f) != NULL) {
    ++*line;
    if (strchr(text, '\n') == NULL) skip_line(f);
    text[strcspn(text, " \t\r\n")] = '\0';
    if (text[0] == '\0' || strcmp(text, "#") == 0) continue;
    if (strlen(text) == KEY_TEXT && zmq_z85_decode(key, text) != NULL) return 1;
    return pkt_fail(err, PKT_ERR_SYNTAX, "%s:%d: a key of %d Z85 characters expected", path, *line,
                    KEY_TEXT);
  }
  if (ferror(f)) return pkt_fail(err, PKT_ERR_VALUE, "can't read %s: %s", path, strerror(errno));
  return 0;
}

static FILE *open_keys(const char *path, struct pkt_err *err) {
  FILE *f = fopen(path, "re");
  if (f == NULL) pkt_fail(err, PKT_ERR_VALUE, "can't read %s: %s", path, strerror(errno));
  return f;
}

static int read_secret(const char *path, uint8_t *key, struct pkt_err *err) {
  FILE *f = open_keys(path, err);
  if (f == NULL) return -1;
  int line = 0, got = next_key(f, path, &line, key, err);
  struct stat st;
  if (fstat(fileno(f), &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    pkt_log_error("others than its owner may use the secret key in %s", path);
  fclose(f);
  if (got == 0) pkt_fail(err, PKT_ERR_SYNTAX, "%s holds no key", path);
  return got == 1 ? 0 : -1;
}

static int add_key(struct pkt_curve *c, const uint8_t *key, const char *path, struct pkt_err *err) {
  if (c->count == PKT_MAX_CURVE_KEYS)
    return pkt_fail(err, PKT_ERR_LIMIT, "%s holds more than %d keys", path, PKT_MAX_CURVE_KEYS);
  if ((c->count & (c->count - 1)) == 0) { /* full at every power of two */
    size_t room = c->count == 0 ? 1 : c->count * 2;
    curve_key *bigger = realloc(c->allowed, room * sizeof *bigger);
    if (bigger == NULL) return pkt_fail(err, PKT_ERR_MEMORY, "no memory for keys");
    c->allowed = bigger;
  }
  memcpy(c->allowed[c->count++], key, KEY_BYTES);
  return 0;
}

static int read_allowed(struct pkt_curve *c, const char *path, struct pkt_err *err) {
  FILE *f = open_keys(path, err);
  if (f == NULL) return -1;
  curve_key key;
  int line = 0, got;
  while ((got = next_key(f, path, &line, key, err)) == 1)
    if (add_key(c, key, path, err) != 0) got = -1;
  fclose(f);
  if (got == 0 && c->count > 0) qsort(c->allowed, c->count, KEY_BYTES, compare_keys);
  return got;
}

static bool is_allowed(const struct pkt_curve *c, const uint8_t *key, size_t len) {
  return len == KEY_BYTES && c->count > 0 &&
         bsearch(key, c->allowed, c->count, KEY_BYTES, compare_keys) != NULL;
}

/* Receive one ZAP request; its sequence number is frame 1, the client's key the last. Returns the
** number of frames, or -1 at the end. */
static int recv_zap(void *zap, char frames[ZAP_FRAMES][ZAP_FRAME_ROOM], size_t *len) {
  int n = 0, more = 1;
  size_t size = sizeof more;
  while (more) {
    char extra[ZAP_FRAME_ROOM];
    int got = zmq_recv(zap, n < ZAP_FRAMES ? frames[n] : extra, ZAP_FRAME_ROOM, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (n < ZAP_FRAMES) len[n] = got < ZAP_FRAME_ROOM ? (size_t)got : ZAP_FRAME_ROOM;
    n++;
    zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &size);
  }
  return n;
}

static void send_text(void *zap, const char *text, int flags) {
  zmq_send(zap, text, strlen(text), flags);
}

static void send_verdict(void *zap, const char *sequence, size_t len, bool yes) {
  send_text(zap, "1.0", ZMQ_SNDMORE);
  zmq_send(zap, sequence, len, ZMQ_SNDMORE);
  send_text(zap, yes ? "200" : "400", ZMQ_SNDMORE);
  send_text(zap, yes ? "OK" : "not in the allow list", ZMQ_SNDMORE);
  send_text(zap, "", ZMQ_SNDMORE); /* user id */
  send_text(zap, "", 0);           /* metadata */
}

static void *run(void *arg) {
  struct pkt_curve *c = arg;
  char frames[ZAP_FRAMES][ZAP_FRAME_ROOM];
  size_t len[ZAP_FRAMES] = {0};
  int n;
  while ((n = recv_zap(c->zap, frames, len)) >= 0) {
    bool curve = n == ZAP_FRAMES && len[5] == 5 && memcmp(frames[5], "CURVE", 5) == 0;
    bool yes = curve && is_allowed(c, (const uint8_t *)frames[6], len[6]);
    if (!yes) pkt_log_note("turned away a client at %.*s", n > 3 ? (int)len[3] : 0, frames[3]);
    send_verdict(c->zap, frames[1], n > 1 ? len[1] : 0, yes);
  }
  zmq_close(c->zap);
  return NULL;
}

static int start_zap(struct pkt_curve *c, void *context, struct pkt_err *err) {
  int no_linger = 0;
  c->zap = zmq_socket(context, ZMQ_REP);
  if (c->zap == NULL || zmq_bind(c->zap, "inproc://zeromq.zap.01") != 0)
    return pkt_fail(err, PKT_ERR_LIMIT, "can't start authentication: %s", zmq_strerror(errno));
  zmq_setsockopt(c->zap, ZMQ_LINGER, &no_linger, sizeof no_linger);
  if (pkt_thread_start(&c->thread, "luapkt-zap", run, c, err) != 0) return -1;
  c->running = true;
  return 0;
}

static int set_up(struct pkt_curve *c, void *context, void *socket, const char *secret,
                  const char *allow, struct pkt_err *err) {
  static const char domain[] = "luapkt";
  int on = 1;
  curve_key key;
  if (!zmq_has("curve"))
    return pkt_fail(err, PKT_ERR_UNKNOWN, "this ZeroMQ library was built without CURVE");
  if (read_secret(secret, key, err) != 0) return -1;
  if (allow != NULL && (read_allowed(c, allow, err) != 0 || start_zap(c, context, err) != 0))
    return -1;
  bool ok = zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
            zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key, sizeof key) == 0 &&
            zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, sizeof domain - 1) == 0;
  explicit_bzero(key, sizeof key);
  return ok ? 0 : pkt_fail(err, PKT_ERR_VALUE, "can't set up CURVE: %s", zmq_strerror(errno));
}

struct pkt_curve *pkt_curve_start(void *context, void *socket, const char *secret,
                                  const char *allow, struct pkt_err *err) {
  struct pkt_curve *c = calloc(1, sizeof *c);
  if (c == NULL) {
    pkt_fail(err, PKT_ERR_MEMORY, "no memory for keys");
    return NULL;
  }
  if (set_up(c, context, socket, secret, allow, err) == 0) return c;
  if (c->running)
    zmq_ctx_shutdown(context); /* the thread closes what it has */
  else if (c->zap != NULL)
    zmq_close(c->zap);
  pkt_curve_stop(c);
  return NULL;
}

void pkt_curve_stop(struct pkt_curve *c) {
  if (c == NULL) return;
  if (c->running) pthread_join(c->thread, NULL);
  free(c->allowed);
  free(c);
}
