// One subscription, made again where it broke, behind what it has. What was refused from the start is not tried again by
// itself: the answer would be the same.
import type { PlayClient } from '../../frontends/play.ts'
import type { PlayEntry } from '../entry.ts'

export type State = 'connecting' | 'open' | 'closed'

export interface ConnectionPort {
  /** Credentials are new after each start of the node, so they are asked for before each try. */
  entry(): Promise<PlayEntry>
  changed(state: State, why: string): void
  received(text: string, position: string | undefined): void
  /** `sure`: publications are missing; else nobody knows, for the wire tells no positions. */
  missed(sure: boolean): void
}

const pauseMs = { first: 500, max: 8_000 } as const

export class Connection {
  readonly #channel: string
  readonly #port: ConnectionPort
  #leave: (() => void) | undefined
  #position: string | undefined
  #pauseMs: number = pauseMs.first
  /** At some time, so that a refusal now will pass: the node stops, or starts. */
  #wasOpen = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Tries that were given up must not speak any more. */
  #attempt = 0

  constructor(channel: string, port: ConnectionPort) {
    this.#channel = channel
    this.#port = port
  }

  async open(): Promise<void> {
    this.#end()
    const attempt = this.#attempt
    const isCurrent = () => attempt === this.#attempt
    this.#port.changed('connecting', '')
    try {
      const entry = await this.#port.entry()
      const client: PlayClient = await import(entry.module)
      if (isCurrent()) this.#subscribe(entry, client, isCurrent)
    } catch (error) {
      if (isCurrent()) this.#again(`the node does not answer (${error})`)
    }
  }

  close(why: string): void {
    this.#end()
    this.#port.changed('closed', why)
  }

  #subscribe({ path, credentials }: PlayEntry, client: PlayClient, isCurrent: () => boolean): void {
    const since = this.#position
    const target = { url: location.origin + path, channel: this.#channel, credentials, since }
    this.#leave = client.subscribe(target, {
      opened: position => {
        if (!isCurrent()) return
        if (this.#wasOpen && since === undefined) this.#port.missed(false)
        this.#wasOpen = true
        this.#reached(position)
        this.#pauseMs = pauseMs.first
        this.#port.changed('open', '')
      },
      received: (text, position) => {
        if (!isCurrent()) return
        this.#reached(position)
        this.#port.received(text, position)
      },
      missed: position => {
        if (!isCurrent()) return
        this.#reached(position)
        this.#port.missed(true)
      },
      closed: why => {
        if (!isCurrent()) return
        this.#leave = undefined
        if (this.#wasOpen) this.#again(why)
        else this.#port.changed('closed', why)
      },
    })
  }

  #reached(position: string | undefined): void {
    if (position !== undefined) this.#position = position
  }

  #again(why: string): void {
    const ms = this.#pauseMs
    this.#pauseMs = Math.min(2 * ms, pauseMs.max)
    this.#port.changed('closed', `${why}; trying again in ${ms / 1_000} s`)
    this.#timer = setTimeout(() => void this.open(), ms)
  }

  #end(): void {
    this.#attempt++
    clearTimeout(this.#timer)
    this.#leave?.()
    this.#leave = undefined
  }
}
