// Frames at random, damaged at random and cut at random: what our reader hears of them, the ws package's hears too, in the same order
// and with the same end. RINGCAST_FUZZ_RUNS is the number of inputs, RINGCAST_SEED the number of the first.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import type { FrameFault } from '../../src/net/gate/frame-peer.ts'
import { FrameReader, type FrameSink } from '../../src/net/gate/frame-reader.ts'
import { type Chance, chanceFrom, frameStream } from '../helpers/frames/frame-streams.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const runs = Number(process.env['RINGCAST_FUZZ_RUNS'] ?? 5_000)

interface Reading {
  readonly events: readonly string[]
  readonly end: string | undefined
}

/** The part of the ws package that is used here; it comes without types. */
interface Receiver extends NodeJS.EventEmitter {
  readonly writable: boolean
  write(bytes: Uint8Array): boolean
}
const { Receiver: OtherReader } = createRequire(import.meta.url)('ws') as {
  Receiver: new (options: object) => Receiver
} // see above

/** How it says the same. */
const sameFaults: Readonly<Record<string, readonly string[]>> = {
  opcode: ['WS_ERR_INVALID_OPCODE'],
  'reserved-bits': ['WS_ERR_UNEXPECTED_RSV_1', 'WS_ERR_UNEXPECTED_RSV_2_3'],
  'control-size': ['WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  'control-fragment': ['WS_ERR_EXPECTED_FIN'],
  fragment: ['WS_ERR_INVALID_OPCODE'],
  length: ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
} satisfies Record<FrameFault, readonly string[]>

/** Where it is stricter by design: a proxy takes frames without masks, and passes codes on. */
const stricter: ReadonlySet<string> = new Set(['WS_ERR_EXPECTED_MASK', 'WS_ERR_INVALID_CLOSE_CODE'])

function ours(pieces: readonly Buffer[]): Reading {
  const events: string[] = []
  let message: Buffer[] = []
  const sink: FrameSink = {
    message(kind, piece, _isFirst, isLast) {
      message.push(piece)
      if (!isLast) return
      events.push(`${kind} ${Buffer.concat(message).toString('hex')}`)
      message = []
    },
    ping: payload => void events.push(`ping ${payload.toString('hex')}`),
    pong: payload => void events.push(`pong ${payload.toString('hex')}`),
    closing: (code, reason) => void events.push(`close ${code ?? 1005} ${reason.toString('hex')}`),
  }
  const reader = new FrameReader()
  for (const piece of pieces) {
    reader.add(Buffer.from(piece))
    for (;;) {
      const found = reader.next(sink)
      if (found === 'more') break
      if (found !== 'frame') return { events, end: found }
    }
  }
  return { events, end: undefined }
}

async function theirs(pieces: readonly Buffer[]): Promise<Reading> {
  const events: string[] = []
  let end: string | undefined
  const reader = new OtherReader({ isServer: true, skipUTF8Validation: true })
  reader.on('message', (data: Buffer, isBinary: boolean) => {
    events.push(`${isBinary ? 'binary' : 'text'} ${data.toString('hex')}`)
  })
  for (const name of ['ping', 'pong'])
    reader.on(name, (data: Buffer) => void events.push(`${name} ${data.toString('hex')}`))
  reader.on('conclude', (code: number, reason: Buffer) => {
    events.push(`close ${code} ${reason.toString('hex')}`)
  })
  reader.on('error', (error: NodeJS.ErrnoException) => {
    end ??= error.code
  })
  // It ends itself with a close, and destroys itself with a fault.
  for (const piece of pieces) if (reader.writable) reader.write(Buffer.from(piece))
  await new Promise(resolve => setImmediate(resolve))
  return { events, end }
}

function cut(bytes: Buffer, chance: Chance): Buffer[] {
  const pieces: Buffer[] = []
  const most = chance(2) === 0 ? 8 : Math.max(1, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const to = at + 1 + chance(most)
    pieces.push(bytes.subarray(at, to))
    at = to
  }
  return pieces
}

test('the ws package reads alike whatever frames come', async t => {
  t.diagnostic(`seed ${seed}, ${runs} inputs`)
  let sound = 0
  for (let number = seed; number < seed + runs; number++) {
    const chance = chanceFrom(number)
    const pieces = cut(frameStream(chance), chance)
    const [mine, other] = [ours(pieces), await theirs(pieces)]
    try {
      if (other.end !== undefined && stricter.has(other.end))
        deepEqual(mine.events.slice(0, other.events.length), other.events)
      else {
        deepEqual(mine.events, other.events)
        if (mine.end === undefined) equal(other.end, undefined)
        else ok(sameFaults[mine.end]?.includes(other.end ?? ''), `${mine.end} and ${other.end}`)
      }
    } catch (cause) {
      const text = Buffer.concat(pieces).toString('hex')
      throw new Error(`RINGCAST_SEED=${number} RINGCAST_FUZZ_RUNS=1 is a find: ${text}`, { cause })
    }
    if (mine.end === undefined && mine.events.length > 0) sound++
  }
  // One that is repeated alone shows what it shows.
  ok(runs === 1 || sound > runs / 10, `only ${sound} inputs were read to their end`)
})
