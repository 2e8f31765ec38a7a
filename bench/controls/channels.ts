// FROZEN. The least that bare uWebSockets.js needs for many channels, on one or two threads: the argument. The body of
// a publish is not parsed: the load writes it in one form, so channel and message are cut out by their places. With two
// threads a channel belongs to one; it gets a publish, answers it and sends the message to a subscriber of the other
// thread over bare MessagePorts: one post a turn and direction, with all that the turn brought. No token, no numbers,
// no slices, no limits. Stored figures are compared with it, so it is never made faster; a new idea gets a new file.

import * as uws from 'uWebSockets.js'
import { App, type HttpResponse, type TemplatedApp, us_socket_local_port } from 'uWebSockets.js'
import { isMainThread, MessageChannel, type MessagePort, Worker, workerData } from 'node:worker_threads'

/** A publish on its way to the owner, the owner's answer, or a message on its way to the other's subscribers. */
type Hop =
  | readonly ['publish', ticket: number, channel: string, message: string]
  | readonly ['done', ticket: number]
  | readonly ['subscribe', channel: string]
  | readonly ['deliver', channel: string, message: string]

/** Its types leave these out. */
interface ThreadedApp extends TemplatedApp {
  getDescriptor(): number
  addChildAppDescriptor(descriptor: number): void
}

const channelAt = '{"channel":"'.length
const messageBehind = '","message":'.length

class Thread {
  readonly #slot: number
  readonly #threads: number
  readonly #other: MessagePort | undefined
  readonly #streams = new Map<string, HttpResponse[]>()
  /** Channels of ours with a subscriber at the other thread. */
  readonly #elsewhere = new Set<string>()
  readonly #waiting = new Map<number, HttpResponse>()
  #tickets = 0
  #posts: Hop[] = []
  #frames = new Map<string, string[]>()

  constructor(slot: number, threads: number, other: MessagePort | undefined) {
    this.#slot = slot
    this.#threads = threads
    this.#other = other
    other?.on('message', (hops: Hop[]) => {
      for (const hop of hops) this.#arrive(hop)
    })
  }

  subscribe(response: HttpResponse, channel: string): void {
    response.onWritable(() => {
      response.cork(() => {})
      return true
    })
    response.cork(() => {
      response
        .writeStatus('200 OK')
        .writeHeader('content-type', 'application/octet-stream')
        .writeHeader('cache-control', 'no-cache, no-store, must-revalidate, no-transform')
        .writeHeader('pragma', 'no-cache')
        .writeHeader('expires', '0')
        .writeHeader('x-content-type-options', 'nosniff')
        .write('\0\0\0\0')
    })
    const streams = this.#streams.get(channel) ?? []
    streams.push(response)
    this.#streams.set(channel, streams)
    response.onAborted(() => {
      streams.splice(streams.indexOf(response), 1)
    })
    if (!this.#owns(channel)) this.#post(['subscribe', channel])
  }

  publish(response: HttpResponse, body: Buffer): void {
    const channelEnd = body.indexOf(34, channelAt)
    const channel = body.toString('latin1', channelAt, channelEnd)
    const message = body.toString('latin1', channelEnd + messageBehind, body.length - 1)
    if (this.#owns(channel)) {
      this.#append(channel, message)
      return done(response)
    }
    this.#waiting.set(++this.#tickets, response)
    this.#post(['publish', this.#tickets, channel, message])
  }

  #owns(channel: string): boolean {
    return this.#threads === 1 || ownerOf(channel) === this.#slot
  }

  #append(channel: string, message: string): void {
    if (this.#elsewhere.has(channel)) this.#post(['deliver', channel, message])
    this.#deliver(channel, message)
  }

  #arrive(hop: Hop): void {
    if (hop[0] === 'publish') {
      this.#append(hop[2], hop[3])
      this.#post(['done', hop[1]])
    } else if (hop[0] === 'deliver') this.#deliver(hop[1], hop[2])
    else if (hop[0] === 'subscribe') this.#elsewhere.add(hop[1])
    else {
      const response = this.#waiting.get(hop[1])
      this.#waiting.delete(hop[1])
      if (response !== undefined) done(response)
    }
  }

  #post(hop: Hop): void {
    if (this.#posts.push(hop) > 1) return
    setImmediate(() => {
      this.#other?.postMessage(this.#posts)
      this.#posts = []
    })
  }

  #deliver(channel: string, message: string): void {
    if (!this.#streams.has(channel)) return
    if (this.#frames.size === 0) setImmediate(() => this.#flush())
    const frames = this.#frames.get(channel)
    const frame = String.fromCharCode(message.length >> 8, message.length & 255) + message
    if (frames === undefined) this.#frames.set(channel, [frame])
    else frames.push(frame)
  }

  #flush(): void {
    for (const [channel, frames] of this.#frames) {
      const bytes = Buffer.from(frames.length === 1 ? (frames[0] ?? '') : frames.join(''), 'latin1')
      for (const response of this.#streams.get(channel) ?? [])
        response.cork(() => {
          response.write(bytes)
        })
    }
    this.#frames = new Map()
  }
}

/** By a hash: connections come in turn, so any order in the names would spare the hops. */
function ownerOf(channel: string): number {
  let hash = 0x811c_9dc5
  for (let at = 0; at < channel.length; at++) hash = Math.imul(hash ^ channel.charCodeAt(at), 0x0100_0193)
  return (hash >>> 16) & 1
}

function done(response: HttpResponse): void {
  response.cork(() => response.writeStatus('204 No Content').endWithoutBody())
}

function openApp(thread: Thread): ThreadedApp {
  // Undocumented: without it every head names the library, which the daemon's do not. It counts for this thread.
  const { _cfg } = uws as unknown as { _cfg(key: string): void }
  _cfg('silent')
  return App()
    .post('/api/stream/:name', (response, request) => {
      response.onAborted(() => {})
      const channel = request.getParameter(0) ?? ''
      response.onData((_, last) => {
        if (last) thread.subscribe(response, channel)
      })
    })
    .post('/api/publish', response => {
      response.onAborted(() => {})
      let collected: Buffer | undefined
      response.onData((chunk, last) => {
        const copy = Buffer.from(new Uint8Array(chunk))
        collected = collected === undefined ? copy : Buffer.concat([collected, copy])
        if (last) thread.publish(response, collected)
      })
    }) as ThreadedApp // the same object
}

/** One thread listens itself; of two, which share the work, neither does: the main thread hands over what it accepts. */
async function start(threads: number): Promise<void> {
  const app = threads === 1 ? openApp(new Thread(0, 1, undefined)) : (App() as ThreadedApp) // the same object
  if (threads === 2) {
    const { port1, port2 } = new MessageChannel()
    for (const [slot, port] of [port1, port2].entries()) {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { slot, port },
        transferList: [port],
      })
      app.addChildAppDescriptor(await new Promise<number>(resolve => worker.once('message', resolve)))
    }
  }
  app.listen('127.0.0.1', 0, socket => {
    if (socket === false) throw new Error('no free port')
    process.stdout.write(`listening ${us_socket_local_port(socket)}\n`)
  })
}

if (isMainThread) await start(Number(process.argv[2]))
else {
  const { parentPort } = await import('node:worker_threads')
  const { slot, port } = workerData as { slot: number; port: MessagePort } // as posted above
  parentPort?.postMessage(openApp(new Thread(slot, 2, port)).getDescriptor())
}
