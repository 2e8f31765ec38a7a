// A program that ends in one of several ways while a thread of ZeroMQ has receives pending and messages come as fast as they can:
// its exit status is what the test looks at. It has the thread and the primary's end of it, and stands for one worker itself.
import type { MessagePort } from 'node:worker_threads'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { Sides } from '../../../src/app/sides.ts'
import { frontend } from '../../../src/frontends/grip/frontend.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { openLog } from '../../../src/telemetry/log.ts'
import { PackedPort } from '../../../src/threads/side-port.ts'

const [folder = '', how = 'stop', wanted = '200'] = process.argv.slice(2)
const environment = {
  RINGCAST_MODE: 'development',
  RINGCAST_ONLY: 'grip',
  RINGCAST_LOG_LEVEL: 'error',
  RINGCAST_GRIP_ZMQ_PULL: `ipc://${folder}/pull`,
  RINGCAST_GRIP_ZMQ_SUB: `ipc://${folder}/sub`,
  RINGCAST_GRIP_ZMQ_COMMAND: `ipc://${folder}/command`,
  RINGCAST_GRIP_ZMQ_STATS: `ipc://${folder}/stats`,
}
const asked = {
  spec: `ipc://${folder}/backend`,
  method: 'POST',
  uri: 'http://t/',
  rawHeaders: ['Host', 't'],
  isUntrusted: false,
}
const { values } = readConfiguration([frontend as never], { environment }, systemRandom)
const log = await openLog({ logLevel: 'fatal', logFormat: 'json' }, 'primary')
let drafts = 0
let joins = 0
let line: PackedPort | undefined

const sides: Sides = new Sides({
  clock: systemClock,
  log,
  frontends: [frontend as never], // as the registry has it
  node: () => ({ values, ring: { kind: 'plain', workers: 1 } }),
  supervisor: {
    connect: (_slot, _room, port) => port && join(port),
    serving: () => [0],
    ask: async () => new Map(),
  },
})

function join(port: MessagePort): void {
  joins++
  const packed = new PackedPort(port)
  line = packed
  packed.send(['interest', true, ['there'], []])
  packed.send(['backends', [`ipc://${folder}/backend`]])
  packed.receive(message => {
    const [what, batch, list] = message as readonly ['drafts', number, readonly unknown[]] // of what is sent here, drafts are most
    if (what !== 'drafts') return
    drafts += list.length
    packed.send(['handled', batch, []])
    packed.send([
      'statistics',
      [{ type: 'message', fields: { count: list.length, channel: 'x'.repeat(300) } }],
    ])
    packed.send(['request', batch, { ...asked, body: new Uint8Array(1_000) }])
  })
}

/** So many came since the last thread was joined. */
async function flowing(): Promise<void> {
  const from = drafts
  while (drafts - from < Number(wanted)) await new Promise(resolve => setTimeout(resolve, 2))
}

const starting = sides.start()
if (how === 'early') {
  // While its sockets are being bound.
  await new Promise(resolve => setTimeout(resolve, Math.random() * 400))
  await sides.retire()
  await sides.stop()
  process.exit(0)
}
const why = await starting
if (why !== undefined) throw new Error(why)
await flowing()
const ends: Readonly<Record<string, () => Promise<number>>> = {
  async stop() {
    await sides.stop()
    return 0
  },
  async retire() {
    await sides.retire()
    await sides.stop()
    return 0
  },
  /** Nothing that it can be told is of this kind: it throws, ends, and another one comes. */
  async bug() {
    const before = joins
    line?.send(null)
    while (joins === before) await new Promise(resolve => setTimeout(resolve, 2))
    await flowing()
    await sides.stop()
    return 0
  },
  async crash() {
    return sides.stopNow(5_000) ? 0 : 3
  },
}
process.exit(await ends[how]?.())
