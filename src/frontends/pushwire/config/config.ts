// The configuration as the room uses it: channels with everything said that their records leave out, and who is let in.
// Pure. `planOf` is for settings without mistakes (mistakes.ts).
import { strict as assert } from 'node:assert'
import { matches } from '../../../engine/words/pattern.ts'
import { type ChannelName, parseChannelName } from '../../../engine/words/publication.ts'
import { NameMemo } from '../../../std/name-memo.ts'
import type { PushwireSettings } from '../settings.ts'

export type ChannelRecord = PushwireSettings['channels'][number]

export type Scope = 'channel' | 'client'
export type Lane = 'high' | 'normal' | 'low'

/** What becomes of a frame that a client sends (contract §16). */
export type HandlerPlan =
  | { readonly kind: 'none' }
  /** False in client scope alone. */
  | { readonly kind: 'broadcast'; readonly includeSender: boolean }
  /** `{client_id}` in it stands for the sender; see `targetOf`. */
  | { readonly kind: 'publish'; readonly to: string }
  | { readonly kind: 'webhook'; readonly url: string }

export interface ChannelPlan {
  /** In channel scope also the engine's. */
  readonly name: ChannelName
  /** As the configuration calls it, which may be a pattern: permissions go by it. */
  readonly configured: string
  readonly wireId: number | undefined
  /** 0 to 255. */
  readonly priority: number
  readonly lane: Lane
  readonly isSystem: boolean
  readonly scope: Scope
  readonly handler: HandlerPlan
  /** Frames, bytes and age of what is kept, per client in client scope. */
  readonly ring: number
  readonly ringBytes: number
  readonly ringAgeMs: number
  /** Of the streams of a client that is gone. */
  readonly retentionMs: number
  readonly overflow: 'gap' | 'close'
  readonly replayOnJoin: boolean
}

export interface Plan {
  /** As written, the system channel included. */
  readonly channels: readonly ChannelPlan[]
  readonly system: ChannelPlan
  /** All but the system channel and patterns, by name, in that order. */
  readonly byName: ReadonlyMap<string, ChannelPlan>
  /** The channel of that name, as it is configured, or as the first pattern that fits makes it. */
  find(name: string): ChannelPlan | undefined
}

/** What clients of the original's examples use (contract §1.2), and ours. */
const defaultChannels: readonly ChannelRecord[] = [
  { name: 'system', wireId: 5, priority: 0, system: true },
  { name: 'chat', wireId: 1, priority: 1, handler: 'broadcast', scope: 'channel' },
  // What the README and the playground begin with.
  { name: 'demo', handler: 'broadcast' },
  { name: '*', handler: 'broadcast' },
]

/** The place of a sender's id in a channel's `to`. */
export const clientIdMark = '{client_id}'

export function channelRecordsOf({ channels }: PushwireSettings): readonly ChannelRecord[] {
  return channels.length === 0 ? defaultChannels : channels
}

/** A name with a star stands for all channels that fit it: each is made when somebody first uses it (contract §16). */
export function isPattern(name: string): boolean {
  return name.includes('*')
}

/** Of channels: no comma, colon or blank, which separate them in event streams. */
const nameForm = /^[a-z][a-z0-9_.-]{0,63}$/i

/** Those that patterns made, in one worker; beyond it all are forgotten, and made again. */
const madeMax = 10_000

export function planOf(settings: PushwireSettings): Plan {
  const channels = channelRecordsOf(settings).map(record => channelPlanOf(record, settings))
  const system = channels.find(({ isSystem }) => isSystem)
  assert(system !== undefined, 'a configuration without a system channel has a mistake')
  const others = channels.filter(channel => channel !== system)
  const byName = new Map(
    others.filter(({ name }) => !isPattern(name)).map(channel => [String(channel.name), channel]),
  )
  const patterns = others.filter(({ name }) => isPattern(name))
  const made = new NameMemo<string, { readonly plan: ChannelPlan | undefined }>(madeMax, name => {
    const channel = nameForm.test(name) ? parseChannelName(name) : undefined
    const pattern = patterns.find(one => matches(one.name, name))
    return { plan: pattern && channel && { ...pattern, name: channel } }
  })
  const find = (name: string) => {
    const exact = byName.get(name)
    return exact !== undefined || patterns.length === 0 || name === system.name ? exact : made.of(name).plan
  }
  return { channels, system, byName, find }
}

/** The channel that a frame of this client goes to; undefined where the name is too long. */
export function targetOf(to: string, clientId: string): ChannelName | undefined {
  return parseChannelName(to.replaceAll(clientIdMark, clientId))
}

/** Frames that are between one client and the application have a stream of their own. */
export function scopeOf({ scope, handler }: ChannelRecord): Scope {
  return scope ?? (handler === 'publish' || handler === 'webhook' ? 'client' : 'channel')
}

/** Contract §4. */
function laneOf(priority: number): Lane {
  if (priority === 0) return 'high'
  return priority === 1 ? 'normal' : 'low'
}

function channelPlanOf(record: ChannelRecord, settings: PushwireSettings): ChannelPlan {
  const { ring, ringBytes, ringAgeMs, retentionMs, overflow } = settings
  const name = parseChannelName(record.name)
  assert(name !== undefined, 'a name that is too long is a mistake')
  const { priority = 1 } = record
  return {
    name,
    configured: record.name,
    wireId: record.wireId,
    priority,
    lane: laneOf(priority),
    isSystem: record.system === true,
    scope: scopeOf(record),
    handler: handlerOf(record),
    ring: record.ring ?? ring,
    ringBytes: record.ringBytes ?? ringBytes,
    ringAgeMs: record.ringAgeMs ?? ringAgeMs,
    retentionMs: record.retentionMs ?? retentionMs,
    overflow: record.overflow ?? overflow,
    replayOnJoin: record.replayOnJoin === true,
  }
}

function handlerOf({
  handler = 'none',
  includeSender = true,
  to = '',
  url = '',
}: ChannelRecord): HandlerPlan {
  switch (handler) {
    case 'none':
      return { kind: 'none' }
    case 'broadcast':
      return { kind: 'broadcast', includeSender }
    case 'publish':
      return { kind: 'publish', to }
    case 'webhook':
      return { kind: 'webhook', url }
    default:
      return handler satisfies never
  }
}
