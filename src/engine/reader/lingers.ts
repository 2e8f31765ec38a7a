// How long the order of a channel is to be remembered when its last subscriber leaves: as long as any of those asked that
// left, whoever was the last.
import type { Clock } from '../../std/clock.ts'
import type { Audience } from './outbox.ts'

export class Lingers {
  /** Audiences of which somebody left who asked for it. */
  readonly #until = new WeakMap<Audience, number>()

  /** One that leaves asks for it. */
  note(audience: Audience, ms: number, clock: Clock): void {
    this.#until.set(audience, Math.max(this.#until.get(audience) ?? 0, clock.now() + ms))
  }

  /** The last one left: the milliseconds that are left. */
  take(audience: Audience, clock: Clock): number {
    const until = this.#until.get(audience)
    return until === undefined ? 0 : Math.max(0, until - clock.now())
  }
}
