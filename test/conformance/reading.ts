// Reads what a subscriber is sent, and holds it against what a row expects.
import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import type { Dialect, Subscriber } from './dialect.ts'
import type { CommonExpect } from './words.ts'

type Wire = Pick<Dialect, 'isBeat' | 'series'>
type Readable = Extract<CommonExpect, { kind: 'parts' | 'beats' | 'series' | 'cut' | 'ended' }>
type Wanted<Of extends Readable['kind']> = Extract<Readable, { kind: Of }>

/** Resolves with whether the subscriber is gone. */
export async function readFor(subscriber: Subscriber, expected: Readable, wire: Wire): Promise<boolean> {
  switch (expected.kind) {
    case 'parts':
      await readParts(subscriber, expected, wire)
      assertTime(subscriber, expected.fromMs)
      return false
    case 'beats':
      for (let beats = 0; beats < expected.count; beats++)
        ok(wire.isBeat((await subscriber.reader.next()) ?? 'the end'), 'a heartbeat')
      assertTime(subscriber, expected.fromMs)
      return false
    case 'series':
      for (let index = 0; index < expected.count; index++)
        equal(contentOf(await nextOf(subscriber, wire), wire), String(index))
      return false
    case 'cut':
      await readCut(subscriber, expected, wire)
      return true
    case 'ended':
      deepEqual(await restOf(subscriber, wire), expected.parts)
      equal(subscriber.client.closed, !expected.stays, 'the connection is closed')
      assertTime(subscriber, expected.fromMs)
      return true
  }
}

async function readParts(subscriber: Subscriber, expected: Wanted<'parts'>, wire: Wire): Promise<void> {
  const { amidBeats = false, parts } = expected
  const came: (string | undefined)[] = []
  for (const _ of parts) came.push(await (amidBeats ? nextOf(subscriber, wire) : subscriber.reader.next()))
  deepEqual(came, parts)
}

async function readCut(
  subscriber: Subscriber,
  { parts, shorterThan }: Wanted<'cut'>,
  wire: Wire,
): Promise<void> {
  const rest = await restOf(subscriber, wire)
  deepEqual(rest.splice(rest.length - parts.length), parts)
  deepEqual(
    rest.map(part => contentOf(part, wire)),
    Array.from(rest, (_, index) => String(index)),
    'a series without a hole',
  )
  ok(rest.length > 0 && rest.length < shorterThan, `${rest.length} of the series came`)
  await subscriber.client.ended()
}

/** The next part that is no heartbeat. */
async function nextOf({ reader }: Subscriber, { isBeat }: Wire): Promise<string | undefined> {
  for (;;) {
    const part = await reader.next()
    if (part === undefined || !isBeat(part)) return part
  }
}

/** All that comes until the end but for heartbeats. */
export async function restOf(subscriber: Subscriber, wire: Wire): Promise<string[]> {
  const parts: string[] = []
  for (;;) {
    const part = await nextOf(subscriber, wire)
    if (part === undefined) return parts
    parts.push(part)
  }
}

function contentOf(part: string | undefined, { series }: Wire): string {
  assert(series !== undefined && part !== undefined, 'a part of a series')
  return series.contentOf(part).trimEnd()
}

/** Later than that is the machine's matter; the room's own tests have a clock that says the moment. */
function assertTime({ sentMs }: Subscriber, fromMs = 0): void {
  const ms = performance.now() - sentMs
  ok(ms >= fromMs, `it came after ${ms} ms already`)
}
