// Sends shapes to a listener, each over a connection of its own, and measures how long the daemon takes to answer or
// to close. Connections stay open until the end, so that whatever is hidden in them has all the time it needs.
import { RawClient } from '../raw-client.ts'
import type { Shape } from './smuggling.ts'

export interface Hit {
  readonly shape: Shape
  readonly address: string
  /** From the last byte sent to the first byte of an answer, or to the close; undefined: neither came yet. */
  tookMs: number | undefined
  /** The first line of the first answer; empty without one. */
  readonly answer: string
  readonly client: RawClient
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
  const client = new RawClient(address)
  const hit: Hit = {
    shape,
    address,
    client,
    tookMs: undefined,
    get answer() {
      return client.text.split('\r\n')[0] ?? ''
    },
  }
  hits.push(hit)
  let sentAt = performance.now()
  // What is neither answered nor closed in time is told with all that hang.
  const heard = client.waitFor('an answer', () => client.size > 0 || client.closed).catch(() => {})
  const answered = heard.then(() => {
    hit.tookMs ??= performance.now() - sentAt
  })
  await client.connected()
  for (const [index, segment] of shape.segments.entries()) {
    if (index === 1 && shape.opens) await answered
    // A turn between two makes two segments of them.
    else if (index > 0) await new Promise(resolve => setImmediate(resolve))
    if (hit.tookMs === undefined) sentAt = performance.now()
    client.send(segment)
  }
  const over = shape.ends ? client.ended().catch(() => {}) : answered
  const { promise: tired, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, patienceMs)
  await Promise.race([tired, over])
  clearTimeout(timer)
}
