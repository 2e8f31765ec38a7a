// One request that holds something, against the engine; what it is told is kept as words.
import type { ChannelName } from '../../../../src/engine/words/publication.ts'
import { Filters } from '../../../../src/frontends/grip/filter/filters.ts'
import { Frames } from '../../../../src/frontends/grip/format.ts'
import type { HoldContext } from '../../../../src/frontends/grip/hold/hold.ts'
import { Holding } from '../../../../src/frontends/grip/hold/holding.ts'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { Timers } from '../../../../src/frontends/grip/hold/timers.ts'
import type { HoldChannel } from '../../../../src/frontends/grip/instruct/instruct.ts'
import { draftOf } from '../../../../src/frontends/grip/item/draft.ts'
import type { Item } from '../../../../src/frontends/grip/item/item.ts'
import { channelName, Mesh } from '../../../helpers/mesh.ts'
import { FakeResponse, holdOf, instructOf } from './given-hold.ts'

const stored = { status: 200, reason: 'OK', rawHeaders: [], body: Buffer.from('stored') }

/** Channels belong to the second worker, so that they go live a turn later. */
export class HoldScene {
  readonly mesh = new Mesh({ workers: 2, ownerOf: () => 1, history: { size: 3, bytesMax: 1e9 } })
  readonly told: string[] = []
  readonly response = new FakeResponse()
  readonly holding: Holding
  /** What runs once all channels are live. */
  onJoined: () => void = () => {}

  /** `observer`: what statistics hear. */
  constructor(resumes = false, observer?: HoldContext['observer']) {
    const [engine] = this.mesh.engines
    if (engine === undefined) throw new Error('no engine')
    const frames = new Frames()
    const { clock } = this.mesh
    const tell = (what: string) => void this.told.push(what)
    this.holding = new Holding(
      {
        holds: {
          engine,
          clock,
          via: 'grip',
          format: frames.format,
          lingerMs: 60_000,
          resumes: () => resumes,
          observer,
        },
        frames,
        timers: new Timers(clock),
        stored: new StoredBytes(() => 1_000_000),
        filters: new Filters({ clock, lines: { filterFailed() {} }, perSecond: () => 100 }),
      },
      {
        isDebug: false,
        route: '',
        channelsOf: ({ channels }) =>
          new Map(
            channels.map(channel => [channelName(channel.name), channel] as [ChannelName, HoldChannel]),
          ),
        joined: () => {
          tell('joined')
          this.onJoined()
        },
        answer: (_stored, format) =>
          tell(format === undefined ? 'answer' : `answer ${Buffer.from(format.body as Uint8Array)}`), // no patches here
        askAgain: isAtOnce => {
          tell(isAtOnce ? 'again now' : 'again soon')
          this.holding.wait()
        },
        fetch: (_uri, isAtOnce) => tell(isAtOnce ? 'fetch now' : 'fetch soon'),
        ended: () => tell('ended'),
        behind: () => tell('behind'),
        torn: () => tell('torn'),
        lost: () => tell('lost'),
        filterOrigin: () => ({ uri: 'http://h/x', rule: { id: undefined, line: 1 }, post: () => undefined }),
      },
    )
  }

  /** Its origin answered with a response hold. */
  poll(...channels: readonly Partial<HoldChannel>[]): void {
    this.holding.join(holdOf({ mode: 'response', channels: channels.map(channel) }))
    this.holding.poll(stored, 55_000, 0)
    this.mesh.settle()
  }

  /** Its origin answered with a stream hold, and its page is whole. */
  stream(...channels: readonly Partial<HoldChannel>[]): void {
    const next = { uri: 'http://h/next', timeoutMs: 120_000 }
    const instruct = instructOf({ hold: holdOf({ channels: channels.map(channel) }), next })
    this.onJoined = () => {
      this.onJoined = () => {}
      this.holding.open(this.response, instruct).pageEnded(instruct)
    }
    this.holding.join(holdOf({ channels: channels.map(channel) }))
    this.mesh.settle()
  }

  publish(item: Item, channel = 'a'): void {
    const draft = draftOf({ ...item, channel })
    if (draft === undefined) throw new Error('no draft')
    this.mesh.engines[1]?.publish(draft, () => {})
    this.mesh.settle()
  }

  get heard(): readonly string[] {
    return this.told.splice(0).filter(what => what !== 'joined')
  }
}

export function channel({ name = 'a', prevId }: Partial<HoldChannel>): HoldChannel {
  return { name, filters: [], ...(prevId !== undefined && { prevId }) }
}
