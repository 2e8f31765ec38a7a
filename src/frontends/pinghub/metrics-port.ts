// The metrics port, in the primary: whoever connects is told six lines and the end, and nothing of theirs is read.
import { createServer, type Server, type Socket } from 'node:net'
import { formatAddress, parseAddress } from '../../std/address.ts'
import { Rounds } from '../../std/rounds.ts'
import type { ListenPlace, PrimaryContext } from '../frontend.ts'
import { type CounterReport, Meters, tickMs } from './meters.ts'
import type { PinghubSettings } from './settings.ts'

/** Of those that connect and do not read: more at once are turned away. */
const connectionsMax = 64
/** A few hundred bytes fit into any kernel's buffer; who has not taken them by then never will. */
const connectionMsMax = 10_000

type Context = PrimaryContext<PinghubSettings>

/** A sentence where it cannot listen. */
export async function openMetricsPort(context: Context): Promise<string | undefined> {
  const { clock, log, settings } = context
  const address = parseAddress(settings.metricsListen)
  if (address === undefined) return undefined
  const meters = new Meters()
  // All workers are asked, for the names of all their channels too: once for all that wait.
  const lines = new Rounds<string>(done => void linesOf(meters, context).then(done))
  const server = createServer(socket => answer(socket, lines, context))
  server.maxConnections = connectionsMax
  const failure = await listen(server, await context.listenPlace(address))
  if (failure !== undefined) {
    return `pinghub cannot listen on ${formatAddress(address)} for its metrics: ${failure}; set RINGCAST_PINGHUB_METRICS_LISTEN to another, or to off`
  }
  // The node lives as long as its workers, not as long as this.
  server.unref()
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  log.info({ protocol: 'pinghub metrics', address: formatAddress({ ...address, port }) }, 'listening')
  clock.every(tickMs, () => void tick(meters, context))
  return undefined
}

async function tick(meters: Meters, { gather }: Context): Promise<void> {
  meters.tick(await counters(gather))
}

function answer(socket: Socket, lines: Rounds<string>, { clock }: Context): void {
  socket.unref()
  // Whatever goes wrong with one who asks is nobody else's business.
  socket.on('error', () => socket.destroy())
  const cancel = clock.after(connectionMsMax, () => socket.destroy())
  socket.on('close', cancel)
  lines.ask(text => socket.end(text, () => socket.destroySoon()))
}

async function linesOf(meters: Meters, { gather }: Context): Promise<string> {
  const [reports, channels] = await Promise.all([counters(gather), gather('channels')])
  let sockets = 0
  for (const report of reports.values()) sockets += report.sockets
  const names = new Set<string>()
  // `report` of this build, in all workers
  for (const own of channels.values()) for (const name of own as readonly string[]) names.add(name)
  return meters.lines(names.size, sockets)
}

async function counters(gather: Context['gather']): Promise<ReadonlyMap<number, CounterReport>> {
  return (await gather('counters')) as ReadonlyMap<number, CounterReport> // `report` of this build, in all workers
}

/** Why it cannot be had; undefined: it listens. */
function listen(server: Server, place: ListenPlace): Promise<string | undefined> {
  return new Promise(resolve => {
    server.once('error', error => resolve(error.message))
    server.listen(place, () => resolve(undefined))
  })
}
