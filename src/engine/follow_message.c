/* follow_message.c - how long messages are, and what they ask and answer. */
#include "follow_inner.h"
#include "text_head.h"

/* ----------------------------------------------------------------------------------- questions */

/* Open questions, in 64 bits: the lowest 56 bits hold what each of the first 14 asks, four bits
** each, the oldest one lowest; the bits from MORE on count any further ones. Alternatively
** ANSWERED and the number of a byte: no question is open, and any asked before that byte was
** answered before it was seen here. */
#define QUESTIONS ((UINT64_C(1) << 56) - 1)
#define MORE (UINT64_C(1) << 56)
#define MOST_MORE (254 * MORE) /* so many, or more: it isn't known how many */
#define ANSWERED (255 * MORE)

uint64_t pkt_questions_lost(uint64_t asked) { return asked < ANSWERED ? 0 : asked; }

unsigned pkt_question(uint64_t asked) { return asked < ANSWERED ? asked & PKT_MAX_ASKED : 0; }

/* A question that begins with the byte 'seq'. */
static uint64_t add_question(uint64_t asked, uint64_t kind, uint32_t seq) {
  unsigned bit = 0;
  if (asked >= ANSWERED && pkt_seq_is_before(seq, (uint32_t)asked)) return asked;
  if (asked >= ANSWERED) asked = 0;
  if (asked >> 52 != 0) return asked < MOST_MORE ? asked + MORE : asked;
  while (asked >> bit != 0) bit += 4;
  return asked | (kind < PKT_MAX_ASKED ? kind : PKT_MAX_ASKED) << bit;
}

/* An answer by a side that has got what comes before the byte 'ack'. */
static uint64_t remove_question(uint64_t asked, uint32_t ack) {
  uint64_t more = asked & ~QUESTIONS;
  if (asked == 0 || asked >= ANSWERED) return ANSWERED | ack;
  if (more != asked) return more | (asked & QUESTIONS) >> 4;
  return more < MOST_MORE ? more - MORE : more;
}

void pkt_talk_turn(struct pkt_talk *talk, const struct pkt_plan *plan, const uint8_t *p, size_t n) {
  if (!plan->asks) return;
  struct pkt_scope scope = {.peek = p, .left = (int64_t)n, .total = (int64_t)n};
  int64_t asks = pkt_rule_eval(plan->asks, &scope);
  if (asks > 0)
    talk->asks = add_question(talk->asks, (uint64_t)asks, talk->next - (uint32_t)n);
  else if (asks < 0)
    talk->asked = remove_question(talk->asked, talk->ack);
}

/* ------------------------------------------------------------------------------------ messages */

/* As pkt_message_size(); 'text' has how far the chunks are that aren't all there. */
static int64_t look_at_message(const struct pkt_plan *plan, const uint8_t *p, size_t n,
                               uint64_t asked, struct pkt_text *text) {
  bool missing = false;
  *text = (struct pkt_text){0};
  struct pkt_scope scope = {.peek = p,
                            .left = (int64_t)n,
                            .total = (int64_t)n,
                            .asked = pkt_question(asked),
                            .missing = &missing,
                            .text = text};
  int64_t size = n > 0 ? pkt_rule_eval(plan->pdu, &scope) : 0;
  if (n == 0 || missing) return PKT_INCOMPLETE;
  return size < 1 ? PKT_NO_MESSAGE : size;
}

int64_t pkt_message_size(const struct pkt_plan *plan, const uint8_t *p, size_t n, uint64_t asked) {
  struct pkt_text text;
  return look_at_message(plan, p, n, asked, &text);
}

size_t pkt_whole_messages(const struct pkt_plan *plan, const uint8_t *p, size_t n, size_t room,
                          unsigned most, struct pkt_talk *talk, struct pkt_rest *rest) {
  size_t used = 0;
  *rest = (struct pkt_rest){.size = PKT_INCOMPLETE};
  for (unsigned i = 0; i < most && used < n; i++) {
    struct pkt_text text;
    int64_t size = look_at_message(plan, p + used, n - used, talk->asked, &text);
    bool whole = size > 0 && (uint64_t)size <= n - used;
    *rest = (struct pkt_rest){.size = size, .chunk = whole ? 0 : text.chunk};
    if (!whole || (uint64_t)size > room) break;
    pkt_talk_turn(talk, plan, p + used, n - used);
    used += (size_t)size;
    *rest = (struct pkt_rest){.size = PKT_INCOMPLETE};
  }
  return used;
}

unsigned pkt_messages_at_once(const struct pkt_plan *plan) {
  for (unsigned i = 0; i < plan->nnext; i++)
    if (plan->next[i].plan == plan) return PKT_FOLLOW_MESSAGES;
  return 1;
}

const struct pkt_plan *pkt_message_plan(const struct pkt_layer *layer, const uint8_t *p, size_t n,
                                        uint64_t asked, int64_t *size) {
  const struct pkt_plan *plan = pkt_dissect_next(layer, NULL, p, n, PKT_REACH_ALL);
  while (plan->base && plan->base->pdu) plan = plan->base; /* the next one may be of another kind */
  *size = plan->pdu ? pkt_message_size(plan, p, n, asked) : PKT_NO_MESSAGE;
  return *size != PKT_NO_MESSAGE ? plan : NULL;
}
