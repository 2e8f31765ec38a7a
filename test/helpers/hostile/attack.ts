// Sends shapes to a listener, each over a connection of its own, and measures how long the daemon takes to answer or
// to close. Connections stay open until the end, so that whatever is hidden in them has all the time it needs.
import { connect, type Socket } from 'node:net'
import type { Shape } from './smuggling.ts'

export interface Hit {
  readonly shape: Shape
  readonly address: string
  /** From the last byte sent to the first byte of an answer, or to the close; undefined: neither came yet. */
  tookMs: number | undefined
  /** The first line of the first answer; empty without one. */
  answer: string
  closed: boolean
  readonly socket: Socket
}

/** How many connections are in the middle of it at a time. */
const atOnce = 12
/** A connection that says nothing for so long makes room for the next one; it is watched all the same. */
const patienceMs = 60

export async function attack(
  shots: readonly { readonly address: string; readonly shape: Shape }[],
): Promise<Hit[]> {
  const hits: Hit[] = []
  const waiting = [...shots]
  const gun = async () => {
    for (let shot = waiting.pop(); shot !== undefined; shot = waiting.pop()) {
      await fire(shot.address, shot.shape, hits)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, gun))
  return hits
}

async function fire(address: string, shape: Shape, hits: Hit[]): Promise<void> {
  const [host = '', port] = address.split(':')
  const socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true })
  const hit: Hit = { shape, address, tookMs: undefined, answer: '', closed: false, socket }
  hits.push(hit)
  const answered = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  let sentAt = performance.now()
  const hear = () => {
    hit.tookMs ??= performance.now() - sentAt
    answered.resolve()
  }
  socket.on('data', (bytes: Buffer) => {
    if (hit.answer === '') hit.answer = bytes.toString('latin1').split('\r\n')[0] ?? ''
    hear()
  })
  for (const event of ['end', 'close', 'error']) {
    // A reset is one way to be closed.
    socket.on(event, () => {
      hit.closed = true
      hear()
      over.resolve()
      socket.end()
    })
  }
  await new Promise<void>(connected => {
    socket.once('connect', () => connected())
    socket.once('error', () => connected())
  })
  for (const [index, segment] of shape.segments.entries()) {
    if (index === 1 && shape.opens) await answered.promise
    // A turn between two makes two segments of them.
    else if (index > 0) await new Promise(resolve => setImmediate(resolve))
    if (hit.tookMs === undefined) sentAt = performance.now()
    socket.write(Buffer.from(segment, 'latin1'))
  }
  const { promise: tired, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, patienceMs)
  await Promise.race([tired, shape.ends ? over.promise : answered.promise])
  clearTimeout(timer)
}
