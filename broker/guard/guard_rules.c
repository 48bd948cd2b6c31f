//  guard_rules: patterns in a row, groups of them that are named in sets, and for each set
//  what is done about each group. A family is a group; so is each pattern of the user's own.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_rules_state.h"
#include "broker/guard/guard_words.h"

#define ALLOW_MAX 4096 //  values
#define LINK "https://github.com/bitrouter/bitrouter"

typedef enum {
    UNSAID,
    OPEN,
    CLOSED //  the stricter word counts
} fail_t;

//  What a set does about a group.
typedef struct {
    uint8_t actions[GUARD_DIRECTIONS];
    uint8_t fail;
} row_t;

typedef struct {
    char *id; //  owned
    bool is_custom;
} group_t;

struct _guard_rules_t {
    guard_pattern_t *patterns; //  owned, GUARD_PATTERNS_MAX
    size_t pattern_count;
    group_t groups[GUARD_PATTERNS_MAX];
    size_t group_count;
    row_t *rows[GUARD_SETS_MAX]; //  owned, by group
    size_t set_count;
    uint8_t strictest[GUARD_SETS_MAX][GUARD_DIRECTIONS];
    guard_prefilter_t *prefilter; //  owned
    guard_try_t *tries;           //  owned
    guard_plans_t *plans;         //  owned
    size_t behind;                //  bytes
    char **allow;                 //  owned, sorted
    size_t allow_count;
    bool has_details;
    bool has_link;
};

void
guard_rules_destroy (guard_rules_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_rules_t *self = *self_p;
    for (size_t i = 0; i < self->allow_count; i++)
        free (self->allow[i]);
    free (self->allow);
    guard_plans_destroy (&self->plans);
    guard_try_destroy (&self->tries);
    guard_prefilter_destroy (&self->prefilter);
    for (size_t i = 0; i < self->set_count; i++)
        free (self->rows[i]);
    for (size_t i = 0; i < self->group_count; i++)
        free (self->groups[i].id);
    for (size_t i = 0; i < self->pattern_count; i++)
        guard_pattern_free (&self->patterns[i]);
    free (self->patterns);
    free (self);
    *self_p = NULL;
}

//  ---- patterns

static const cJSON *
s_member (const cJSON *node, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (node, name);
}

//  A text member, "" where it is absent.
static const char *
s_text (const cJSON *node, const char *name)
{
    const cJSON *member = s_member (node, name);
    return cJSON_IsString (member) ? member->valuestring : "";
}

static int
s_number (const cJSON *node, const char *name, size_t most, size_t *ret_number,
          br_error_t *reterr)
{
    const cJSON *member = s_member (node, name);
    double number = member ? cJSON_GetNumberValue (member) : 0;
    if (!(number >= 0 && number <= (double) most) || number != (double) (size_t) number)
        return br_error_set (reterr, BR_ECONFIG, "%s must be a whole number up to %zu",
                             name, most);
    *ret_number = (size_t) number;
    return 0;
}

static int
s_read_hints (guard_rules_t *self, guard_pattern_t *pattern, const cJSON *node,
              bool caseless, br_error_t *reterr)
{
    const cJSON *hints = s_member (node, "hints");
    if (hints && !cJSON_IsArray (hints))
        return br_error_set (reterr, BR_ECONFIG, "hints is no list");
    for (const cJSON *hint = hints ? hints->child : NULL; hint; hint = hint->next) {
        if (!cJSON_IsString (hint))
            return br_error_set (reterr, BR_ECONFIG, "a hint is no text");
        if (guard_prefilter_add (self->prefilter, (unsigned) self->pattern_count - 1,
                                 hint->valuestring, caseless, reterr))
            return -1;
        pattern->has_hints = true;
    }
    return 0;
}

static int
s_read_pattern (guard_rules_t *self, guard_pattern_t *pattern, const cJSON *node,
                br_error_t *reterr)
{
    bool caseless = cJSON_IsTrue (s_member (node, "caseless"));
    if (guard_pattern_compile (pattern, s_text (node, "regex"), caseless, reterr)
        || s_number (node, "lead", GUARD_HOLD_MAX / 2, &pattern->lead, reterr)
        || s_number (node, "reach", GUARD_REACH_MAX, &pattern->reach, reterr)
        || s_read_hints (self, pattern, node, caseless, reterr))
        return -1;
    pattern->check_count = guard_check_read (s_text (node, "check"), pattern->checks,
                                             reterr);
    if (pattern->check_count < 0)
        return -1;
    if (pattern->behind > self->behind)
        self->behind = pattern->behind;
    return 0;
}

static int
s_add_group (guard_rules_t *self, const char *id, bool is_custom, br_error_t *reterr)
{
    if (!*id)
        return br_error_set (reterr, BR_ECONFIG, "guard: a %s has no %s",
                             is_custom ? "custom pattern" : "family",
                             is_custom ? "name" : "id");
    for (size_t i = 0; i < self->group_count; i++)
        if (self->groups[i].is_custom == is_custom
            && strcmp (self->groups[i].id, id) == 0)
            return br_error_set (reterr, BR_ECONFIG, "guard: '%s' is there twice", id);
    if (self->group_count == GUARD_PATTERNS_MAX)
        return br_error_set (reterr, BR_ECONFIG, "guard: more than %d families",
                             GUARD_PATTERNS_MAX);
    self->groups[self->group_count++] = (group_t) { br_strdup (id), is_custom };
    return 0;
}

//  Adds a pattern of the last group.
static int
s_add_pattern (guard_rules_t *self, const cJSON *node, const char *about,
               br_error_t *reterr)
{
    const group_t *group = &self->groups[self->group_count - 1];
    const char *name = s_text (node, "name");
    if (self->pattern_count == GUARD_PATTERNS_MAX)
        return br_error_set (reterr, BR_ECONFIG, "guard: more than %d patterns",
                             GUARD_PATTERNS_MAX);
    guard_pattern_t *pattern = &self->patterns[self->pattern_count++];
    pattern->name = br_strdup (name);
    pattern->group = self->group_count - 1;
    pattern->family = br_strdup (group->is_custom ? "custom" : group->id);
    pattern->about = group->is_custom ? br_strf ("custom pattern '%s'", name)
                                      : br_strdup (about);
    br_error_t why = { .code = BR_OK };
    if (*name && s_read_pattern (self, pattern, node, &why) == 0)
        return 0;
    return br_error_set (reterr, BR_ECONFIG, "guard: pattern '%s' of %s: %s", name,
                         group->is_custom ? "custom" : group->id,
                         *name ? why.text : "it has no name");
}

static int
s_read_family (guard_rules_t *self, const cJSON *node, br_error_t *reterr)
{
    const char *id = s_text (node, "id");
    const char *about = s_text (node, "about");
    if (s_add_group (self, id, false, reterr))
        return -1;
    const cJSON *patterns = s_member (node, "patterns");
    if (!cJSON_IsArray (patterns))
        return br_error_set (reterr, BR_ECONFIG, "guard: family '%s' has no patterns",
                             id);
    for (const cJSON *one = patterns->child; one; one = one->next)
        if (s_add_pattern (self, one, *about ? about : id, reterr))
            return -1;
    return 0;
}

static int
s_read_custom (guard_rules_t *self, const cJSON *node, br_error_t *reterr)
{
    if (s_add_group (self, s_text (node, "name"), true, reterr))
        return -1;
    return s_add_pattern (self, node, "", reterr);
}

//  ---- sets

static const char *const s_fails[] = {
    [UNSAID] = "", [OPEN] = "open", [CLOSED] = "closed"
};

//  What a set says of a group, as its number; -1 = it is no word for that.
static int
s_word (const char *word, bool is_fail)
{
    guard_action_t action;
    if (!word)
        return -1;
    if (!is_fail)
        return guard_action_of (word, &action) ? -1 : (int) action;
    for (int i = UNSAID; i <= CLOSED; i++)
        if (strcmp (word, s_fails[i]) == 0)
            return i;
    return -1;
}

//  Members of a set that say something about groups.
static const struct {
    const char *name;
    bool is_custom;
    bool is_fail; //  of both kinds
    guard_direction_t direction;
} s_members[] = {
    { "upgoing", false, false, GUARD_UP },
    { "downgoing", false, false, GUARD_DOWN },
    { "custom_upgoing", true, false, GUARD_UP },
    { "custom_downgoing", true, false, GUARD_DOWN },
    { "fail", false, true, GUARD_UP },
};
#define MEMBERS (sizeof s_members / sizeof *s_members)

static int
s_say (guard_rules_t *self, row_t *rows, size_t member, const cJSON *said,
       br_error_t *reterr)
{
    bool is_fail = s_members[member].is_fail;
    int word = s_word (cJSON_GetStringValue (said), is_fail);
    bool found = false;
    for (size_t i = 0; word >= 0 && i < self->group_count; i++) {
        if ((!is_fail && self->groups[i].is_custom != s_members[member].is_custom)
            || strcmp (self->groups[i].id, said->string) != 0)
            continue;
        found = true;
        if (is_fail)
            rows[i].fail = (uint8_t) word;
        else
            rows[i].actions[s_members[member].direction] = (uint8_t) word;
    }
    if (found)
        return 0;
    return br_error_set (reterr, BR_ECONFIG, "guard: sets: %s: '%s' %s",
                         s_members[member].name, said->string,
                         word < 0 ? "has a word that is not known"
                                  : "is no pattern that is known");
}

static int
s_read_set (guard_rules_t *self, const cJSON *node, br_error_t *reterr)
{
    if (!cJSON_IsObject (node) || self->set_count == GUARD_SETS_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "guard: sets must be a list of at most %d objects",
                             GUARD_SETS_MAX);
    size_t set = self->set_count++;
    self->rows[set] = br_alloc (self->group_count + 1, sizeof *self->rows[set]);
    for (size_t member = 0; member < MEMBERS; member++) {
        const cJSON *rows = s_member (node, s_members[member].name);
        if (rows && !cJSON_IsObject (rows))
            return br_error_set (reterr, BR_ECONFIG, "guard: sets: %s is no object",
                                 s_members[member].name);
        for (const cJSON *row = rows ? rows->child : NULL; row; row = row->next)
            if (s_say (self, self->rows[set], member, row, reterr))
                return -1;
    }
    for (size_t i = 0; i < self->pattern_count; i++)
        for (int way = 0; way < GUARD_DIRECTIONS; way++) {
            uint8_t action = self->rows[set][self->patterns[i].group].actions[way];
            if (action > self->strictest[set][way])
                self->strictest[set][way] = action;
        }
    return 0;
}

//  ---- values that are allowed

static int
s_compare (const void *a, const void *b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
s_read_allow (guard_rules_t *self, const cJSON *root, br_error_t *reterr)
{
    const cJSON *allow = s_member (root, "allow");
    int count = allow ? cJSON_GetArraySize (allow) : 0;
    if (count > ALLOW_MAX)
        return br_error_set (reterr, BR_ECONFIG, "guard: allow has more than %d values",
                             ALLOW_MAX);
    self->allow = br_alloc ((size_t) count + 1, sizeof *self->allow);
    for (const cJSON *value = allow ? allow->child : NULL; value; value = value->next) {
        if (!cJSON_IsString (value))
            return br_error_set (reterr, BR_ECONFIG, "guard: allow: a value is no text");
        self->allow[self->allow_count++] = br_strdup (value->valuestring);
    }
    qsort (self->allow, self->allow_count, sizeof *self->allow, s_compare);
    return 0;
}

static int
s_compare_bytes (const char *match, size_t size, const char *value)
{
    size_t length = strlen (value);
    int order = memcmp (match, value, size < length ? size : length);
    return order ? order : (size > length) - (size < length);
}

bool
guard_rules_allows (const guard_rules_t *self, const char *match, size_t size)
{
    size_t low = 0, high = self->allow_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = s_compare_bytes (match, size, self->allow[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

//  ---- the slice

typedef int (read_fn) (guard_rules_t *self, const cJSON *node, br_error_t *reterr);

static int
s_each (guard_rules_t *self, const cJSON *root, const char *name, read_fn *read,
        br_error_t *reterr)
{
    const cJSON *list = s_member (root, name);
    if (list && !cJSON_IsArray (list))
        return br_error_set (reterr, BR_ECONFIG, "guard: %s is no list", name);
    for (const cJSON *node = list ? list->child : NULL; node; node = node->next)
        if (read (self, node, reterr))
            return -1;
    return 0;
}

static int
s_read (guard_rules_t *self, const cJSON *root, br_error_t *reterr)
{
    if (!cJSON_IsObject (root))
        return br_error_set (reterr, BR_ECONFIG, "guard: the slice is no object");
    const cJSON *message = s_member (root, "block_message");
    self->has_details = !cJSON_IsFalse (s_member (message, "include_details"));
    self->has_link = !cJSON_IsFalse (s_member (message, "include_help_link"));
    if (s_each (self, root, "families", s_read_family, reterr)
        || s_each (self, root, "custom", s_read_custom, reterr)
        || s_each (self, root, "sets", s_read_set, reterr)
        || s_read_allow (self, root, reterr))
        return -1;
    guard_prefilter_build (self->prefilter);
    return 0;
}

guard_rules_t *
guard_rules_new (const char *slice, br_error_t *reterr)
{
    guard_rules_t *self = BR_NEW (guard_rules_t);
    self->patterns = br_alloc (GUARD_PATTERNS_MAX, sizeof *self->patterns);
    self->prefilter = guard_prefilter_new ();
    self->tries = guard_try_new ();
    self->plans = guard_plans_new ();
    cJSON *root = cJSON_Parse (slice);
    int rc = s_read (self, root, reterr);
    cJSON_Delete (root);
    if (rc)
        guard_rules_destroy (&self);
    return self;
}

//  ---- asking

bool
guard_rules_has (const guard_rules_t *self, guard_sets_t sets,
                 guard_direction_t direction, guard_action_t least)
{
    for (size_t i = 0; i < self->set_count; i++)
        if (sets >> i & 1 && self->strictest[i][direction] >= least
            && self->strictest[i][direction] > GUARD_OFF)
            return true;
    return false;
}

size_t
guard_rules_count (const guard_rules_t *self)
{
    return self->pattern_count;
}

const char *
guard_rules_name (const guard_rules_t *self, unsigned pattern)
{
    return self->patterns[pattern].name;
}

const char *
guard_rules_family (const guard_rules_t *self, unsigned pattern)
{
    return self->patterns[pattern].family;
}

const char *
guard_rules_about (const guard_rules_t *self, unsigned pattern)
{
    return self->patterns[pattern].about;
}

guard_action_t
guard_rules_action (const guard_rules_t *self, guard_sets_t sets,
                    guard_direction_t direction, unsigned pattern)
{
    size_t group = self->patterns[pattern].group;
    unsigned action = GUARD_OFF;
    for (size_t i = 0; i < self->set_count; i++)
        if (sets >> i & 1 && self->rows[i][group].actions[direction] > action)
            action = self->rows[i][group].actions[direction];
    return (guard_action_t) action;
}

bool
guard_rules_fails_open (const guard_rules_t *self, guard_sets_t sets,
                        guard_direction_t direction, unsigned pattern)
{
    size_t group = self->patterns[pattern].group;
    unsigned fail = UNSAID;
    for (size_t i = 0; i < self->set_count; i++)
        if (sets >> i & 1 && self->rows[i][group].fail > fail)
            fail = self->rows[i][group].fail;
    if (fail != UNSAID)
        return fail == OPEN;
    return guard_rules_action (self, sets, direction, pattern) <= GUARD_WARN;
}

void
guard_rules_message (const guard_rules_t *self, const char *where,
                     const char *const *abouts, size_t count, br_buf_t *out)
{
    br_buf_addf (out, "guardrail blocked %s content", where);
    for (size_t i = 0; self->has_details && i < count; i++)
        br_buf_addf (out, "%s%s", i ? ", " : ": ", abouts[i]);
    if (self->has_link)
        br_buf_adds (out, ". For more information, see " LINK);
}

//  ---- for guard_text

guard_pattern_t *
guard_rules_pattern (const guard_rules_t *self, unsigned pattern)
{
    return &self->patterns[pattern];
}

guard_prefilter_t *
guard_rules_prefilter (const guard_rules_t *self)
{
    return self->prefilter;
}

guard_try_t *
guard_rules_tries (const guard_rules_t *self)
{
    return self->tries;
}

guard_plans_t *
guard_rules_plans (const guard_rules_t *self)
{
    return self->plans;
}

size_t
guard_rules_behind (const guard_rules_t *self)
{
    return self->behind;
}
