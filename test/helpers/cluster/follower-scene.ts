// One channel that is followed, whose broker a test is; what the follower does and tells is noted as text.
import { Buffer } from 'node:buffer'
import type { Stretch, Where } from '../../../src/cluster/carrier.ts'
import { encodeEnvelope } from '../../../src/cluster/envelope.ts'
import { type Follower, Following, type Ways } from '../../../src/cluster/follower.ts'
import { noEpoch, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { channelName } from '../mesh.ts'

type Read = Stretch | 'other-epoch' | 'away'

export class FollowerScene implements Ways<Follower> {
  readonly channel: Follower = {
    name: channelName('c'),
    epoch: noEpoch,
    next: parseOffset(0),
    asking: undefined,
  }
  readonly following: Following<Follower>
  readonly told: string[] = []
  lastId: string | undefined
  #asked: ((where: Where | 'away') => void) | undefined
  #read: ((stretch: Read) => void) | undefined

  constructor(continues = false) {
    this.following = new Following(this, { continues })
    this.following.open(this.channel)
    this.following.ask(this.channel)
  }

  /** Live, at that place. */
  static live(next = 10, continues = false): FollowerScene {
    const scene = new FollowerScene(continues)
    scene.answer('e', 0, next)
    scene.take()
    return scene
  }

  wants(): void {
    this.told.push('wants')
    this.following.ask(this.channel)
  }

  ask(_channel: Follower, done: (where: Where | 'away') => void): void {
    this.told.push('asks')
    this.#asked = done
  }

  read(_channel: Follower, epoch: string, from: number, to: number, done: (stretch: Read) => void): void {
    this.told.push(`reads ${epoch} ${from}-${to}`)
    this.#read = done
  }

  opened({ epoch, next }: Follower, lastId: string | undefined): void {
    this.told.push(`opened ${epoch}.${next}${lastId === undefined ? '' : ` after ${lastId}`}`)
  }

  publication(_channel: Follower, { offset, content }: Parameters<Ways<Follower>['publication']>[1]): void {
    this.told.push(`${offset}${Buffer.from(content.payload)}`)
  }

  gap({ epoch, next }: Follower, lastId: string | undefined): void {
    this.told.push(`gap ${epoch}.${next}${lastId === undefined ? '' : ` after ${lastId}`}`)
  }

  renumbered({ epoch, next }: Follower, from: { epoch: string; offset: number }): void {
    this.told.push(`renumbered ${from.epoch}.${from.offset} ${epoch}.${next}`)
  }

  odd(_channel: Follower, what: string): void {
    this.told.push(what)
  }

  settled({ asking }: Follower): void {
    this.told.push(asking === undefined ? 'live' : 'waits')
  }

  take(): string[] {
    return this.told.splice(0)
  }

  deliver(epoch: string, offset: number, text = 'x', envelope = enveloped(text)): void {
    this.following.delivery(this.channel, parseEpoch(epoch), parseOffset(offset), envelope)
  }

  answer(
    epoch: string,
    first: number,
    next: number,
    previous?: readonly [epoch: string, next: number],
  ): void {
    const done = this.#asked
    this.#asked = undefined
    const [pe, pn] = previous ?? []
    done?.({
      epoch: parseEpoch(epoch),
      first: parseOffset(first),
      next: parseOffset(next),
      previous: pe === undefined ? undefined : { epoch: parseEpoch(pe), next: parseOffset(pn ?? 0) },
      lastId: this.lastId,
    })
  }

  askFails(): void {
    this.#asked?.('away')
  }

  page(from: number, ...texts: readonly string[]): void {
    this.pages({ from: parseOffset(from), envelopes: texts.map(enveloped) })
  }

  pages(read: Read): void {
    const done = this.#read
    this.#read = undefined
    done?.(read)
  }
}

export function enveloped(text: string): Uint8Array {
  const content = { kind: 'text', payload: Buffer.from(text) } as const
  return encodeEnvelope({ channel: channelName('c'), content, via: 'test' })
}
