// Metrics of what joins the nodes, as each worker has it. A node that stands alone has none of them.
import { type Metric, rowsOf } from './metric.ts'

export const brokerMetricRows: readonly Metric[] = rowsOf('shard', 'ringcast_broker_', [
  ['broker.upLanes', 'lanes_up', 'Parts of the broker that this worker reaches and has caught up with.'],
  ['broker.outages', 'outages_total', 'Times that a part of the broker was lost.'],
  ['broker.nodes', 'nodes', 'Nodes of the cluster that live, this one included.'],
  [
    'broker.nodesDiffering',
    'nodes_differing',
    'Of them, those with another version, other namespaces or other protocols; the line `cluster-differs` says which.',
  ],
  ['broker.followed', 'channels_followed', 'Channels with subscribers here, which this worker follows.'],
  [
    'broker.lingering',
    'channels_lingering',
    'Channels that are followed still, though their last subscriber left.',
  ],
  // Publishes.
  [
    'broker.refused.*',
    'publishes_refused_total',
    'Publishes that were not taken; unknown: nobody can tell whether they were.',
  ],
  ['broker.appended', 'appended_total', 'Publishes that the broker took, or knew already by their key.'],
  [
    'broker.unordered',
    'unordered_total',
    'Publishes that were not the next in the order that their publishers say.',
  ],
  ['broker.refused', 'appends_refused_total', 'Publishes that the broker did not take, for certain.'],
  ['broker.unknown', 'appends_unknown_total', 'Publishes that the broker was given and did not answer.'],
  [
    'broker.damaged',
    'appends_failed_total',
    'Publishes that the broker could not take by themselves: its memory is full, or a key of the channel is none of ours.',
  ],
  [
    'broker.appendCalls',
    'append_calls_total',
    'Calls that carried publishes; publishes per call show how full they are.',
  ],
  ['broker.batches', 'batches_total', 'Of them, those that were written to the broker.'],
  [
    'broker.appendMs',
    'append_seconds_total',
    'Time that they took, there and back; by calls it is the round trip.',
    0.001,
  ],
  [
    'broker.appendMs.le.*',
    'append_round_trip_seconds',
    'Time of each of those calls: how many took how long.',
    0.001,
  ],
  [
    'broker.answersLate',
    'answers_late_total',
    'Publishers that were answered before this node had its own publication: it had a hole for too long.',
  ],
  [
    'broker.bytesUnderWay',
    'publishes_under_way_bytes',
    'Bytes of publishes that wait for the broker, or for its answer.',
  ],
  ['broker.underWay', 'calls_under_way', 'Calls that the broker has not answered yet.'],
  // What arrives.
  ['broker.deliveries', 'deliveries_total', 'Publications that arrived of channels that are followed.'],
  ['broker.echoes', 'echoes_total', 'Of them, those that had been read before.'],
  ['broker.strays', 'strays_total', 'Of other channels: they were let go of just before.'],
  ['broker.holes', 'holes_total', 'Deliveries that were not the next ones: what was missing is read.'],
  ['broker.catchUps', 'catch_ups_total', 'Reads of what was missing.'],
  [
    'broker.forgotten',
    'deliveries_forgotten_total',
    'Deliveries that waited for what was missing, were too many, and were read instead.',
  ],
  [
    'broker.gaps',
    'gaps_total',
    'Times that publications of a channel were missing, or that it could not be proven that none was.',
  ],
  [
    'broker.renumbered',
    'renumbered_total',
    'Times that the numbering of a channel went on elsewhere, and nothing was missing.',
  ],
  [
    'broker.setBacks',
    'set_backs_total',
    'Times that the broker had less of a channel than it gave out. Must stay 0.',
  ],
  [
    'broker.unreadable',
    'unreadable_total',
    'Publications of a later version, or damaged, in whose place a gap was told.',
  ],
  ['broker.matched', 'matched_total', 'Publications that arrived because a pattern fits.'],
  ['broker.matchedUnreadable', 'matched_unreadable_total', 'Of them, those of a later version, or damaged.'],
  ['broker.patterns', 'patterns', 'Patterns that this worker watches for at the broker.'],
  [
    'broker.strange',
    'strange_total',
    'Deliveries and answers that no node wrote: somebody else writes to the broker. What they say is passed over.',
  ],
  // Proof.
  ['broker.compared', 'compared_total', 'Channels that were compared with the broker after an outage.'],
  ['broker.compareDifferences', 'compare_differences_total', 'Of them, those that had gone on meanwhile.'],
  [
    'broker.recovered',
    'recovered_total',
    'Times that a part of the broker was there again, and caught up with.',
  ],
  [
    'broker.subscriptionsLost',
    'subscriptions_lost_total',
    'Subscriptions that the broker ended by itself, and that were made anew.',
  ],
  [
    'broker.asksRefused',
    'asks_refused_total',
    'Times that the broker did not say where a channel is, and was asked again: its memory is full, or the record is none of ours.',
  ],
  [
    'broker.refreshes',
    'refreshes_total',
    'Questions for the head of a channel, for a client that says that it was further.',
  ],
  [
    'broker.refreshesOverMax',
    'refreshes_over_limit_total',
    'Of them, those that were not asked, since too many waited.',
  ],
  ['broker.swept', 'swept_total', 'Quiet channels that were compared with the broker.'],
  ['broker.sweepDifferences', 'sweep_differences_total', 'Of them, those that were elsewhere. Must stay 0.'],
  // History and presence.
  ['broker.readsKept', 'reads_kept_total', 'Ranges of history that this worker had.'],
  ['broker.readPages', 'read_pages_total', 'Pages of history that the broker was asked for.'],
  [
    'broker.readsOverMax',
    'reads_over_limit_total',
    'Ranges that were answered with a gap, since too many waited.',
  ],
  ['broker.countsTold', 'counts_told_total', 'Numbers of subscribers that were told to other nodes.'],
  ['broker.counted', 'channels_counted', 'Channels whose number of subscribers other nodes know.'],
  ['broker.presenceAsked', 'presence_asked_total', 'Questions for subscribers of other nodes.'],
])
