/* chunks.c - chunks OUT FILE...: compile files of Lua, and write what was made of them into OUT, as
** src/script/chunks.h has it. */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/script/chunks.h"
#include "../src/wire/mix.h"

static void fail(const char *what, const char *why) {
  fprintf(stderr, "chunks: %s: %s\n", what, why);
  exit(1);
}

static char *read_file(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) fail(path, "can't be read");
  long size = ftell(f);
  char *text = size < 0 ? NULL : malloc((size_t)size + 1);
  rewind(f);
  if (!text) fail(path, "out of memory");
  *n = fread(text, 1, (size_t)size, f);
  fclose(f);
  return text;
}

/* What lua_dump() made of the files so far, each a multiple of 8 bytes. */
struct made {
  char *bytes;
  size_t len;
};

static int gather(lua_State *L, const void *bytes, size_t n, void *out) {
  struct made *made = out;
  (void)L;
  made->bytes = realloc(made->bytes, made->len + n + 1);
  if (!made->bytes) fail("chunk", "out of memory");
  memcpy(made->bytes + made->len, bytes, n);
  made->len += n;
  return 0;
}

static struct pkt_chunk make_chunk(lua_State *L, struct made *made, const char *path) {
  static const char zeros[8];
  size_t n;
  char *text = read_file(path, &n), name[512];
  snprintf(name, sizeof name, "@%s", path);
  if (luaL_loadbufferx(L, text, n, name, "t") != LUA_OK) fail(path, lua_tostring(L, -1));
  struct pkt_chunk chunk = {.hash = pkt_mix(0, text, n), .size = n, .at = made->len};
  lua_dump(L, gather, made, 0); /* with the lines that messages tell */
  chunk.len = made->len - chunk.at;
  gather(L, zeros, (8 - made->len % 8) % 8, made);
  free(text);
  lua_settop(L, 0);
  return chunk;
}

int main(int argc, char **argv) {
  FILE *out = argc > 2 ? fopen(argv[1], "wb") : NULL;
  uint64_t count = argc > 2 ? (uint64_t)argc - 2 : 0;
  struct pkt_chunk *chunks = calloc(count + 1, sizeof *chunks);
  struct made made = {0};
  lua_State *L = luaL_newstate();
  if (!out || !chunks || !L) fail("usage", "chunks OUT FILE...");
  for (uint64_t i = 0; i < count; i++) chunks[i] = make_chunk(L, &made, argv[i + 2]);
  fwrite(&count, sizeof count, 1, out);
  fwrite(chunks, sizeof *chunks, count, out);
  fwrite(made.bytes, 1, made.len, out);
  lua_close(L);
  return fclose(out) == 0 ? 0 : 1;
}
