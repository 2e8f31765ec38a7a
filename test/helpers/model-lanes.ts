// Law 20 as the model sees it: whoever is offered something goes first on its wire, or so much went ahead of its lane.
import { equal, ok } from 'node:assert/strict'
import { outboxOf } from '../../src/engine/reader/outbox.ts'
import type { Track } from './model-client.ts'
import { laneOfChannel, modelLanes } from './model-settings.ts'

/** What higher lanes of one wire wrote since each had something. */
export class LaneCheck {
  readonly #ahead = [0, 1, 2].map(lane => ({ lane, frames: 0, bytes: 0 }))

  offered(channel: string, frames: number, bytes: number, tracks: ReadonlyMap<string, Track>): void {
    const own = laneOfChannel(channel)
    for (const ahead of this.#ahead) {
      if (ahead.lane === own) {
        const before = [...tracks.values()].find(track => laneOfChannel(track.channel) < own && waits(track))
        if (before !== undefined) {
          const owed = ahead.frames >= modelLanes.laneFramesMax || ahead.bytes >= modelLanes.laneBytesMax
          ok(owed, `${channel} is written while ${before} waits`)
          equal(frames, 1, `${channel} has more than its turn while ${before} waits`)
        }
        ahead.frames = 0
        ahead.bytes = 0
      } else if (ahead.lane > own) {
        ahead.frames += frames
        ahead.bytes += bytes
      }
    }
  }
}

/** Its worker has something for it that it was not offered. */
function waits({ subscription, open }: Track): boolean {
  return open && subscription !== undefined && outboxOf(subscription).waits
}
