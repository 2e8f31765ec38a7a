// Tells a test of each publication as its owner gave it its place, before anybody else hears of it.
import type { Between } from '../../src/engine/owner/shard.ts'
import type { Publication } from '../../src/engine/words/publication.ts'

/** `inner`: what stands between worker and ledger beside it. */
export function tapped(
  inner: Between | undefined,
  appended: ((publication: Publication) => void) | undefined,
): Between | undefined {
  if (appended === undefined) return inner
  return {
    broker: ledger => inner?.broker(ledger) ?? ledger,
    events(spread) {
      const events = inner?.events(spread) ?? spread
      return {
        followed: (channel, next, lastId) => events.followed(channel, next, lastId),
        gap: (channel, next, lastId) => events.gap(channel, next, lastId),
        presence: channel => events.presence(channel),
        renumbered: (channel, from, to) => events.renumbered(channel, from, to),
        matched: publication => events.matched(publication),
        patternGap: () => events.patternGap(),
        publication(publication) {
          appended(publication)
          events.publication(publication)
        },
      }
    },
  }
}
