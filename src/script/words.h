/* words.h - what the files with the words of expressions share.
**
** words_address.c, words_text.c, words_number.c, words_list.c and words_packet.c hold the words by
** what they are about; vocabulary.c lists them. A word charges for its work before it does it. */
#ifndef PKT_WORDS_H
#define PKT_WORDS_H

#include <lauxlib.h>
#include <stdint.h>

#include "sandbox.h"
#include "vocabulary.h"

/* Bytes that a word works through in the time of one instruction. */
#define PKT_BYTES_PER_STEP 16

/* Charge for a word's call that works through 'n' bytes; raises when steps are used up. */
static inline void pkt_charge_bytes(lua_State *L, size_t n) {
  pkt_sandbox_charge(L, 1 + n / PKT_BYTES_PER_STEP);
}

/* Check, before it is made, that a text isn't longer than a result may be, and charge for it. */
static inline void pkt_charge_text(lua_State *L, size_t n) {
  if (n > PKT_MAX_RESULT_BYTES) luaL_error(L, "a text of more than %d bytes", PKT_MAX_RESULT_BYTES);
  pkt_charge_bytes(L, n);
}

/* The text at 'arg', paid for; an address is its usual form. It is kept by a copy that is
** pushed. */
const char *pkt_check_text(lua_State *L, int arg, size_t *n);

/* Push room for 'n' bytes of a text, paid for, which pkt_finish_text() makes of it: a userdata of
** the state's own memory, so it goes with an error. */
uint8_t *pkt_new_text(lua_State *L, size_t n);
int pkt_finish_text(lua_State *L, const uint8_t *p, size_t n);

/* Check that the table at 'index' (positive) is a list with nothing but its items, and pay for it.
** 'takes' is what the word takes, for the message. */
void pkt_check_list(lua_State *L, int index, const char *takes);

/* An address is a value of its own, so that arithmetic knows where it ends. */
struct pkt_address {
  uint8_t width; /* 6, 4 or 16 */
  uint8_t bytes[16];
};

/* Push an address as text: 00:11:22:33:44:55, 10.0.0.1, 2001:db8::1. */
void pkt_push_shown(lua_State *L, const struct pkt_address *a);

/* A random number, paid for; the answer varies from now on. */
uint64_t pkt_draw(lua_State *L);

/* The words, as Lua calls them: vocabulary.c says what each takes and does. */
int pkt_word_abs(lua_State *L);
int pkt_word_adler32(lua_State *L);
int pkt_word_base64(lua_State *L);
int pkt_word_byte(lua_State *L);
int pkt_word_bytes(lua_State *L);
int pkt_word_ceil(lua_State *L);
int pkt_word_checksum(lua_State *L);
int pkt_word_concat(lua_State *L);
int pkt_word_crc32(lua_State *L);
int pkt_word_crc32c(lua_State *L);
int pkt_word_dhcp_options(lua_State *L);
int pkt_word_floor(lua_State *L);
int pkt_word_format(lua_State *L);
int pkt_word_hex(lua_State *L);
int pkt_word_insert(lua_State *L);
int pkt_word_ip(lua_State *L);
int pkt_word_ip6(lua_State *L);
int pkt_word_ipairs(lua_State *L);
int pkt_word_lower(lua_State *L);
int pkt_word_mac(lua_State *L);
int pkt_word_max(lua_State *L);
int pkt_word_md5(lua_State *L);
int pkt_word_min(lua_State *L);
int pkt_word_pack(lua_State *L);
int pkt_word_pairs(lua_State *L);
int pkt_word_randbytes(lua_State *L);
int pkt_word_randip(lua_State *L);
int pkt_word_randmac(lua_State *L);
int pkt_word_random(lua_State *L);
int pkt_word_rep(lua_State *L);
int pkt_word_reverse(lua_State *L);
int pkt_word_select(lua_State *L);
int pkt_word_seq(lua_State *L);
int pkt_word_sub(lua_State *L);
int pkt_word_tcp_options(lua_State *L);
int pkt_word_tonumber(lua_State *L);
int pkt_word_tostring(lua_State *L);
int pkt_word_type(lua_State *L);
int pkt_word_unpack(lua_State *L);
int pkt_word_upper(lua_State *L);

#endif
