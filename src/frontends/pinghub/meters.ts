// The numbers of the metrics port: rates as the original reckons them, over all workers. What workers counted is
// asked for at each tick, so that a worker that is replaced takes no rate with it.

/** What is metered, by the original's names. */
export interface Events {
  readonly drops: number
  readonly postmsgs: number
  readonly sends: number
  readonly websocketmsgs: number
}

/** One worker's part. */
export interface CounterReport {
  /** Tells the worker from the one before it in its slot. */
  readonly openedUnixMs: number
  readonly sockets: number
  readonly events: Events
}

/** Pinghub, metrics port: five-minute exponentially weighted rates, in events per second, moved every 5 s. */
export const tickMs = 5_000
const share = 1 - Math.exp(-5 / 60 / 5)

const names = ['drops', 'postmsgs', 'sends', 'websocketmsgs'] as const

export class Meters {
  readonly #seen = new Map<number, CounterReport>()
  readonly #rates = new Map<string, number>()

  /** With what each worker counted so far, by slot. One that is left out is made up for when it is back. */
  tick(reports: ReadonlyMap<number, CounterReport>): void {
    const counts = { drops: 0, postmsgs: 0, sends: 0, websocketmsgs: 0 }
    for (const [slot, report] of reports) {
      const before = this.#seen.get(slot)
      const isSame = before?.openedUnixMs === report.openedUnixMs
      for (const name of names) counts[name] += report.events[name] - (isSame ? before.events[name] : 0)
      this.#seen.set(slot, report)
    }
    for (const name of names) {
      const instant = counts[name] / (tickMs / 1_000)
      const rate = this.#rates.get(name)
      this.#rates.set(name, rate === undefined ? instant : rate + share * (instant - rate))
    }
  }

  /** The six lines of the original, in its order. */
  lines(channels: number, sockets: number): string {
    const rate = (name: string) => `${name}5m.value ${(this.#rates.get(name) ?? 0).toFixed(3)}\n`
    return [`channels.value ${channels}\n`, ...names.map(rate), `websockets.value ${sockets}\n`].join('')
  }
}
