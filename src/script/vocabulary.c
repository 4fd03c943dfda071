#include "vocabulary.h"

#include <string.h>

#include "words.h"

/* In byte order of their names: pkt_word_find() halves. */
const struct pkt_word pkt_words[] = {
    {"DHCPOptions", pkt_word_dhcp_options, "DHCPOptions{...}", "a list of DHCP options",
     "DHCPOptions{{\"message-type\", \"discover\"}, \"end\"}"},
    {"TCPOptions", pkt_word_tcp_options, "TCPOptions{...}",
     "a list of TCP options, each a name or a kind with its value",
     "TCPOptions{{\"MSS\", 1460}, \"NOP\", {\"WScale\", 7}, {254, \"\\x01\"}}"},
    {"abs", pkt_word_abs, "abs(n)", "the number without its sign", "abs(-5)"},
    {"adler32", pkt_word_adler32, "adler32(s)", "the Adler-32 of bytes (RFC 1950)",
     "adler32(\"123456789\")"},
    {"base64", pkt_word_base64, "base64(s)", "the bytes that a base64 text stands for",
     "base64\"3q2+7w==\""},
    {"byte", pkt_word_byte, "byte(s [, i [, j]])", "the numbers of a text's bytes", "byte(\"A\")"},
    {"bytes", pkt_word_bytes, "bytes(...)",
     "the bytes of numbers, texts, addresses and lists of them",
     "bytes(0xde, 0xad, \"ab\", {1, 2}, ip\"10.0.0.1\")"},
    {"ceil", pkt_word_ceil, "ceil(n)", "the smallest whole number from n on", "ceil(1.5)"},
    {"checksum", pkt_word_checksum, "checksum(s)", "the Internet checksum of bytes (RFC 1071)",
     "checksum(\"\\x45\\x00\")"},
    {"concat", pkt_word_concat, "concat(list [, between])", "the texts of a list joined",
     "concat({\"a\", \"b\"}, \".\")"},
    {"crc32", pkt_word_crc32, "crc32(s)", "the CRC-32 of bytes (IEEE 802.3)",
     "crc32(\"123456789\")"},
    {"crc32c", pkt_word_crc32c, "crc32c(s)", "the CRC-32C of bytes (RFC 9260)",
     "crc32c(\"123456789\")"},
    {"floor", pkt_word_floor, "floor(n)", "the largest whole number up to n", "floor(1.5)"},
    {"format", pkt_word_format, "format(how, ...)",
     "a text with values in it, as C's printf makes it", "format(\"host-%03d\", 7)"},
    {"hex", pkt_word_hex, "hex(s)", "the bytes that hexadecimal digits stand for",
     "hex\"dead beef\""},
    {"insert", pkt_word_insert, "insert(list, v)", "the list, with a value put at its end",
     "insert({1, 2}, 3)"},
    {"ip", pkt_word_ip, "ip(s)", "an IPv4 address, to count from: ip\"10.0.0.1\" + 5",
     "ip\"10.0.0.1\" + 5"},
    {"ip6", pkt_word_ip6, "ip6(s)", "an IPv6 address, to count from", "ip6\"2001:db8::1\" + 5"},
    {"ipairs", pkt_word_ipairs, "ipairs(list)", "for loops over a list",
     "(function() local n = 0 for _, v in ipairs{1, 2} do n = n + v end return n end)()"},
    {"layer", NULL, "layer.FIELD", "a field of this layer, as far as it is set", NULL},
    {"lower", pkt_word_lower, "lower(s)", "the text in lower case", "lower(\"ABC\")"},
    {"mac", pkt_word_mac, "mac(s)", "a MAC address, to count from", "mac\"00:11:22:33:44:55\" + 1"},
    {"max", pkt_word_max, "max(n, ...)", "the largest number", "max(1, 2)"},
    {"md5", pkt_word_md5, "md5(s)", "the MD5 of bytes (RFC 1321), 16 bytes", "md5(\"abc\")"},
    {"min", pkt_word_min, "min(n, ...)", "the smallest number", "min(1, 2)"},
    {"pack", pkt_word_pack, "pack(format, ...)", "values as bytes, by Lua's string.pack",
     "pack(\">I2I4\", 1, 2)"},
    {"pairs", pkt_word_pairs, "pairs(t)", "for loops over a table, in the order of its keys",
     "(function() local n = 0 for _, v in pairs{a = 1} do n = n + v end return n end)()"},
    {"pkt", NULL, "pkt.LAYER.FIELD, pkt[\"IP:1\"].src, pkt[1].dst",
     "what is set in the packet so far", NULL},
    {"randbytes", pkt_word_randbytes, "randbytes(n)", "random bytes", "randbytes(4)"},
    {"randip", pkt_word_randip, "randip(network)", "a random address of a network",
     "randip(\"10.0.0.0/8\")"},
    {"randmac", pkt_word_randmac, "randmac()", "a random MAC address of local administration",
     "randmac()"},
    {"random", pkt_word_random, "random([low,] high)",
     "a random whole number from low (or 1) to high", "random(1, 6)"},
    {"rep", pkt_word_rep, "rep(s, n [, between])", "a text n times", "rep(\"ab\", 3)"},
    {"reverse", pkt_word_reverse, "reverse(s)", "the bytes from the last to the first",
     "reverse(\"abc\")"},
    {"select", pkt_word_select, "select(i, ...)", "the values from the i-th on",
     "select(2, 10, 20)"},
    {"seq", pkt_word_seq, "seq(first, last [, step])", "a list of numbers, the last one included",
     "seq(1, 5)"},
    {"sub", pkt_word_sub, "sub(s, i [, j])", "the part of a text from place i to place j",
     "sub(\"abcdef\", 2, 4)"},
    {"tonumber", pkt_word_tonumber, "tonumber(s [, base])", "the number that a text spells",
     "tonumber(\"ff\", 16)"},
    {"tostring", pkt_word_tostring, "tostring(v)", "a number, boolean or address as text",
     "tostring(12)"},
    {"type", pkt_word_type, "type(v)", "\"number\", \"string\", \"table\"...", "type(1)"},
    {"unpack", pkt_word_unpack, "unpack(list)", "the items of a list one by one",
     "max(unpack{1, 2})"},
    {"upper", pkt_word_upper, "upper(s)", "the text in upper case", "upper(\"abc\")"},
};
const unsigned pkt_word_count = sizeof pkt_words / sizeof *pkt_words;

const struct pkt_word *pkt_word_find(const char *name, size_t len) {
  unsigned low = 0, high = pkt_word_count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    const char *word = pkt_words[middle].name;
    size_t n = strlen(word);
    int order = memcmp(name, word, len < n ? len : n);
    if (order == 0 && len == n) return &pkt_words[middle];
    if (order < 0 || (order == 0 && len < n))
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}
