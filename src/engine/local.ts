// The shard of a worker as its own hub sees it, without a link between them.

import type { Spread } from './owner/spread.ts'
import type { Slot } from './words/link.ts'
import type { HubPort, ShardPort } from './words/ports.ts'

export function localShard(spread: Spread, slot: Slot, hub: () => HubPort): ShardPort {
  return {
    attach: attach => spread.attach(slot, attach, true),
    detach: (channel, lingerMs) => spread.detach(slot, channel, lingerMs),
    count: (channel, subscribers) => spread.count(slot, channel, subscribers),
    pressure: (channel, on) => spread.pressure(slot, channel, on),
    recover: (channel, question) => spread.recover(slot, channel, question),
    watch: (pattern, attempt) =>
      spread.watchers.add(slot, pattern, () => hub().watched(slot, pattern, attempt)),
    unwatch: pattern => spread.watchers.remove(slot, pattern),
  }
}
