// Ports for Prometheus, in the primary: whatever is asked there, the numbers of all workers are told, and the connection ends.
import { createServer, type Server, type Socket } from 'node:net'
import { type Address, formatAddress, parseAddress } from '../../../std/address.ts'
import { Rounds } from '../../../std/rounds.ts'
import type { ListenPlace, PrimaryContext } from '../../frontend.ts'
import type { GripSettings } from '../settings.ts'
import { exposition, Totals } from './prometheus.ts'
import type { TallyReport } from './tally.ts'

/** Of those that connect and do not read: more at once are turned away. */
const connectionsMax = 64
/** A few hundred bytes fit into any kernel's buffer; who has not asked and taken them by then never will. */
const connectionMsMax = 10_000
/** As the original's; what is longer is answered without being looked at. */
const headBytesMax = 8_192

export const tallyTopic = 'tally'

type Context = PrimaryContext<GripSettings>

/** A sentence where one of them cannot listen. */
export async function openPrometheusPorts(context: Context): Promise<string | undefined> {
  const { settings, gather } = context
  const totals = new Totals()
  // All workers are asked: once for all that wait.
  const sums = new Rounds<TallyReport>(
    done =>
      void gather(tallyTopic).then(
        reports => done(totals.of(reports as ReadonlyMap<number, TallyReport>)), // `report` of this build, in all workers
      ),
  )
  const ports = [
    [settings.prometheusListen, settings.prometheusPrefix, 'PROMETHEUS_LISTEN'],
    [settings.prometheusProxyListen, settings.prometheusProxyPrefix, 'PROMETHEUS_PROXY_LISTEN'],
  ] as const
  for (const [listen, prefix, variable] of ports) {
    const address = parseAddress(listen)
    const tell = (done: (text: string) => void) => sums.ask(sum => done(exposition(prefix, sum)))
    const failure = address === undefined ? undefined : await open(address, tell, context)
    if (failure !== undefined) {
      return `grip cannot listen on ${listen} for Prometheus: ${failure}; set RINGCAST_GRIP_${variable} to another, or to off`
    }
  }
  return undefined
}

type Tell = (done: (text: string) => void) => void

async function open(
  address: Address,
  tell: Tell,
  { clock, log, listenPlace }: Context,
): Promise<string | undefined> {
  const server = createServer(socket => {
    socket.unref()
    // Whatever goes wrong with one who asks is nobody else's business.
    socket.on('error', () => socket.destroy())
    const cancel = clock.after(connectionMsMax, () => socket.destroy())
    socket.on('close', cancel)
    answer(socket, tell)
  })
  server.maxConnections = connectionsMax
  const failure = await listen(server, await listenPlace(address))
  if (failure !== undefined) return failure
  // The node lives as long as its workers, not as long as this.
  server.unref()
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  log.info({ protocol: 'grip prometheus', address: formatAddress({ ...address, port }) }, 'listening')
  return undefined
}

/** Any head will do, for any path; a body is not waited for. */
function answer(socket: Socket, tell: Tell): void {
  let head = ''
  const read = (piece: Buffer) => {
    head += piece.toString('latin1')
    if (!head.includes('\r\n\r\n') && head.length < headBytesMax) return
    socket.off('data', read)
    socket.resume()
    const version = /^\S* \S* HTTP\/1\.0\r\n/.test(head) ? '1.0' : '1.1'
    const hasBody = !head.startsWith('HEAD ')
    tell(text => {
      const lines = ['Content-Type: text/plain', 'Connection: close', `Content-Length: ${text.length}`]
      const full = `HTTP/${version} 200 OK\r\n${lines.join('\r\n')}\r\n\r\n${hasBody ? text : ''}`
      socket.end(full, () => socket.destroySoon())
    })
  }
  socket.on('data', read)
}

/** Why it cannot be had; undefined: it listens. */
function listen(server: Server, place: ListenPlace): Promise<string | undefined> {
  return new Promise(resolve => {
    server.once('error', error => resolve(error.message))
    server.listen(place, () => resolve(undefined))
  })
}
