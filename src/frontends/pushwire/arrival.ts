// From what a client says when it comes to what its session begins with, whatever the transport (contract §1.6, §3.3).
import { type Epoch, parseEpoch } from '../../engine/words/position.ts'
import type { ChannelPlan, Plan } from './config.ts'
import type { Auth } from './operations.ts'
import type { Permission } from './permission.ts'
import type { Place, Vector } from './vector.ts'

/** Channels of one connection: as many as a configuration may name. */
export const channelsMax = 255

/** What a client says of itself, once it is known to be allowed. */
export interface Arrival {
  readonly clientId: string
  readonly permission: Permission
  /** What it wants; empty: all that it may read. */
  readonly names: readonly string[]
  /** What it has of channels, by name. */
  readonly places: Vector
  /** What it has of those that are not among them; undefined: it did not say. */
  readonly resumeCursor: number | undefined
}

type Said = Pick<Auth, 'capabilities' | 'resumeCursor' | 'resumeCursors' | 'resumeEpochs'>

export function arrivalOf(said: Said, clientId: string, permission: Permission): Arrival {
  const { capabilities, resumeCursor, resumeCursors, resumeEpochs } = said
  const places = new Map<string, Place>()
  for (const [name, cursor] of resumeCursors) {
    places.set(name, { cursor, epoch: epochOf(resumeEpochs.get(name)) })
  }
  return { clientId, permission, names: capabilities, places, resumeCursor }
}

/** One that is none of ours matches none. */
function epochOf(text: string | undefined): Epoch | undefined {
  return text === undefined ? undefined : parseEpoch(text)
}

/**
 * What it is subscribed to, each once: what it wants and may read, in its order; without a wish, all that the configuration
 * names and it may read. `missed`: what it wants and does not get.
 */
export function channelsOf(plan: Plan, { names, permission }: Arrival): Wanted {
  const mayRead = ({ configured }: ChannelPlan) => permission.reads.has(configured)
  if (names.length === 0) return { channels: [...plan.byName.values()].filter(mayRead), missed: [] }
  const channels = new Set<ChannelPlan>()
  const missed: string[] = []
  for (const name of new Set(names)) {
    const channel = plan.find(name)
    if (channel !== undefined && mayRead(channel) && channels.size < channelsMax) channels.add(channel)
    else if (name !== plan.system.name) missed.push(name)
  }
  return { channels: [...channels], missed }
}

interface Wanted {
  readonly channels: readonly ChannelPlan[]
  readonly missed: readonly string[]
}
