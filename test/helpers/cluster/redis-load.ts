// Numbered publications through a carrier, one call after the other as the port wants it, and whether what became of each is what
// the stream has.
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Appended, AppendOutcome } from '../../../src/cluster/carrier.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { append } from './carrier-scene.ts'
import type { HeardCarrier } from './heard-carrier.ts'

export interface Load {
  /** By the text of the publication. */
  readonly outcomes: ReadonlyMap<string, AppendOutcome>
  stop(): Promise<void>
}

const batchSize = 3

/** Goes on while the lane is down, too. */
export function startLoad(heard: HeardCarrier, channel: ChannelName, mark = ''): Load {
  const outcomes = new Map<string, AppendOutcome>()
  let isStopped = false
  let count = 0
  const run = async () => {
    while (!isStopped) {
      const texts = Array.from({ length: batchSize }, () => `${mark}${count++}`)
      const answers = await heard.append(
        ...texts.map(text => append(channel, text, { historySize: 1_000_000, historyTtlMs: 3_600_000 })),
      )
      for (const [index, text] of texts.entries()) outcomes.set(text, answers[index] ?? 'unknown')
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  const running = run()
  return {
    outcomes,
    stop() {
      isStopped = true
      return running
    },
  }
}

export function isAppended(outcome: AppendOutcome | undefined): outcome is Appended {
  return typeof outcome === 'object' && 'offset' in outcome
}

export function appendedOf(outcomes: ReadonlyMap<string, AppendOutcome>): number {
  return [...outcomes.values()].filter(isAppended).length
}

/** `entries`: what `XRANGE` lists. `lost`: what a server that took over may not have. */
export function judgeLoad(
  outcomes: ReadonlyMap<string, AppendOutcome>,
  entries: unknown,
  { mayLose = false } = {},
): void {
  ok(Array.isArray(entries))
  const offsets = new Map<string, number[]>()
  for (const entry of entries) {
    const [id, [, text]] = entry
    offsets.set(text, [...(offsets.get(text) ?? []), Number.parseInt(id, 10)])
  }
  for (const [text, outcome] of outcomes) {
    const places = offsets.get(text) ?? []
    ok(places.length <= 1, `${text} is there ${places.length} times`)
    if (isAppended(outcome) && !(mayLose && places.length === 0)) deepEqual(places, [outcome.offset], text)
    if (outcome === 'away' || outcome === 'overloaded') equal(places.length, 0, `${text} is ${outcome}`)
  }
}
