// What one worker does when another process takes over the channels (law 21), in both of them: that of before follows the new
// owners over unix sockets in the state directory, and the new one waits there for its readers.
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { Engine } from '../engine/engine.ts'
import type { Slot } from '../engine/words/link.ts'
import { packChannels } from '../state/state.ts'
import type { Clock } from '../std/clock.ts'
import { packExact, unpackFromPort } from '../std/msgpack.ts'
import type { Log } from '../telemetry/log.ts'
import type { Answer, FollowQuestion, Question } from '../threads/control.ts'
import type { ParcelPort } from '../threads/parcel-port.ts'
import type { PortLink } from '../threads/port-link.ts'
import { SocketPort } from '../threads/socket-port.ts'
import { type Awaited, ownerMapOf, type Ring, workersOf } from './node.ts'

export type SuccessionStep = 'hold' | 'yield' | 'resume' | FollowQuestion

/** A way to another worker. */
export interface Way {
  readonly slot: Slot
  readonly port: ParcelPort
  /** See `Link`. */
  readonly isReader?: boolean
}

interface SuccessionParts {
  readonly slot: Slot
  readonly engine: Engine
  readonly links: Map<Slot, PortLink>
  openLink(way: Way): PortLink
}

/** The other questions are no steps. */
export function isStep(question: Exclude<Question, 'salvage'>): question is SuccessionStep {
  if (typeof question === 'object') return 'paths' in question
  return question === 'hold' || question === 'yield' || question === 'resume'
}

export function succeed(parts: SuccessionParts, step: SuccessionStep, done: (answer: Answer) => void): void {
  const { succession } = parts.engine
  switch (step) {
    case 'hold':
      return succession.hold(() => done(true))
    case 'yield':
      return succession.yield(channels => done(packChannels(channels)))
    case 'resume':
      succession.resume()
      return done(true)
    default:
      return follow(parts, step, done)
  }
}

function follow(
  { slot, engine, links, openLink }: SuccessionParts,
  { ring, paths }: FollowQuestion,
  done: (answer: Answer) => void,
): void {
  const own = ring as Ring // as the primary of the other process sent it
  const number = workersOf(own) + slot
  engine.succession.follow(number, ownerMapOf(own), () => {
    const before = [...links.values()]
    links.clear()
    for (const link of before) link.close()
    const waiting = new Set(paths)
    for (const [owner, path] of paths.entries()) {
      const socket = connect(path)
      const port = new SocketPort(socket)
      port.postMessage(packExact(number))
      engine.linkUp(openLink({ slot: owner, port }))
      // One that is gone again refuses by itself, and holds nobody up.
      const reached = () => {
        if (!waiting.delete(path) || waiting.size > 0) return
        engine.succession.resume()
        done(true)
      }
      socket.once('connect', reached).once('close', reached)
    }
  })
}

/** Who is on the way: they come later than the place where they are awaited is there. */
export interface Readers {
  readonly ways: Promise<readonly Way[]>
}

/** Readers that do not come are lost, and get what they missed where they come back to. */
const awaitMs = 10_000

/**
 * Resolves when they may come, with a promise of the ways to all of them, or to those that came in time. `awaited` undefined: there
 * are none.
 */
export async function readersOf(
  awaited: Awaited | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Log<string> },
): Promise<Readers> {
  if (awaited === undefined) return { ways: Promise.resolve([]) }
  const { path, readers } = awaited
  const ways: Way[] = []
  const { promise, resolve } = Promise.withResolvers<readonly Way[]>()
  const server = createServer(socket =>
    meet(socket, way => {
      ways.push(way)
      if (ways.length === readers) finish()
    }),
  )
  const finish = () => {
    cancel()
    server.close()
    resolve(ways)
  }
  const cancel = clock.after(awaitMs, () => {
    log.error(
      { code: 'readers-missing', readers, came: ways.length },
      'workers of the process before did not come',
    )
    finish()
  })
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o600)
  return { ways: promise }
}

/** The first parcel says which reader it is; what follows is its link's. */
function meet(socket: Socket, met: (way: Way) => void): void {
  const port = new SocketPort(socket)
  port.first(parcel => met({ slot: Number(unpackFromPort(parcel)), port, isReader: true }))
}
