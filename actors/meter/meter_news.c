//  meter_news: what others are told of rows that are on disk.

#include "broker/proto/attribution.h"
#include "actors/meter/meter_news.h"

static void
s_raise_settled (br_ctx_t *ctx, const br_msg_t *msg, const br_price_cost_t *cost)
{
    const struct br_call_settle *settle = br_msg_fields (msg);
    char call[BR_ID_TEXT];
    br_attribution_t who;
    br_attribution_read (&who, settle->who);
    struct br_event_call_settled event = { .call = br_id_text (msg->call, call) };
    event.request_id = settle->request_id;
    event.route = settle->route;
    event.provider = settle->provider;
    event.model = settle->model;
    event.account_id = who.account;
    event.latency_ms = settle->latency_us / 1000;
    event.input_tokens = settle->input_tokens;
    event.output_tokens = settle->output_tokens;
    event.success = settle->outcome == BR_OUTCOME_OK;
    if (settle->code != BR_OK)
        event.error_type = br_code_label ((br_code_t) settle->code);
    event.cost_known = cost->nusd != BR_PRICE_UNKNOWN;
    if (event.cost_known)
        event.cost_nusd = (uint64_t) cost->nusd;
    event.usage_known = settle->usage_known;
    event.first_ms = settle->first_us / 1000;
    event.session = who.session;
    event.run = who.run;
    event.agent = who.agent;
    event.step = who.step;
    br_ctx_event (ctx, BR_EVENT_CALL_SETTLED, &event);
}

//  Who hears of rows. One that is not there misses nothing: it asks for sums at its start.
void
meter_news_begin (meter_news_t *self, br_ctx_t *ctx)
{
    self->ctx = ctx;
    self->hearers[0] = br_ctx_find (self->ctx, "auth");
    self->hearers[1] = br_ctx_find (self->ctx, "metrics");
}

static void
s_tell_metered (const meter_news_t *self, br_id_t call,
                const struct br_call_metered *metered)
{
    for (size_t i = 0; i < sizeof self->hearers / sizeof *self->hearers; i++)
        if (br_addr_is_set (self->hearers[i]))
            (void) br_ctx_send (self->ctx, self->hearers[i], BR_CALL_METERED, call, 0,
                                metered, NULL);
}

void
meter_news_settle (const meter_news_t *self, const meter_settle_t *row)
{
    struct br_call_metered metered = meter_entry_metered (br_msg_fields (row->msg),
                                                          &row->kept);
    s_tell_metered (self, row->msg->call, &metered);
    if (row->kept.is_first && br_ctx_is_watched (self->ctx))
        s_raise_settled (self->ctx, row->msg, &row->cost);
}

typedef struct {
    const meter_news_t *news;
    br_buf_t who;
} s_lost_t;

static int
s_on_lost_row (void *arg, const ledger_entry_t *entry)
{
    s_lost_t *lost = arg;
    struct br_call_metered metered = meter_entry_lost (entry, &lost->who);
    if (entry->is_lost)
        s_tell_metered (lost->news, entry->call, &metered);
    return 0;
}

int
meter_news_lost (const meter_news_t *self, ledger_sqlite_t *ledger, uint64_t seq,
                 br_error_t *reterr)
{
    s_lost_t lost = { .news = self };
    br_buf_init (&lost.who, BR_ATTRIBUTION_MAX);
    int rc = ledger_sqlite_read (ledger, seq, s_on_lost_row, &lost, reterr);
    br_buf_free (&lost.who);
    return rc;
}
