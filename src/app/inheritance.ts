// The listening sockets that a node was handed, which of its listeners take them, and those that it may hand on itself.
import type { ListenPlace } from '../frontends/frontend.ts'
import { InheritedSockets, type OwnSocket, ownSockets } from '../net/inherited/inherited-sockets.ts'
import type { Environment } from '../settings/settings.ts'
import type { Address } from '../std/address.ts'
import type { Log } from '../telemetry/log.ts'
import type { Gates } from './gates.ts'
import type { Listeners } from './listeners.ts'
import { socketCount } from './socket-variables.ts'

export class Inheritance {
  readonly sockets: InheritedSockets
  /** Of sockets in the primary that are no listener of `Listeners`. */
  readonly #others: Address[] = []

  private constructor(sockets: InheritedSockets) {
    this.sockets = sockets
  }

  /** A sentence: there are some, and they cannot be used. */
  static async open(environment: Environment, log: Log): Promise<Inheritance | string> {
    const count = socketCount(environment, process.pid)
    const sockets = typeof count === 'string' ? count : await InheritedSockets.open(count)
    if (typeof sockets !== 'string') return new Inheritance(sockets)
    log.error({ code: 'sockets-refused' }, sockets)
    return sockets
  }

  /** What a socket of Node.js listens with. A path is never an inherited one: Node.js would remove it from under the next process. */
  async listenPlace(address: Address): Promise<ListenPlace> {
    const { host, port, path } = address
    if (path !== undefined) return { path }
    this.#others.push(address)
    const [first, ...more] = await this.sockets.take(address)
    for (const socket of more) socket.close()
    return first === undefined ? { host, port, exclusive: true } : { fd: first.descriptor }
  }

  /** All that listen have theirs: what is left is nobody's. */
  closeUntaken(log: Log): void {
    for (const descriptor of this.sockets.strange)
      log.warn(
        { code: 'socket-unused', descriptor },
        'a descriptor that was handed over is no listening socket',
      )
    for (const address of this.sockets.closeUntaken())
      log.warn({ code: 'socket-unused', address }, 'a socket was handed over that no listener is for')
  }

  /** Each once, for another process. The descriptors are this one's, and stay open. */
  own(listeners: Listeners, gates: Gates): Promise<readonly OwnSocket[]> {
    const ofGates = gates.addresses.map(({ address }) => address)
    return ownSockets([...listeners.addresses, ...ofGates, ...this.#others])
  }
}
