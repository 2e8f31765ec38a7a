// From what a client says when it comes to what its session begins with, whatever the transport (contract §1.6, §3.3).
import { type Epoch, noEpoch, parseEpoch } from '../../../engine/words/position.ts'
import type { Admission } from '../../session/admission.ts'
import type { ChannelPlan } from '../config/config.ts'
import type { Permission } from '../config/permission.ts'
import type { Question, Verdict } from '../validators/validator.ts'
import type { Ending } from '../wire/endings.ts'
import type { Auth, ServerOperation } from '../wire/operations.ts'
import type { Place, Vector } from '../wire/vector.ts'
import { channelsMax, type SessionKind } from './face.ts'
import type { Session } from './session.ts'

/** What comes in through one worker. */
export interface Arrivals extends SessionKind {
  readonly admission: Admission
  /** Calls `done` exactly once, possibly before it returns. */
  judge(question: Question, done: (verdict: Verdict) => void): void
  /** Counts why the node ended a connection. */
  ended(ending: Ending): void
}

type Said = Pick<Auth, 'resumeCursor' | 'resumeCursors' | 'resumeEpochs'>

/** What it says of channels that there are not would be kept for as long as it stays. */
export function placesOf({ plan }: Pick<SessionKind, 'plan'>, { resumeCursors, resumeEpochs }: Said): Vector {
  const named = [...resumeCursors].flatMap(([name, cursor]) => {
    const channel = plan.find(name)
    return channel === undefined
      ? []
      : [[channel.name, { cursor, epoch: epochOf(resumeEpochs.get(name)) }] as const]
  })
  return vectorOf(named)
}

/** The same of a vector. */
export function knownPlaces({ plan }: Pick<SessionKind, 'plan'>, places: Vector): Vector {
  return vectorOf(
    [...places].flatMap(([name, place]) => {
      const channel = plan.find(name)
      return channel === undefined ? [] : [[channel.name, place] as const]
    }),
  )
}

const noPlaces: ReadonlyMap<string, Place> = new Map()

/** A map of its own for whoever says nothing would be a tenth of what an idle connection takes. */
function vectorOf(entries: readonly (readonly [string, Place])[]): Vector {
  return entries.length === 0 ? noPlaces : new Map(entries.slice(0, channelsMax))
}

/** One that is none of ours matches none. */
function epochOf(text: string | undefined): Epoch | undefined {
  return text === undefined ? undefined : parseEpoch(text)
}

/**
 * What it is subscribed to, each once: what it wants and may read, in its order; without a wish, all that the configuration
 * names and it may read. `missed`: what it wants and does not get.
 */
export function channelsOf(
  { plan }: Pick<SessionKind, 'plan'>,
  permission: Permission,
  names: readonly string[],
): Wanted {
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

/** The answer to `auth`: the positions that were named, never the heads (contract §1.6). */
export function positionsOf(session: Session): ServerOperation {
  const { places, resumeCursor = 0 } = session
  // Of a feed that misses something it would be read as the epoch of what its client has.
  const exact = session.feeds.filter(feed => !session.misses(feed))
  return {
    op: 'auth_ok',
    resumeCursor,
    resumeCursors: new Map([...places].map(([name, { cursor }]) => [name, cursor])),
    resumeEpochs: new Map(exact.map(({ name, place }) => [name, place.epoch ?? noEpoch])),
    resumeHeads: new Map(exact.map(({ name, place }) => [name, place.cursor])),
  }
}
