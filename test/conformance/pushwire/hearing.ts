// What a client hears, held against what a row expects.
import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import { isPrivate } from '../../../src/engine/words/private.ts'
import { controlChannel } from '../../../src/frontends/pushwire/session/control.ts'
import type { Kind, Stage, Subscriber } from '../dialect.ts'
import { ownerCountsAll } from '../table.ts'
import type { OwnExpect } from './own-words.ts'
import type { Places } from './places.ts'
import { gap } from './texts.ts'

type Of<Union extends Kind, Name> = Extract<Union, { kind: Name }>

export async function hearFor(
  subscriber: Subscriber,
  expected: OwnExpect,
  stage: Stage,
  places: Places,
): Promise<void> {
  switch (expected.kind) {
    case 'hears':
      return hear(subscriber, expected, stage, places)
    case 'over':
      return hearEnd(subscriber, expected, stage, places)
    case 'flooded': {
      const { code, fromMs, last, others } = expected
      const all = await restOf(subscriber)
      deepEqual(all.splice(-2), [last, `close ${code}`])
      deepEqual(new Set(all), new Set(others))
      notBefore(subscriber, fromMs)
      return stage.left(subscriber)
    }
    case 'beats':
      for (let count = 0; count < expected.count; count++) equal(await subscriber.reader.next(), ': ka')
      return notBefore(subscriber, expected.fromMs)
    case 'lossy':
      return hearLossy(subscriber, expected, places)
    case 'cut-off': {
      const { channel, code, cursor, fewerThan, last } = expected
      const all = await restOf(subscriber)
      deepEqual(all.splice(-2), [last, `close ${code}`])
      const first = places.sum(cursor)
      deepEqual(
        all.map(text => numberOf(text, channel, first)),
        Array.from(all, (_, number) => number),
      )
      ok(all.length > 0 && all.length < fewerThan, `${all.length} came`)
      return stage.left(subscriber)
    }
    case 'overtaken':
      return hearOvertaken(subscriber, expected, places)
    case 'answered':
      throw new Error('a client is not answered')
  }
}

async function hearLossy(
  subscriber: Subscriber,
  { channel, count, cursor }: Of<OwnExpect, 'lossy'>,
  places: Places,
): Promise<void> {
  const first = places.sum(cursor)
  let next = 0
  let gaps = 0
  while (next < count) {
    const text = await nextOf(subscriber)
    assert(text !== undefined, `the end before ${next}`)
    const { payload } = JSON.parse(text)
    if (payload.op === 'resume_required') {
      const from = payload.from_cursor - first
      equal(text, places.fill(gap(channel, `${cursor}+${from}`)))
      ok(from > next, `from ${from} on, and ${next} is next`)
      next = from
      gaps++
    } else equal(numberOf(text, channel, first), next++)
  }
  ok(gaps > 0, 'nothing is missing')
}

/** So much waits behind a socket that is full, at least. */
const waitingMin = 8

async function hearOvertaken(
  subscriber: Subscriber,
  { fast, later, slow }: Of<OwnExpect, 'overtaken'>,
  places: Places,
): Promise<void> {
  const all: string[] = []
  const count = slow.count + fast.length + later.length
  while (all.length < count) all.push((await nextOf(subscriber)) ?? 'the end')
  const first = places.sum(slow.cursor)
  const placeOf = (text: string) => all.indexOf(places.fill(text))
  const [from = -1, ...next] = fast.map(placeOf)
  deepEqual(
    next,
    next.map((_, index) => from + index + 1),
  )
  const others = [...fast, ...later].map(text => places.fill(text))
  deepEqual(
    all.filter(text => !others.includes(text)).map(text => numberOf(text, slow.channel, first)),
    Array.from({ length: slow.count }, (_, number) => number),
  )
  const behind = count - from - fast.length
  ok(from > 0 && behind > waitingMin, `${from} came before, and ${behind} behind`)
  for (const text of later) ok(placeOf(text) > from, text)
}

/** As the payload says it, which must be what the cursor says. */
function numberOf(text: string, channel: string, first: number): number {
  const { payload, ...place } = JSON.parse(text)
  const number = Number.parseInt(payload, 10)
  deepEqual(place, { channel, cursor: first + number })
  return number
}

function notBefore({ sentMs }: Subscriber, fromMs: number): void {
  const ms = performance.now() - sentMs
  ok(ms >= fromMs, `it came after ${ms} ms already`)
}

async function hear(
  subscriber: Subscriber,
  { anyOrder, channels = [], id, isCounted, leaves = [], texts }: Of<OwnExpect, 'hears'>,
  stage: Stage,
  places: Places,
): Promise<void> {
  if (anyOrder) {
    const came: (string | undefined)[] = []
    for (const _ of texts) came.push(await nextOf(subscriber))
    deepEqual(came.sort(), texts.map(text => places.fill(text)).sort())
  } else {
    for (const text of texts) {
      const came = await nextOf(subscriber)
      equal(came, places.expected(text, came))
    }
  }
  if (id !== undefined) claimed(subscriber, id, stage)
  for (const channel of channels) if (!isPrivate(channel)) stage.subscribed(subscriber, channel)
  if (isCounted) for (const channel of channels) await ownerCountsAll(channel, stage.happened, stage.ground)
  for (const channel of leaves) await stage.unsubscribed(subscriber, channel)
}

async function hearEnd(
  subscriber: Subscriber,
  { code, fromMs = 0, texts }: Of<OwnExpect, 'over'>,
  stage: Stage,
  places: Places,
): Promise<void> {
  const came = await restOf(subscriber)
  const wanted = texts.map((text, index) => places.expected(text, came[index]))
  deepEqual(came, typeof code === 'number' ? [...wanted, `close ${code}`] : wanted)
  equal(subscriber.client.hasLastChunk, code === 'last chunk')
  notBefore(subscriber, fromMs)
  await stage.left(subscriber)
}

/** It hears what others of its id say, and says that it is there. */
function claimed(subscriber: Subscriber, id: string, stage: Stage): void {
  stage.subscribed(subscriber, controlChannel(id))
  stage.published(controlChannel(id), subscriber.slot, 1)
}

async function nextOf({ reader }: Subscriber): Promise<string | undefined> {
  for (;;) {
    const part = await reader.next()
    if (part !== 'ping' && part !== ': ka') return part
  }
}

async function restOf(subscriber: Subscriber): Promise<string[]> {
  const parts: string[] = []
  for (;;) {
    const part = await nextOf(subscriber)
    if (part === undefined) return parts
    parts.push(part)
  }
}
