// Our acceptor and one server behind it, in the thread of the test.
import type { TestContext } from 'node:test'
import { type Acceptor, openAcceptor } from '../../src/net/acceptor.ts'
import { openCorkHolder } from '../../src/net/cork-holder.ts'
import type { Exchange } from '../../src/net/exchange.ts'
import type { Net } from '../../src/net/net.ts'
import { type Mount, openServer, type Server } from '../../src/net/server.ts'
import type { NetSettings } from '../../src/net/settings.ts'
import type { SocketSettings } from '../../src/net/socket.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { systemRandom } from '../../src/std/random.ts'
import { openTestNet } from './net.ts'
import { RawClient } from './raw-client.ts'

export interface Served {
  readonly acceptor: Acceptor
  readonly server: Server
  readonly net: Net
  /** What was thrown at the end of a turn: in a worker it would reach the worker's edge. */
  readonly thrown: unknown[]
  connect(): RawClient
  /** A fresh client asks and is answered: by then the server has handled whatever was sent to it before. */
  roundTrip(): Promise<void>
}

/** The path of `roundTrip`, which no handler sees. */
const probe = '/-/probe'

export async function serve(
  t: TestContext,
  handle: (exchange: Exchange) => void,
  sockets?: SocketSettings,
  mounts?: readonly Mount[],
  settings: Partial<NetSettings> = {},
): Promise<Served> {
  const thrown: unknown[] = []
  const clock: Clock = {
    ...systemClock,
    endOfTurn: run =>
      systemClock.endOfTurn(() => {
        try {
          run()
        } catch (error) {
          thrown.push(error)
        }
      }),
  }
  const net = await openTestNet(clock, settings)
  const acceptor = openAcceptor(net.uws, { host: '127.0.0.1', port: 0 })
  if (typeof acceptor === 'string') throw new Error(acceptor)
  const route = (exchange: Exchange) => {
    if (exchange.path === probe) exchange.reply({ status: 204 })
    else handle(exchange)
  }
  const holder = sockets === undefined ? undefined : openCorkHolder(net.uws, systemClock, systemRandom)
  await holder?.ready
  const server = openServer(net, route, sockets, mounts, holder)
  acceptor.add(server.descriptor)
  const clients: RawClient[] = []
  const connect = () => {
    const client = new RawClient(acceptor.address)
    clients.push(client)
    return client
  }
  t.after(() => {
    for (const client of clients) client.leave()
    acceptor.remove(server.descriptor)
    acceptor.close()
    server.close()
    holder?.close()
  })
  return {
    acceptor,
    server,
    net,
    thrown,
    connect,
    async roundTrip() {
      const client = connect().send(`GET ${probe} HTTP/1.1\r\nhost: t\r\n\r\n`)
      await client.answers(1)
      client.leave()
    },
  }
}
