// A mesh that takes over the channels of another one, step by step, and the links between the workers of both.
import type { ChannelSnapshot } from '../../src/engine/owner/snapshot.ts'
import type { LinkMessage } from '../../src/engine/words/link.ts'
import { unpack } from '../../src/std/msgpack.ts'
import type { Mesh } from './mesh.ts'
import { MeshLink } from './mesh-link.ts'

const bytesMax = 1_048_576

export class Successors {
  readonly old: Mesh
  readonly young: Mesh
  readonly #links: { readonly link: MeshLink; receive(messages: readonly LinkMessage[]): void }[] = []
  /** What the old owners left. */
  left: readonly ChannelSnapshot[] = []

  /** Both have as many workers as they have engines; channels belong to the number at the end of their names. */
  constructor(old: Mesh, young: Mesh) {
    this.old = old
    this.young = young
  }

  hold(): void {
    this.#step('hold', (engine, done) => engine.succession.hold(done))
  }

  /** What the old owners leave is restored by the new ones, before they are linked. */
  leave(): void {
    const left: ChannelSnapshot[] = []
    this.#step('yield', (engine, done) =>
      engine.succession.yield(channels => {
        left.push(...channels)
        done()
      }),
    )
    this.left = left
    const workers = this.young.engines.length
    for (let slot = 0; slot < workers; slot++) {
      this.young.kill(slot)
      this.young.start(
        slot,
        left.filter(([name]) => ownerOf(name, workers) === slot),
      )
    }
    this.young.settle()
  }

  follow(): void {
    const workers = this.young.engines.length
    this.#step('follow', (engine, done, slot) =>
      engine.succession.follow(workers + slot, channel => ownerOf(channel, workers), done),
    )
    for (const [from, reader] of this.old.engines.entries()) {
      for (const [to, owner] of this.young.engines.entries()) {
        const number = workers + from
        const there = new MeshLink(number, to, bytesMax, 0, {})
        const back = new MeshLink(to, number, bytesMax, 0, {})
        back.isReader = true
        this.#links.push(
          { link: there, receive: messages => owner?.receive(number, messages) },
          { link: back, receive: messages => reader?.receive(to, messages) },
        )
        owner?.linkUp(back)
        reader?.linkUp(there)
      }
    }
  }

  resume(): void {
    for (const engine of this.old.engines) engine?.succession.resume()
  }

  /** All steps. */
  complete(): void {
    this.hold()
    this.leave()
    this.follow()
    this.resume()
    this.settle()
  }

  settle(): void {
    for (let isBusy = true; isBusy; ) {
      this.old.settle()
      this.young.settle()
      isBusy = false
      for (const { link, receive } of this.#links) {
        link.flush()
        for (const { bytes, cost } of link.batches.splice(0)) {
          isBusy = true
          receive(unpack(bytes) as LinkMessage[]) // packed by the link
          link.underWay -= cost
        }
      }
    }
  }

  /** Time passes until all workers of the old mesh have done it. */
  #step(
    name: string,
    step: (engine: NonNullable<Mesh['engines'][number]>, done: () => void, slot: number) => void,
  ): void {
    const waiting = new Set(this.old.engines.keys())
    for (const [slot, engine] of this.old.engines.entries())
      if (engine !== undefined) step(engine, () => waiting.delete(slot), slot)
    for (let rounds = 0; waiting.size > 0; rounds++) {
      if (rounds > 100) throw new Error(`workers ${[...waiting]} do not come to the end of ${name}`)
      this.settle()
      this.old.advance(2)
    }
  }
}

function ownerOf(channel: string, workers: number): number {
  return Number(/\d*$/.exec(channel)?.[0] ?? 0) % workers
}
