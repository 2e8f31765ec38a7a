// One stream of any protocol, and the numbers that came on it: each publication of these tests carries one, however
// the protocol renders it.
import type { Daemon } from '../daemon.ts'
import { protocols } from '../protocols/ground.ts'
import { opened } from '../protocols/protocol.ts'

export class Watcher {
  readonly protocol: string
  readonly slot: number
  readonly channel: string
  readonly numbers: number[] = []
  /** The node ended it, or was silent for too long. */
  closed = false
  leave: () => void = () => {}

  private constructor(protocol: string, slot: number, channel: string) {
    this.protocol = protocol
    this.slot = slot
    this.channel = channel
  }

  /** Resolves when the stream is live. */
  static async open(daemon: Daemon, protocol: string, slot: number, channel: string): Promise<Watcher> {
    const watcher = new Watcher(protocol, slot, channel)
    const address = daemon.shards(protocol)[slot] ?? ''
    if (protocol === 'pinghub') await watcher.#openSocket(address)
    else await watcher.#openStream(address)
    return watcher
  }

  async #openStream(address: string): Promise<void> {
    const protocol = protocols.find(({ name }) => name === this.protocol)
    if (protocol === undefined) throw new Error(`${this.protocol} is no protocol of the registry`)
    const reader = await opened(protocol.read(address, this.channel))
    this.leave = () => reader.leave()
    void this.#read(() => reader.next(1))
  }

  async #read(next: () => Promise<readonly string[]>): Promise<void> {
    try {
      for (;;) for (const text of await next()) this.#take(text)
    } catch {
      this.closed = true
    }
  }

  /** The client that comes with node: it answers pings, as a browser does. */
  async #openSocket(address: string): Promise<void> {
    const socket = new WebSocket(`ws://${address}/${this.channel}`)
    this.leave = () => socket.close()
    socket.addEventListener('message', ({ data }) => this.#take(String(data)))
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('close', () => {
        this.closed = true
        reject(new Error(`${address} took no WebSocket`))
      })
    })
  }

  #take(text: string): void {
    this.numbers.push(Number(/\d+/.exec(text)?.[0]))
  }
}
