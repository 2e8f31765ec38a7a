// The rows of ZeroMQ, against a running daemon of ours and against the original.
import * as registry from '../../../src/frontends/registry.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { ringcastStarter, startOriginal } from './server.ts'
import { playZmq, type ZmqSpecs } from './zmq-play.ts'

const routes = '* test\n'

if ('grip' in registry) {
  for (const workers of [1, 3])
    playZmq(`workers: ${workers}`, specs => ringcastStarter(workers)(routes, ours(specs)))
}

playZmq(
  'Pushpin 1.36',
  specs =>
    startOriginal(routes, {
      push_in_spec: specs['publish-pull'],
      push_in_sub_specs: specs['publish-sub'],
      command_spec: specs.command,
    }),
  isPushpinMissing(),
)

function ours(specs: ZmqSpecs): Readonly<Record<string, string>> {
  return {
    zmq_pull: specs['publish-pull'],
    zmq_sub: specs['publish-sub'],
    zmq_command: specs.command,
  }
}
