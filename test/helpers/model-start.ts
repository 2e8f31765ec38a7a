// Where a subscriber of the model starts: for engines in a mesh and for a real daemon alike.
import type { Asked, OwnerModel } from './model.ts'
import type { Track } from './model-client.ts'
import type { Start } from './model-ops.ts'

/** `tracks`: all that the channel ever had; undefined: live. */
export function startAfter(
  model: OwnerModel,
  tracks: readonly Track[],
  channel: string,
  start: Start,
  back: number,
): Asked | undefined {
  if (start === 'own') {
    const had = tracks.filter(({ open, epoch }) => !open && epoch !== '')
    const track = had[had.length - 1 - (back % Math.max(had.length, 1))]
    return track && { epoch: track.epoch, offset: track.last }
  }
  const numbering = model.numberings.get(channel)
  if (start === 'live' || numbering === undefined) return undefined
  const epoch = { near: numbering.epoch, bare: undefined, foreign: 'elsewhere' }[start]
  // The first of them lies in the future.
  return { epoch, offset: Math.max(numbering.next - back, 0) }
}

export function textOf({ epoch, offset }: Asked): string {
  return epoch === undefined ? `${offset}` : `${epoch}.${offset}`
}
