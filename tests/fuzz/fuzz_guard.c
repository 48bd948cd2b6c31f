//  Fuzzer of what is found in texts: the input is a recipe of a text, in which some bytes
//  stand for parts of secrets and for long runs, and of where it is cut. The oracle is each
//  regex over the whole text at once, without hints; another is the text in one piece. And it
//  stands in a body, as a string and in base64: there the oracle is a channel.

#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/json.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_rules_state.h"
#include "broker/guard/guard_text.h"
#include "broker/guard/guard_try.h"
#include "broker/guard/guard_utf8.h"

#define TEXT_MAX 100000 //  bytes

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

//  One of each way of matching.
static const char s_slice[] =
    "{\"families\":[{\"id\":\"f\",\"about\":\"F\",\"patterns\":["
    "{\"name\":\"key\",\"regex\":\"\\\\bAKIA[0-9A-Z]{6}\\\\b\",\"hints\":[\"AKIA\"],"
    "\"reach\":10},"
    "{\"name\":\"mail\",\"regex\":\"[a-z]{1,8}@[a-z]{1,8}\\\\.[a-z]{2,4}\","
    "\"hints\":[\"@\"],\"lead\":8},"
    "{\"name\":\"card\",\"regex\":\"(?<!\\\\d)\\\\d(?:[ -]?\\\\d){11,15}(?!\\\\d)\","
    "\"hints\":[\"\\\\d\\\\d\"],\"lead\":1,\"check\":\"luhn\"},"
    "{\"name\":\"two\",\"regex\":\"(?:c?abcdefg|cd|[ =]ab)x?\","
    "\"hints\":[\"abcdefg\",\"cd\",\" ab\",\"=ab\"],\"lead\":1,\"caseless\":true},"
    "{\"name\":\"block\",\"regex\":\"(?s)BEGIN.{0,4000}?END\",\"hints\":[\"BEGIN\"]},"
    "{\"name\":\"value\",\"regex\":\"pass=\\\\K[^ \\\\n]{3,}\",\"hints\":[\"ass=\"],"
    "\"lead\":1,\"check\":\"mixed\"}"
    "]}],\"custom\":["
    "{\"name\":\"bare\",\"regex\":\"\\\\d{3}-\\\\d{2,}$|^:[a-z]+\"},"
    "{\"name\":\"line\",\"regex\":\"(?m)^#.*$\"},"
    "{\"name\":\"endless\",\"regex\":\"<<[^>]*>>\"},"
    "{\"name\":\"words\",\"regex\":\"\\\\bq[a-z]*\\\\b(?! z)\"},"
    "{\"name\":\"slow\",\"regex\":\"(?:x+x+)+y\"}],"
    "\"sets\":[{\"upgoing\":{\"f\":\"redact\"},\"custom_upgoing\":{\"bare\":\"redact\","
    "\"line\":\"warn\",\"endless\":\"redact\",\"words\":\"redact\",\"slow\":\"redact\"}}]"
    ","
    "\"allow\":[\"AKIA000000\"]}";

//  What a byte of 0x80 and up stands for: every other one is itself.
static const char *const s_parts[] = { "AKIA",
                                       "AKIA0123AB",
                                       "AKIA000000",
                                       "a@b.co",
                                       "ab",
                                       "abcdefg",
                                       "cabcdefg",
                                       "BEGIN",
                                       "END",
                                       "pass=",
                                       "hunter2",
                                       "123-45",
                                       "4111 1111 1111 1111",
                                       "#",
                                       "\n",
                                       "<<",
                                       ">>",
                                       " q",
                                       " z",
                                       "xxxxxxxxxxxxxxxxx",
                                       "411111111111",
                                       "111-",
                                       ":key",
                                       "@",
                                       ".com",
                                       "\xe2\x82\xac" };
#define PARTS (sizeof s_parts / sizeof *s_parts)

static void
s_cook (const uint8_t *bytes, size_t size, br_buf_t *out)
{
    br_buf_init (out, TEXT_MAX);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] < 0x80)
            br_buf_addc (out, (char) bytes[i]);
        else if (bytes[i] < 0x80 + PARTS)
            br_buf_adds (out, s_parts[bytes[i] - 0x80]);
        else if (bytes[i] >= 0xf8 && i + 1 < size) {
            i++;
            for (size_t k = 0; k < (size_t) 600 * (bytes[i - 1] - 0xf7u); k++)
                br_buf_addc (out, (char) bytes[i]);
        } else
            br_buf_addc (out, (char) bytes[i]);
    }
}

//  ---- what was found

typedef struct {
    br_buf_t rows; //  of row_t
    const uint8_t *text;
    bool failed;
} found_t;

typedef struct {
    unsigned pattern;
    int kind;
    uint64_t at;
    uint64_t size;
} row_t;

static void
s_note (void *arg, const guard_finding_t *finding)
{
    found_t *found = arg;
    row_t row;
    memset (&row, 0, sizeof row);
    row.pattern = finding->pattern;
    row.kind = (int) finding->kind;
    row.at = finding->at;
    row.size = finding->size;
    assert (finding->size > 0
            && memcmp (found->text + finding->at, finding->bytes, finding->size) == 0);
    char masked[GUARD_MASKED_MAX];
    guard_text_mask (finding, masked);
    found->failed |= finding->kind == GUARD_FAILED;
    br_buf_add (&found->rows, &row, sizeof row);
}

static int
s_compare (const void *a, const void *b)
{
    const row_t *x = a, *y = b;
    if (x->pattern != y->pattern)
        return x->pattern < y->pattern ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void
s_begin (found_t *found, const uint8_t *text)
{
    br_buf_init (&found->rows, 1 << 24);
    found->text = text;
    found->failed = false;
}

static void
s_sort (found_t *found)
{
    if (found->rows.size)
        qsort (found->rows.data, found->rows.size / sizeof (row_t), sizeof (row_t),
               s_compare);
}

static void
s_assert_same (const br_buf_t *a, const br_buf_t *b)
{
    assert (!a->overflow && !b->overflow && a->size == b->size);
    assert (a->size == 0 || memcmp (a->data, b->data, a->size) == 0);
}

//  ---- the engine

//  Gives what is decided, as a reader does that has the text.
static void
s_give (guard_text_t *guard, const uint8_t *text, size_t *given, br_buf_t *out)
{
    uint64_t decided = guard_text_decided (guard);
    size_t count = 0;
    const guard_range_t *ranges = guard_text_ranges (guard, &count);
    assert (decided >= *given);
    uint64_t last = 0;
    for (size_t i = 0; i < count && ranges[i].to <= decided; i++) {
        assert (ranges[i].from >= *given && ranges[i].from < ranges[i].to
                && (i == 0 || ranges[i].from >= last));
        last = ranges[i].to;
        br_buf_add (out, text + *given, ranges[i].from - *given);
        br_buf_adds (out, GUARD_REDACTED);
        *given = ranges[i].to;
    }
    guard_text_drop (guard, *given);
    ranges = guard_text_ranges (guard, &count);
    uint64_t upto = count ? ranges[0].from : decided;
    if (upto > *given) {
        br_buf_add (out, text + *given, upto - *given);
        *given = upto;
    }
}

static void
s_engine (const guard_rules_t *rules, const uint8_t *text, size_t size,
          const uint8_t *cuts, size_t cut_count, found_t *found, br_buf_t *out)
{
    guard_text_t *guard = guard_text_new (rules, 1, GUARD_UP, GUARD_WARN, GUARD_BLOCK,
                                          s_note, found);
    size_t at = 0, given = 0;
    for (size_t i = 0; at < size; i++) {
        size_t some = cut_count ? cuts[i % cut_count] : size;
        some = some > 0xe0 ? (some - 0xe0) * 997 : some + 1;
        some = some < size - at && cut_count ? some : size - at;
        uint8_t *piece = br_alloc (1, some);
        memcpy (piece, text + at, some);
        assert (guard_text_push (guard, piece, some) == 0);
        free (piece);
        at += some;
        assert (guard_text_decided (guard) <= at);
        s_give (guard, text, &given, out);
    }
    assert (guard_text_end (guard) == 0 && guard_text_decided (guard) == size);
    s_give (guard, text, &given, out);
    assert (given == size);
    guard_text_destroy (&guard);
    s_sort (found);
}

//  ---- the oracle

//  With more to come first, since pcre2 takes short cuts, and less of its limit, at the end.
static guard_outcome_t
s_try (guard_try_t *tries, guard_pattern_t *pattern, const uint8_t *text, size_t size,
       size_t from, size_t to, bool is_end, guard_match_t *match)
{
    uint64_t work = 0; //  what is short is far from the most of it
    guard_outcome_t outcome = guard_try_run (tries, pattern, text, size, from, to, false,
                                             &work, match);
    if (outcome != GUARD_TRY_UNDER_WAY || !is_end)
        return outcome;
    return guard_try_run (tries, pattern, text, size, match->from, to, true, &work,
                          match);
}

//  The first match that begins at from or behind it, or the first failure.
static guard_outcome_t
s_first (guard_try_t *tries, guard_pattern_t *pattern, const uint8_t *text, size_t size,
         size_t from, guard_match_t *match)
{
    if (size <= GUARD_HOLD_MAX)
        return s_try (tries, pattern, text, size, from, size, true, match);
    for (; from < size; from++) {
        size_t end = from + GUARD_HOLD_MAX < size ? from + GUARD_HOLD_MAX : size;
        guard_outcome_t outcome = s_try (tries, pattern, text, end, from, from + 1,
                                         end == size, match);
        if (outcome != GUARD_TRY_NONE)
            return outcome;
    }
    return GUARD_TRY_NONE;
}

static void
s_oracle (const guard_rules_t *rules, unsigned number, const uint8_t *text, size_t size,
          found_t *found)
{
    guard_pattern_t *pattern = guard_rules_pattern (rules, number);
    guard_try_t *tries = guard_try_new ();
    guard_match_t match;
    for (size_t at = 0; at < size;) {
        guard_outcome_t outcome = s_first (tries, pattern, text, size, at, &match);
        if (outcome == GUARD_TRY_NONE)
            break;
        size_t span = GUARD_HOLD_MAX;
        if (outcome == GUARD_TRY_LIMIT && pattern->reach)
            span = pattern->reach;
        if (outcome != GUARD_TRY_FOUND)
            match.to = match.from + (span < size - match.from ? span : size - match.from);
        const char *bytes = (const char *) text;
        const char *group = match.has_group ? bytes + match.group_from : NULL;
        at = match.to;
        guard_finding_t finding = { .kind = outcome == GUARD_TRY_FOUND ? GUARD_FOUND
                                                                       : GUARD_FAILED,
                                    .pattern = number,
                                    .at = match.from,
                                    .size = match.to - match.from,
                                    .bytes = bytes + match.from };
        if (outcome == GUARD_TRY_FOUND
            && !guard_pattern_passes (pattern, finding.bytes, finding.size, group,
                                      match.group_to - match.group_from))
            at = match.from + 1;
        else if (outcome != GUARD_TRY_FOUND
                 || !guard_rules_allows (rules, finding.bytes, finding.size))
            s_note (found, &finding);
        if (outcome != GUARD_TRY_FOUND)
            break; //  told once; what follows is not for the oracle
    }
    guard_try_destroy (&tries);
}

static void
s_redact (const guard_rules_t *rules, const found_t *found, const uint8_t *text,
          size_t size, br_buf_t *out)
{
    uint8_t *marks = br_alloc (1, size + 1);
    const row_t *rows = (const row_t *) found->rows.data;
    for (size_t i = 0; i < found->rows.size / sizeof *rows; i++)
        if (guard_rules_action (rules, 1, GUARD_UP, rows[i].pattern) == GUARD_REDACT) {
            memset (marks + rows[i].at, 1, rows[i].size);
        }
    for (size_t at = 0; at < size;) {
        if (!marks[at]) {
            br_buf_add (out, text + at++, 1);
            continue;
        }
        br_buf_adds (out, GUARD_REDACTED);
        while (marks[at])
            at++;
    }
    free (marks);
}

//  Of patterns that failed only what was found before that is compared.
static void
s_cut_behind_failures (found_t *found)
{
    row_t *rows = (row_t *) found->rows.data;
    size_t kept = 0;
    bool over = false;
    for (size_t i = 0; i < found->rows.size / sizeof *rows; i++) {
        if (i > 0 && rows[i].pattern != rows[i - 1].pattern)
            over = false;
        row_t row = rows[i];
        bool is_over = over;
        over = over || row.kind == GUARD_FAILED;
        if (!is_over)
            rows[kept++] = row;
    }
    found->rows.size = kept * sizeof *rows;
}

static void
s_judge (const guard_rules_t *rules, const uint8_t *text, size_t size, found_t *whole,
         const br_buf_t *out)
{
    found_t oracle;
    s_begin (&oracle, text);
    for (unsigned i = 0; i < guard_rules_count (rules); i++)
        s_oracle (rules, i, text, size, &oracle);
    s_sort (&oracle);
    if (!whole->failed && size <= GUARD_HOLD_MAX) {
        br_buf_t redacted;
        br_buf_init (&redacted, TEXT_MAX * 10);
        s_redact (rules, &oracle, text, size, &redacted);
        s_assert_same (&redacted, out);
        br_buf_free (&redacted);
    }
    s_cut_behind_failures (whole);
    s_assert_same (&oracle.rows, &whole->rows);
    br_buf_free (&oracle.rows);
}

//  ---- a body

typedef enum {
    AS_STRING,
    IN_BASE64,
    IN_BASE64_URL,
    CARRIERS
} carrier_t;

//  A request that has the text in it. ret: 0, or -1 when it cannot be carried so
static int
s_carry (carrier_t carrier, const uint8_t *text, size_t size, br_buf_t *out)
{
    static const int variants[CARRIERS] = {
        [IN_BASE64] = sodium_base64_VARIANT_ORIGINAL,
        [IN_BASE64_URL] = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    };
    br_buf_adds (out, "{\"contents\":[{\"parts\":[{");
    if (carrier == AS_STRING) {
        br_buf_adds (out, "\"text\":");
        br_buf_add_json (out, (const char *) text, size);
        br_buf_adds (out, "}]}]}");
        return 0;
    }
    size_t room = sodium_base64_ENCODED_LEN (size, variants[carrier]);
    char *coded = br_alloc (1, room);
    sodium_bin2base64 (coded, room, text, size, variants[carrier]);
    br_buf_addf (out, "\"inlineData\":{\"mimeType\":\"text/plain\",\"data\":\"%s\"}}]}]}",
                 coded);
    //  Without a character of its own nothing says which alphabet it is.
    int rc = carrier == IN_BASE64_URL && !strpbrk (coded, "-_") ? -1 : 0;
    free (coded);
    return rc;
}

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    (void) finding;
    assert (place == BR_TEXT_USER);
    ++*(size_t *) arg;
}

//  in:   redacted, what the text should be; NULL when it is no UTF-8
static void
s_try_carrier (const guard_rules_t *rules, carrier_t carrier, const br_buf_t *text,
               const br_buf_t *redacted, size_t slice)
{
    br_buf_t body, wanted, out;
    br_buf_init (&body, TEXT_MAX * 10);
    br_buf_init (&wanted, TEXT_MAX * 20);
    br_buf_init (&out, TEXT_MAX * 20);
    size_t found = 0;
    int rc = s_carry (carrier, text->data, text->size, &body);
    guard_body_t *self = guard_body_new (rules, 1, GUARD_UP, GUARD_WARN, GUARD_BLOCK,
                                         BR_SURFACE_GOOGLE, body.data, body.size, s_hear,
                                         &found);
    while (guard_body_step (self, slice))
        continue;
    guard_body_verdict_t verdict = guard_body_verdict (self);
    if (rc == 0 && redacted) {
        rc = s_carry (carrier, redacted->data, redacted->size, &wanted);
        assert (verdict == GUARD_BODY_AS_IS || verdict == GUARD_BODY_CHANGED);
        assert (guard_body_write (self, &out, NULL, NULL) == 0);
        if (rc == 0)
            s_assert_same (&out, &wanted);
    }
    if (verdict == GUARD_BODY_CHANGED) {
        br_buf_clear (&out);
        assert (guard_body_write (self, &out, NULL, NULL) == 0);
        assert (json_members (out.data, out.size, NULL, 0, NULL) == 0);
    }
    guard_body_destroy (&self);
    br_buf_free (&out);
    br_buf_free (&wanted);
    br_buf_free (&body);
}

static void
s_try_body (const guard_rules_t *rules, carrier_t carrier, const br_buf_t *text,
            size_t slice)
{
    br_buf_t redacted;
    br_buf_init (&redacted, TEXT_MAX * 10);
    guard_channel_t *channel = guard_channel_new_between (
        rules, 1, GUARD_UP, GUARD_WARN, GUARD_BLOCK, GUARD_PLAIN, NULL, NULL);
    assert (guard_channel_push (channel, text->data, text->size, &redacted) == 0);
    assert (guard_channel_end (channel, &redacted) == 0);
    guard_channel_destroy (&channel);
    bool is_text = guard_utf8_valid (text->data, text->size) == text->size;
    if (is_text || carrier != AS_STRING)
        s_try_carrier (rules, carrier, text, is_text ? &redacted : NULL, slice);
    br_buf_free (&redacted);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size < 4)
        return 0;
    size_t cuts = 1 + bytes[0] % 3;
    br_buf_t text, once, cut;
    s_cook (bytes + 1 + cuts, size - 1 - cuts, &text);
    br_buf_init (&once, TEXT_MAX * 10);
    br_buf_init (&cut, TEXT_MAX * 10);
    static guard_rules_t *rules; //  made once
    rules = rules ? rules : guard_rules_new (s_slice, NULL);
    assert (rules);
    found_t whole, pieces;
    s_begin (&whole, text.data);
    s_begin (&pieces, text.data);
    s_engine (rules, text.data, text.size, NULL, 0, &whole, &once);
    s_engine (rules, text.data, text.size, bytes + 1, cuts, &pieces, &cut);
    s_assert_same (&whole.rows, &pieces.rows);
    s_assert_same (&once, &cut);
    s_judge (rules, text.data, text.size, &whole, &once);
    if (text.size)
        s_try_body (rules, (carrier_t) (bytes[0] / 3 % CARRIERS), &text,
                    (size_t) 1 << bytes[1] % 18);
    br_buf_free (&whole.rows);
    br_buf_free (&pieces.rows);
    br_buf_free (&cut);
    br_buf_free (&once);
    br_buf_free (&text);
    return 0;
}
