//  ingress_worst: each candidate is weighed for itself, the dearest of each figure
//  counts.

#include <string.h>

#include "actors/ingress/ingress_worst.h"
#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "broker/proto/candidates.h"
#include "broker/proto/weight.h"

#define TOKENS_MAX (UINT64_C (1) << 40) //  more counts as so many
#define SOUND_BYTES_A_TOKEN 2           //  of base64: the leanest sound has more
#define MINI_IMAGE 49152                //  tokens
#define CANDIDATES_MAX 8                //  answers that Google gives at once

//  Models that count an image as more tokens than all others do.
//  src: OpenAI, images and vision: 2,833 tokens and 5,667 for each tile, 2026-11
static const struct {
    const char *part; //  of the model's name
    uint64_t tokens;
} s_images[] = { { "gpt-4o-mini", MINI_IMAGE } };

//  What is asked for, apart from who answers.
typedef struct {
    br_weight_t weight;
    bool is_counted; //  text is tokens, and all there is
    bool is_free;    //  it uses nothing
    bool no_reply;   //  it has no tokens of output
    bool has_tools;
    bool is_talk;     //  a maximum can be put into the request
    bool is_chosen;   //  the client has a maximum of output
    uint64_t chosen;  //  tokens
    uint64_t choices; //  count
} load_t;

static uint64_t
s_least (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
s_times (uint64_t a, uint64_t b)
{
    return a && b > TOKENS_MAX / a ? TOKENS_MAX : s_least (a * b, TOKENS_MAX);
}

//  ---- the load

static bool
s_is_without_reply (br_surface_t surface)
{
    static const br_surface_t surfaces[] = { BR_SURFACE_EMBEDDINGS,
                                             BR_SURFACE_GOOGLE_EMBED,
                                             BR_SURFACE_GOOGLE_EMBEDS,
                                             BR_SURFACE_MODERATIONS, BR_SURFACE_RERANK };
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++)
        if (surfaces[i] == surface)
            return true;
    return false;
}

//  A count from 1 on of Google's generationConfig by either of its names; 0 = it does not
//  say, or what is meant when it is anything else, or there twice.
static uint64_t
s_generation (const ingress_worst_ask_t *ask, const char *name, const char *snake,
              uint64_t otherwise)
{
    request_part_t part = ask->request->generation;
    json_row_t rows[2] = { { .key = name }, { .key = snake } };
    const uint8_t *bytes = (const uint8_t *) ask->body + part.offset;
    int64_t count = 0;
    if (ask->request->generation_unclear)
        return otherwise;
    if (part.size == 0 || json_members (bytes, part.size, rows, 2, NULL))
        return 0;
    size_t times = rows[0].count + rows[1].count;
    const json_row_t *row = rows[0].count ? &rows[0] : &rows[1];
    if (times == 0 || (times == 1 && row->type == JSON_NULL))
        return 0;
    if (times > 1 || row->type != JSON_NUMBER
        || json_integer (bytes + row->offset, row->size, &count, NULL) || count < 1)
        return otherwise;
    return (uint64_t) count;
}

static void
s_read_google (load_t *load, const ingress_worst_ask_t *ask)
{
    load->chosen = s_generation (ask, "maxOutputTokens", "max_output_tokens", 0);
    load->choices = s_generation (ask, "candidateCount", "candidate_count",
                                  CANDIDATES_MAX);
}

//  The greatest of the maxima that the protocol knows; 0 = none, or one of them is odd. One
//  of another protocol's name bounds nothing.
static uint64_t
s_chosen (const request_t *request, br_protocol_t wire)
{
    static const unsigned names[BR_PROTOCOL_COUNT] = {
        [BR_PROTOCOL_CHAT] = 1u << REQUEST_MAX_TOKENS
                             | 1u << REQUEST_MAX_COMPLETION_TOKENS,
        [BR_PROTOCOL_COMPLETIONS] = 1u << REQUEST_MAX_TOKENS,
        [BR_PROTOCOL_RESPONSES] = 1u << REQUEST_MAX_OUTPUT_TOKENS,
        [BR_PROTOCOL_MESSAGES] = 1u << REQUEST_MAX_TOKENS,
    };
    uint64_t most = 0;
    for (size_t i = 0; i < REQUEST_MAXIMA; i++)
        if (names[wire] >> i & 1 && request->maxima[i] > most)
            most = request->maxima[i];
    return most == REQUEST_UNBOUNDED ? 0 : most;
}

static load_t
s_load (const ingress_worst_ask_t *ask)
{
    const br_surface_row_t *row = br_surface_row (ask->surface);
    load_t load = { .choices = ask->request->choices };
    load.is_free = !row || row->kind == BR_SURFACE_OWN || row->kind == BR_SURFACE_TOKENS
                   || row->kind == BR_SURFACE_OBJECT;
    if (load.is_free)
        return load;
    load.is_counted = ask->input_tokens != NULL;
    if (load.is_counted)
        load.weight.text = *ask->input_tokens;
    else {
        load.weight = br_weight_of (row->wire, ask->body, ask->body_size);
        load.weight.endless |= row->place == REQUEST_FORM || *ask->request->previous;
    }
    load.no_reply = s_is_without_reply (ask->surface);
    load.has_tools = ask->request->tools;
    load.is_talk = row->kind == BR_SURFACE_TALK;
    if (load.is_talk && row->wire == BR_PROTOCOL_GOOGLE)
        s_read_google (&load, ask);
    else if (load.is_talk)
        load.chosen = s_chosen (ask->request, row->wire);
    load.is_chosen = load.chosen > 0;
    load.choices = load.choices ? load.choices : 1;
    return load;
}

//  ---- one candidate

static uint64_t
s_image (const char *model)
{
    for (size_t i = 0; i < sizeof s_images / sizeof *s_images; i++)
        if (strstr (model, s_images[i].part))
            return s_images[i].tokens;
    return INGRESS_WORST_IMAGE;
}

static uint64_t
s_input (const load_t *load, const char *model, uint64_t context)
{
    if (load->is_counted)
        return s_least (load->weight.text, TOKENS_MAX);
    uint64_t window = context ? context : INGRESS_WORST_WINDOW;
    uint64_t media = s_times (load->weight.images, s_image (model));
    media += load->weight.sound / SOUND_BYTES_A_TOKEN + (load->weight.sound > 0);
    media = load->weight.endless ? window : s_least (media, window);
    uint64_t tools = load->has_tools ? INGRESS_WORST_TOOLS : 0;
    return s_least (load->weight.text + media + tools, TOKENS_MAX);
}

uint64_t
ingress_worst_output (const ingress_offer_t *offer)
{
    if (offer->max_output)
        return offer->max_output;
    return offer->context ? s_least (offer->context, INGRESS_WORST_OUTPUT)
                          : INGRESS_WORST_OUTPUT;
}

static void
s_add_output (ingress_worst_t *worst, const load_t *load, const ingress_offer_t *offer,
              uint64_t input)
{
    uint64_t tokens = s_times (
        load->is_chosen ? load->chosen : ingress_worst_output (offer), load->choices);
    uint64_t least = s_times (INGRESS_WORST_LEAST, load->choices);
    int64_t rate = br_price_worst_output (offer->price, input);
    if (load->no_reply || tokens == 0)
        return;
    if (rate == BR_PRICE_NO_RATE) {
        worst->unpriced = true;
        return;
    }
    if (rate > worst->output_rate)
        worst->output_rate = rate;
    if (tokens > worst->output_tokens)
        worst->output_tokens = tokens;
    bool is_fixed = load->is_chosen || !load->is_talk;
    worst->output_least = is_fixed ? worst->output_tokens
                                   : s_least (least, worst->output_tokens);
}

static void
s_add (ingress_worst_t *worst, const load_t *load, const br_candidate_t *candidate,
       const ingress_offer_t *offer)
{
    uint64_t context = offer->context ? offer->context : candidate->context;
    uint64_t input = s_input (load, candidate->model, context);
    int64_t rate = br_price_worst_input (offer->price, input);
    if (input > worst->input_tokens)
        worst->input_tokens = input;
    if (rate == BR_PRICE_NO_RATE) {
        worst->unpriced = true;
        return;
    }
    int64_t nusd = br_price_at_most (rate, input);
    if (nusd > worst->fixed_nusd)
        worst->fixed_nusd = nusd;
    s_add_output (worst, load, offer, input);
}

//  ---- all of them

void
ingress_worst_find (const ingress_offers_t *offers, const ingress_worst_ask_t *ask,
                    ingress_worst_t *ret_worst)
{
    *ret_worst = (ingress_worst_t) { .unpriced = false };
    load_t load = s_load (ask);
    ret_worst->choices = load.choices ? load.choices : 1;
    if (load.is_free)
        return;
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (ask->candidates, rows, BR_CANDIDATES_MAX);
    ret_worst->unpriced = count <= 0;
    for (int i = 0; i < count; i++) {
        ingress_offer_t offer = ingress_offers_find (offers, rows[i].provider,
                                                     rows[i].model, ask->request->model);
        s_add (ret_worst, &load, &rows[i], &offer);
    }
}

int64_t
ingress_worst_nusd (const ingress_worst_t *self)
{
    int64_t output = br_price_at_most (self->output_rate, self->output_tokens);
    return output > INT64_MAX - self->fixed_nusd ? INT64_MAX : self->fixed_nusd + output;
}
