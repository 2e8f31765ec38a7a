// Metrics of the engine: hub, shard and router of each worker, and the links between workers.
import { type Metric, rowsOf } from './metric.ts'

const hub = rowsOf('hub', 'ringcast_hub_', [
  ['subscribers', 'subscribers', 'Subscriptions of channels: what this worker serves.'],
  ['channels', 'channels', 'Channels with subscribers here.'],
  ['patterns', 'patterns', 'Patterns with subscribers here.'],
  ['refused.*', 'subscribes_refused_total', 'Subscribes that were refused.'],
  ['closed.*', 'subscribers_closed_total', 'Subscribers that the engine closed.'],
  [
    'returnsMaxExceeded',
    'returns_max_exceeded_total',
    'Clients of a stopping node that were told to come back sooner than the rate allows, since nobody waits for more than 4 min.',
  ],
  ['writes', 'writes_total', 'Writes to subscribers: one for everything that one of them was due.'],
  [
    'laneHeld',
    'lane_held_total',
    'Times that a subscriber, though its connection took more, waited for a channel of higher priority on it.',
  ],
  ['passes', 'passes_total', 'Walks over the subscribers of one channel; writes per pass show the fan-out.'],
  [
    'dropped',
    'publications_dropped_total',
    'Publications that slow subscribers were not sent, by their policy.',
  ],
  [
    'parked',
    'subscribers_parked_total',
    'Times that a slow subscriber gave up its place to resume from history.',
  ],
  ['gapsTold', 'gaps_told_total', 'Times that a subscriber was told that publications are missing.'],
  ['gapsUntold', 'gaps_untold_total', 'Times that some were skipped and the protocol cannot say so.'],
  ['outboxAgeExceeded', 'closed_outbox_age_total', 'Subscribers closed for being behind too long.'],
  ['outboxBytesExceeded', 'closed_outbox_size_total', 'Subscribers closed for being too many bytes behind.'],
  [
    'connectionBytesExceeded',
    'closed_connection_size_total',
    'Subscribers closed for all of their connection.',
  ],
  [
    'workerBytesExceeded',
    'closed_worker_size_total',
    'Subscribers closed because all together were too far behind.',
  ],
  ['fanoutBytesExceeded', 'fanout_size_exceeded_total', 'Times that an owner was told to refuse publishes.'],
  ['patternBytesExceeded', 'pattern_size_exceeded_total', 'Times that a pattern had to skip what it held.'],
  ['attaches', 'attaches_total', 'Times that the owner of a channel was asked for it, first or again.'],
  [
    'disorders',
    'disorders_total',
    'Publications out of order, which made a hub ask again: links were full or lost.',
  ],
  ['recoveries', 'recoveries_total', 'Subscribers that named a position to go on from.'],
  ['resumeGaps', 'resume_gaps_total', 'Resumes of channels that history did not cover.'],
  [
    'patternResumeGaps',
    'pattern_resume_gaps_total',
    'Resumes of patterns, which are always answered with a gap.',
  ],
])

const shard = rowsOf('shard', 'ringcast_shard_', [
  ['publications', 'publications_total', 'Publications of the channels that this worker owns.'],
  [
    'duplicates',
    'duplicates_total',
    'Publishes with a known idempotency key, answered and not published again.',
  ],
  ['refused.*', 'publishes_refused_total', 'Publishes that the owner refused.'],
  ['channels', 'channels', 'Channels whose numbering this worker keeps.'],
  [
    'channelsAwaited',
    'channels_awaited',
    'Of them, those whose subscribers a restart, or a worker that failed, sent away.',
  ],
  ['historyBytes', 'history_bytes', 'Bytes that the history of all channels takes, bookkeeping included.'],
  [
    'historyOverSize',
    'history_over_length_total',
    'Publications that left history for the bound on their number.',
  ],
  [
    'historyOverBytes',
    'history_over_size_total',
    'Publications that left history for the bound on a channel’s bytes.',
  ],
  ['historyExpired', 'history_expired_total', 'Publications that left history for their age.'],
  [
    'historyEvicted',
    'history_evicted_total',
    'Publications that left history for the bound on a worker’s bytes.',
  ],
  ['forgotten', 'channels_forgotten_total', 'Idle channels whose numbering was given up.'],
  ['keysBytes', 'keys_bytes', 'Bytes that idempotency keys take, bookkeeping included.'],
  ['keysForgotten', 'keys_forgotten_total', 'Idempotency keys given up before their time, for want of room.'],
  ['orders', 'orders', 'Channels of which it is remembered what their publishers say of the order.'],
  ['heldDrafts', 'drafts_held', 'Publishes that wait for what they follow.'],
  ['heldBytes', 'drafts_held_bytes', 'Bytes that they take.'],
  ['draftsHeld', 'drafts_held_total', 'Publishes that had to wait for what they follow.'],
  ['draftsLate', 'drafts_late_total', 'Of them, those that were published before it came.'],
  [
    'draftsDropped',
    'drafts_dropped_total',
    'Publishes that were dropped: with an id that was seen, or behind one that waits for the same.',
  ],
  [
    'draftsAskedAgain',
    'drafts_asked_again_total',
    'Times that the broker was asked again for a publish that waits for what it follows.',
  ],
  ['draftsRefused', 'drafts_refused_total', 'Publishes that were refused because too much waits.'],
  ['idsBytes', 'ids_bytes', 'Bytes that publishers’ own ids take, bookkeeping included.'],
  [
    'idsForgotten',
    'ids_forgotten_total',
    'Publishers’ own ids given up before their time, for want of room.',
  ],
  ['recoveries', 'recoveries_total', 'Ranges of history that hubs asked for.'],
  ['recoveryGaps', 'recovery_gaps_total', 'Ranges that history did not cover.'],
  [
    'recoveriesDropped',
    'recoveries_dropped_total',
    'Ranges of history that were asked for and are not answered, because too many wait for the broker.',
  ],
  [
    'eachEntries',
    'each_entries_total',
    'Publications for all clients of a group that a worker of a joined node took for its own.',
  ],
  [
    'eachGaps',
    'each_gaps_total',
    'Clients’ streams that were told a gap because such a publication may be missing in them.',
  ],
  ['inspections', 'inspections_total', 'Questions of operators and front-ends about a channel.'],
  ['linksFull', 'links_full_total', 'Times that a full link withheld a channel from a worker until later.'],
  [
    'withheld',
    'withheld_total',
    'Times that a worker that holds too much of a channel is sent no more of it until later.',
  ],
  [
    'patternLinksFull',
    'pattern_links_full_total',
    'Times that a full link did not take what only patterns match.',
  ],
  ['linkGaps', 'link_gaps_total', 'Times that a worker was told a gap of a channel after a full link.'],
  [
    'patternGaps',
    'pattern_gaps_total',
    'Times that a worker was told a gap of its patterns after a full link.',
  ],
])

const router = rowsOf('router', 'ringcast_router_', [
  ['publishes.here', 'publishes_here_total', 'Publishes whose owner is the worker that took them.'],
  ['publishes.linked', 'publishes_linked_total', 'Publishes that crossed a link to their owner.'],
  ['publishes.elsewhere', 'publishes_elsewhere_total', 'Publishes that went to another node of the ring.'],
  ['refused.*', 'publishes_refused_total', 'Publishes refused by the worker that took them.'],
  ['questions', 'questions_total', 'Questions about channels that other workers were asked.'],
  ['questionsRefused', 'questions_refused_total', 'Questions that could not be asked.'],
  ['pending', 'pending', 'Publishes and questions that other workers have not answered yet.'],
])

const link = rowsOf('link', 'ringcast_link_', [
  ['batches', 'batches_total', 'Batches sent: one for everything that one turn had for the other worker.'],
  ['messages', 'messages_total', 'Messages in them.'],
  ['bytes', 'sent_bytes_total', 'Their size.'],
  [
    'refused',
    'sends_refused_total',
    'Sends refused because too much was under way: the other worker is behind.',
  ],
  ['publications', 'publications_total', 'Publications sent to a worker with subscribers.'],
  ['publishes', 'publishes_total', 'Publishes sent to the owner of their channel.'],
])

export const engineMetricRows: readonly Metric[] = [...hub, ...shard, ...router, ...link]
