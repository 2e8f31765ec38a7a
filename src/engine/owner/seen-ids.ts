// The ids of recent publications of all channels of a worker, each with its channel, for a time from when it was first
// seen: whatever comes with one again is not published again.

/** Bytes that an id costs beside its text and the channel's: a string and its place in a table that is never full. */
const entryBytes = 128

export interface SeenLimits {
  /** How long an id is known; 0: not at all. */
  readonly seenMs: number
  /** Of all of them, by worker; the oldest is forgotten first. */
  readonly seenBytesMax: number
}

export class SeenIds {
  readonly #limits: SeenLimits
  /** Until when each is known, the first one to be forgotten first. */
  readonly #until = new Map<string, number>()
  bytes = 0
  /** Forgotten before their time, for want of room. */
  forgotten = 0

  constructor(limits: SeenLimits) {
    this.#limits = limits
  }

  has(channel: string, id: string, now: number): boolean {
    return (this.#until.get(keyOf(channel, id)) ?? now) > now
  }

  /** `leftMs`: undefined for one that is seen now. It is not there. */
  add(channel: string, id: string, now: number, leftMs = this.#limits.seenMs): void {
    if (leftMs <= 0) return
    const key = keyOf(channel, id)
    // One whose time is over may stand there yet, at the place of its first time.
    this.#delete(key)
    this.#until.set(key, now + leftMs)
    this.bytes += costOf(key)
    for (const oldest of this.#until.keys()) {
      if (this.bytes <= this.#limits.seenBytesMax) return
      this.#delete(oldest)
      this.forgotten++
    }
  }

  /** What had it was not published. */
  remove(channel: string, id: string): void {
    this.#delete(keyOf(channel, id))
  }

  /** Drops what is too old. */
  expire(now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now) return
      this.#delete(key)
    }
  }

  /** With the milliseconds that each has left, by channel. */
  entries(now: number): Map<string, (readonly [id: string, leftMs: number])[]> {
    const byChannel = new Map<string, (readonly [id: string, leftMs: number])[]>()
    for (const [key, until] of this.#until) {
      if (until <= now) continue
      const [channel, id] = partsOf(key)
      const entries = byChannel.get(channel) ?? []
      entries.push([id, until - now])
      byChannel.set(channel, entries)
    }
    return byChannel
  }

  #delete(key: string): void {
    if (this.#until.delete(key)) this.bytes -= costOf(key)
  }
}

/** The length in front tells where the name ends, whatever stands in it. Made by writing, so it holds no other text. */
function keyOf(channel: string, id: string): string {
  return Buffer.from(`${channel.length} ${channel}${id}`).toString()
}

function partsOf(key: string): [channel: string, id: string] {
  const start = key.indexOf(' ') + 1
  const end = start + Number.parseInt(key, 10)
  return [key.slice(start, end), key.slice(end)]
}

function costOf(key: string): number {
  return 2 * key.length + entryBytes
}
