// A relay of TCP between a node and its broker, by which a test cuts one node off and leaves the others: no namespaces, no rights.
// It can end connections, refuse or hold new ones, be silent as a network that drops everything, and be slow; to everybody, or to
// one process, for a broker that tells its own addresses is behind one relay for all.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { ownsSocket } from './socket-owner.ts'

/** What becomes of bytes and connections. */
type Way =
  /** Passed on. */
  | 'open'
  /** Connections are ended, new ones too, at once. */
  | 'refusing'
  /** Connections stay, and new ones are taken; nothing goes through until it is mended, then everything. */
  | 'silent'

interface Delays {
  readonly toTargetMs: number
  readonly toClientMs: number
}

/** Beyond it a side is read no further: a relay must not be the broker's memory. */
const queuedBytesMax = 4 * 1_048_576

export async function startRelay(t: Pick<TestContext, 'after'>, targetPort: number): Promise<Relay> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const relay = new Relay(server, targetPort)
  t.after(() => relay.end())
  return relay
}

export class Relay {
  readonly port: number
  /** Connections that were asked for, refused ones among them. */
  asked = 0
  readonly #server: Server
  readonly #links = new Set<Link>()
  #targetPort: number
  #way: Way = 'open'
  /** Of connections of these processes, whatever is so for the others. */
  readonly #ways = new Map<number, Way>()
  #delays: Delays = { toTargetMs: 0, toClientMs: 0 }

  constructor(server: Server, targetPort: number) {
    const address = server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    this.#server = server
    this.#targetPort = targetPort
    server.on('connection', client => this.#take(client))
  }

  /** Connections that are there, or held. */
  get connections(): number {
    return this.#links.size
  }

  /** Ends what is there and what comes. */
  cut(pid?: number): void {
    this.#turn('refusing', pid)
    for (const link of this.#linksOf(pid)) link.drop()
  }

  /** Nothing is passed on, and nobody is told. */
  silence(pid?: number): void {
    this.#turn('silent', pid)
    for (const link of this.#linksOf(pid)) link.hold()
  }

  mend(pid?: number): void {
    this.#turn('open', pid)
    for (const link of this.#linksOf(pid)) link.go(this.#targetPort)
  }

  /** Ends the connections that are there, or the oldest `count` of them; new ones are served. */
  drop(count = Number.POSITIVE_INFINITY): void {
    for (const link of [...this.#links].slice(0, count)) link.drop()
  }

  /** Of what comes from now on, in both directions. */
  delay(toTargetMs: number, toClientMs: number): void {
    this.#delays = { toTargetMs, toClientMs }
  }

  /** Connections that are made from now on go there. */
  turnTo(targetPort: number): void {
    this.#targetPort = targetPort
  }

  end(): void {
    this.cut()
    this.#server.close()
  }

  #turn(way: Way, pid: number | undefined): void {
    if (pid !== undefined) {
      this.#ways.set(pid, way)
      return
    }
    this.#way = way
    this.#ways.clear()
  }

  #linksOf(pid: number | undefined): readonly Link[] {
    return [...this.#links].filter(link => pid === undefined || link.isOf(pid))
  }

  #take(client: Socket): void {
    this.asked++
    const link = new Link(client, () => this.#delays)
    const way = [...this.#ways].find(([pid]) => link.isOf(pid))?.[1] ?? this.#way
    if (way === 'refusing') return link.drop()
    this.#links.add(link)
    client.on('close', () => this.#links.delete(link))
    if (way === 'open') link.go(this.#targetPort)
  }
}

/** One connection. */
class Link {
  readonly #client: Socket
  readonly #delays: () => Delays
  #target: Socket | undefined
  #flows: readonly Flow[] = []

  constructor(client: Socket, delays: () => Delays) {
    this.#client = client
    this.#delays = delays
    client.on('error', () => {}) // the close that follows says enough, where nothing is connected yet
  }

  /** Asked while it is open: afterwards nobody knows. */
  isOf(pid: number): boolean {
    return ownsSocket(pid, this.#client.remotePort ?? 0)
  }

  go(port: number): void {
    if (this.#target === undefined) this.#connect(port)
    for (const flow of this.#flows) flow.go()
  }

  hold(): void {
    for (const flow of this.#flows) flow.hold()
  }

  drop(): void {
    for (const socket of [this.#client, this.#target]) socket?.destroy()
  }

  #connect(port: number): void {
    // Either side may end alone: what is late still reaches the other one.
    const [client, target] = [this.#client, connect({ port, host: '127.0.0.1', allowHalfOpen: true })]
    for (const socket of [client, target]) socket.setNoDelay(true)
    this.#target = target
    target.on('error', () => this.drop())
    client.on('error', () => this.drop())
    this.#flows = [
      new Flow(client, target, () => this.#delays().toTargetMs),
      new Flow(target, client, () => this.#delays().toClientMs),
    ]
  }
}

/** One direction: pieces in their order, each as late as was wanted when it came. Undefined is the end. */
class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: () => number
  readonly #queue: { readonly piece: Buffer | undefined; readonly dueMs: number }[] = []
  #bytes = 0
  #isHeld = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, delayMs: () => number) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', piece => this.#push(piece))
    from.on('end', () => this.#push(undefined))
    from.resume()
  }

  hold(): void {
    this.#isHeld = true
    clearTimeout(this.#timer)
  }

  go(): void {
    this.#isHeld = false
    this.#pass()
  }

  #push(piece: Buffer | undefined): void {
    const last = this.#queue.at(-1)?.dueMs ?? 0
    this.#queue.push({ piece, dueMs: Math.max(last, performance.now() + this.#delayMs()) })
    this.#bytes += piece?.length ?? 0
    if (this.#bytes > queuedBytesMax) this.#from.pause()
    this.#pass()
  }

  #pass(): void {
    clearTimeout(this.#timer)
    if (this.#isHeld) return
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const leftMs = next.dueMs - performance.now()
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#pass(), Math.ceil(leftMs))
        return
      }
      this.#queue.shift()
      if (next.piece === undefined) this.#to.end()
      else this.#write(next.piece)
    }
    if (this.#bytes === 0) this.#from.resume()
  }

  #write(piece: Buffer): void {
    this.#to.write(piece)
    this.#bytes -= piece.length
  }
}
