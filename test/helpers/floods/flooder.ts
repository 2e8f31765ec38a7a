// A thread that floods one address for a while, and comes again as soon as it is closed.
import { connect, type Socket } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { opcode } from '../raw-websocket.ts'
import { type Flood, floods } from './kinds.ts'

export interface FloodReport {
  readonly connections: number
  readonly bytes: number
  /** How often each close code or status was the last word; `none`: cut without one. */
  readonly words: Readonly<Record<string, number>>
}

interface Order {
  /** Of the table. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly ms: number
  /** Behind a proxy, which may keep a connection that the node closed. */
  readonly isBehind: boolean
  /** In place of the kind's own head. */
  readonly head: string
}

/** At most so much is sent in all, so that a flood ends however fast it is. */
const bytesMax = 20_000_000_000
/** What a flood may last longer. */
const overtimeMsMax = 60_000
/** One that is neither answered nor closed makes room for the next. */
const patienceMs = 2_000

/** Resolves when it is over. `prefix`: there is a proxy, and this in front of the kind's path. */
export async function flood(kind: Flood, address: string, ms: number, prefix?: string): Promise<FloodReport> {
  const [host = '', port] = address.split(':')
  const head = kind.head.replace(/^(\w+) /, `$1 ${prefix ?? ''}`)
  const order: Order = { name: kind.name, host, port: Number(port), ms, isBehind: prefix !== undefined, head }
  const worker = new Worker(new URL(import.meta.url), { workerData: order })
  return new Promise((done, fail) => {
    worker.once('message', done)
    worker.once('error', fail)
  })
}

class Flooder {
  readonly #kind: Flood
  readonly #order: Order
  readonly #sockets = new Set<Socket>()
  readonly #words: Record<string, number> = {}
  #connections = 0
  #bytes = 0
  #over = false

  constructor(kind: Flood, order: Order) {
    this.#kind = kind
    this.#order = order
  }

  run(): void {
    for (let count = 0; count < this.#kind.connections; count++) this.#open()
    setTimeout(() => this.#end(performance.now() + overtimeMsMax), this.#order.ms)
  }

  /** Where none of them has come again yet, the machine is slow, or the node never closes them. */
  #end(deadlineMs: number): void {
    const waits = !this.#order.isBehind && this.#kind.isUnseen === undefined
    if (waits && this.#connections <= this.#kind.connections && performance.now() < deadlineMs)
      return void setTimeout(() => this.#end(deadlineMs), 20)
    this.#over = true
    for (const socket of this.#sockets) socket.destroy()
    parentPort?.postMessage({ connections: this.#connections, bytes: this.#bytes, words: this.#words })
  }

  #open(): void {
    if (this.#over) return
    const { host, port, head } = this.#order
    const { opens, reads } = this.#kind
    const socket = connect({ host, port, allowHalfOpen: true })
    this.#connections++
    this.#sockets.add(socket)
    let tail = Buffer.alloc(0)
    let begun = false
    const begin = () => {
      if (begun) return
      begun = true
      socket.write(Buffer.from(this.#kind.first ?? '', 'latin1'))
      this.#pump(socket, this.#kind.times)
    }
    const end = () => {
      if (!this.#sockets.delete(socket)) return
      socket.destroy()
      if (!this.#over) this.#note(tail)
      setTimeout(() => this.#open(), 1)
    }
    for (const event of ['end', 'close', 'error']) socket.on(event, end)
    socket.on('connect', () => {
      socket.write(head)
      if (!opens) begin()
      if (!reads) setTimeout(end, patienceMs).unref()
    })
    if (!reads) return void socket.pause()
    socket.on('data', bytes => {
      tail = Buffer.concat([tail, bytes]).subarray(-200)
      begin()
    })
  }

  #pump(socket: Socket, times: number): void {
    for (let left = times; left > 0; left--) {
      if (this.#over || socket.destroyed || this.#bytes > bytesMax) return
      this.#bytes += this.#kind.piece.length
      if (!socket.write(this.#kind.piece)) {
        socket.once('drain', () => this.#pump(socket, left - 1))
        return
      }
    }
  }

  #note(tail: Buffer): void {
    const status = /^HTTP\/1\.1 (\d+)/.exec(tail.toString('latin1'))?.[1]
    const at = tail.lastIndexOf(0x80 | opcode.close)
    const isFrame = this.#kind.opens && at >= 0 && tail.length >= at + 4
    const word = isFrame ? String(tail.readUInt16BE(at + 2)) : (status ?? 'none')
    this.#words[word] = (this.#words[word] ?? 0) + 1
  }
}

if (!isMainThread && parentPort !== null) {
  const order = workerData as Order // posted by `flood`
  const kind = floods.find(({ name }) => name === order.name)
  if (kind !== undefined) new Flooder(kind, order).run()
}
