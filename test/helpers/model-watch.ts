// Watches the links of a mesh for the model: which position each draft got, which hubs are live with their owners, and
// what happened that may cost somebody publications.
import { equal, fail, ok } from 'node:assert/strict'
import type { Engine } from '../../src/engine/engine.ts'
import type { LinkMessage } from '../../src/engine/words/link.ts'
import { engineDefaults } from './mesh.ts'
import type { MeshObserver } from './mesh-link.ts'
import type { OwnerModel } from './model.ts'

interface Sent {
  readonly channel: string
  readonly text: string
  readonly key: string
}

export interface WatchDependencies {
  readonly model: OwnerModel
  ownerOf(channel: string): number
  engine(slot: number): Engine | undefined
  opened(slot: number): void
  serves(slot: number): boolean
  readonly isLate: boolean
  now(): number
}

export class LinkWatch implements MeshObserver {
  readonly #dependencies: WatchDependencies
  readonly #model: OwnerModel
  /** Drafts on their way, by link and request. An owner may answer on a link whose other end is gone. */
  readonly #drafts = new Map<string, Sent>()
  /** The last attach of each hub and channel. */
  readonly #attempts = new Map<string, number>()
  /** Questions of hubs for what subscribers missed, by worker and channel, with the time of each that is not answered. */
  readonly #questions = new Map<string, Map<number, number>>()
  readonly #live = new Set<string>()
  readonly #disturbed = new Set<string>()

  constructor(dependencies: WatchDependencies) {
    this.#dependencies = dependencies
    this.#model = dependencies.model
  }

  opened(slot: number): void {
    this.#dependencies.opened(slot)
  }

  sent(from: number, to: number, message: LinkMessage, start: number): void {
    switch (message[0]) {
      case 'publish': {
        const [, request, [channel, , key, , payload]] = message
        this.#drafts.set(`${start} ${from}>${to} ${request}`, {
          channel,
          text: Buffer.from(payload).toString(),
          key,
        })
        return
      }
      case 'published':
        return this.#published(from, to, message, start)
      case 'hello':
        for (const [channel, attempt] of message[1]) this.#asked(from, channel, attempt)
        return
      case 'attach':
        return this.#asked(from, message[1][0], message[1][1])
      case 'attached':
        return this.#answered(message)
      case 'recover': {
        const asked = this.#questions.get(`${from} ${message[1]}`) ?? new Map<number, number>()
        this.#questions.set(`${from} ${message[1]}`, asked.set(message[2], this.#dependencies.now()))
        return
      }
      case 'pressure':
        // Brokers that answer late: what comes all the same may be withheld, and be gone when it is asked for.
        if (message[2] && this.#dependencies.isLate) this.#disturb(from, message[1])
        return
      case 'detach':
        this.#live.delete(`${from} ${message[1]}`)
        return
    }
  }

  refused(_from: number, to: number, message: LinkMessage): void {
    if (message[0] === 'publication') this.#disturb(to, message[1])
  }

  received(from: number, to: number, message: LinkMessage): void {
    if (message[0] === 'recovered') this.#questions.get(`${to} ${message[1]}`)?.delete(message[2])
    if (message[0] !== 'attached' || !this.#dependencies.serves(from)) return
    const [, channel, attempt] = message
    if (this.#attempts.get(`${to} ${channel}`) === attempt) this.#live.add(`${to} ${channel}`)
  }

  /** Some question of the worker waits for longer than a subscriber does. */
  asksInVain(slot: number, channel: string): boolean {
    const asked = this.#questions.get(`${slot} ${channel}`)?.values() ?? []
    return [...asked].some(at => this.#dependencies.now() - at > engineDefaults.attachTimeoutMs)
  }

  isLive(slot: number, channel: string): boolean {
    return this.#live.has(`${slot} ${channel}`)
  }

  /** With no channel: anything at all at that worker. */
  disturbed(slot: number, channel: string): boolean {
    return this.#disturbed.has(`${slot} ${channel}`)
  }

  /** The worker, owner of these channels, ended; returns which of the others have all of each, if it said farewell. */
  ownerEnded(channels: readonly string[], others: readonly number[], farewell: boolean): Set<number>[] {
    if (!farewell) for (const other of others) this.#disturb(other, '')
    return channels.map(channel => {
      const vouchers = others.filter(other => this.isLive(other, channel) && !this.disturbed(other, channel))
      for (const other of others) {
        this.#live.delete(`${other} ${channel}`)
        if (!farewell || !vouchers.includes(other)) this.#disturb(other, channel)
      }
      return new Set(farewell ? vouchers : [])
    })
  }

  hubEnded(slot: number): void {
    for (const set of [this.#live, this.#disturbed]) {
      for (const key of set) if (key.startsWith(`${slot} `)) set.delete(key)
    }
  }

  /** All that was under way between living workers has arrived. */
  calm(served: (channel: string) => boolean): void {
    for (const key of this.#disturbed)
      if (served(key.slice(key.indexOf(' ') + 1))) this.#disturbed.delete(key)
  }

  /** Law 4: whatever is answered is in the owner's numbering already. */
  checkAppended(owner: number, channel: string, offset: number): void {
    const snapshot = this.#dependencies.engine(owner)?.snapshot() ?? fail('an owner that is gone answers')
    const [, , , next = 0] = snapshot.find(([name]) => name === channel) ?? []
    ok(next > offset, `${channel}: ${offset} is answered before it is appended`)
  }

  #published(owner: number, to: number, message: LinkMessage & { 0: 'published' }, start: number): void {
    const [, request, epoch, offset, , duplicate] = message
    const draft = this.#drafts.get(`${start} ${to}>${owner} ${request}`) ?? fail('an answer to nothing')
    const { channel, text, key } = draft
    equal(this.#dependencies.ownerOf(channel), owner)
    if (duplicate) this.#model.duplicate(channel, epoch, offset, key)
    else this.#model.append(channel, epoch, offset, text, key)
    this.checkAppended(owner, channel, offset)
  }

  #asked(from: number, channel: string, attempt: number): void {
    this.#attempts.set(`${from} ${channel}`, attempt)
    this.#live.delete(`${from} ${channel}`)
    this.#questions.delete(`${from} ${channel}`)
  }

  #answered([, channel, , epoch, next]: LinkMessage & { 0: 'attached' }): void {
    const known = this.#model.numberings.get(channel)
    if (known?.epoch !== epoch) return void this.#model.observe(channel, epoch, next)
    this.#model.observe(channel, epoch)
    ok(next <= known.next, `${channel}: a hub is told ${next}, beyond ${known.next}`)
  }

  #disturb(slot: number, channel: string): void {
    this.#disturbed.add(`${slot} ${channel}`)
    this.#disturbed.add(`${slot} `)
  }
}
