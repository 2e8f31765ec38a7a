// The rows of ZeroMQ, against a running daemon of ours and against the original.
import { describe } from 'node:test'
import * as registry from '../../../src/frontends/registry.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { ringcastStarter, startOriginal } from './server.ts'
import { playZmq } from './zmq-play.ts'

/** Most of their time they wait for batches of statistics. */
const daemonsMax = 3

if ('grip' in registry) {
  describe('ZeroMQ', { concurrency: daemonsMax }, () => {
    for (const [workers, format] of [
      [1, 'json'],
      [3, 'json'],
      [3, 'tnetstring'],
    ] as const)
      playZmq({
        title: `workers: ${workers}`,
        format,
        isOriginal: false,
        start: (routes, specs) =>
          ringcastStarter(workers)(routes, {
            zmq_pull: specs['publish-pull'],
            zmq_sub: specs['publish-sub'],
            zmq_command: specs.command,
            zmq_stats: specs.stats,
            stats_format: format,
            message_block_bytes: '10',
            stats_report_interval_ms: '1000',
            subscription_linger_ms: '1000',
          }),
      })
  })
}

// One after the other: under load the original loses things.
for (const format of ['json', 'tnetstring'] as const)
  playZmq({
    title: 'Pushpin 1.36',
    format,
    isOriginal: true,
    skip: isPushpinMissing(),
    start: (routes, specs) =>
      startOriginal(routes, {
        push_in_spec: specs['publish-pull'],
        push_in_sub_specs: specs['publish-sub'],
        command_spec: specs.command,
        stats_spec: specs.stats,
        stats_format: format,
        message_block_size: '10',
        stats_report_interval: '1',
        subscription_linger: '1',
      }),
  })
