// FROZEN. The least that bare uWebSockets.js needs to fan out like rpushd's main path, on one thread: POST
// /api/stream/NAME is held as a chunked stream, POST /api/publish with a JSON body is answered 204, and at the end
// of a turn all frames of a channel leave as one corked write per subscriber. No token, no normal form, no slices,
// no heartbeat. Stored figures are compared with it, so it is never made faster; a new idea gets a new file.
import * as uws from 'uWebSockets.js'
import { App, type HttpResponse, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js'

interface Subscriber {
  readonly response: HttpResponse
  readonly channel: Channel
  index: number
  /** Joined frames that the socket did not take yet; undefined: it takes more. */
  behind: Buffer[] | undefined
  behindBytes: number
}

interface Channel {
  readonly subscribers: Subscriber[]
  frames: Buffer[]
}

/** A subscriber that is this far behind is cut off. */
const behindBytesMax = 1_048_576

const opening = Buffer.alloc(4)
const channels = new Map<string, Channel>()
const dirty = new Set<Channel>()

function channelOf(name: string): Channel {
  const known = channels.get(name)
  if (known !== undefined) return known
  const channel: Channel = { subscribers: [], frames: [] }
  channels.set(name, channel)
  return channel
}

function collect(response: HttpResponse, done: (body: Buffer) => void): void {
  let collected: Buffer | undefined
  response.onData((chunk, last) => {
    const copy = Buffer.from(new Uint8Array(chunk))
    collected = collected === undefined ? copy : Buffer.concat([collected, copy])
    if (last) done(collected)
  })
}

function subscribe(response: HttpResponse, name: string): void {
  const channel = channelOf(name)
  const index = channel.subscribers.length
  const subscriber: Subscriber = { response, channel, index, behind: undefined, behindBytes: 0 }
  channel.subscribers.push(subscriber)
  response.onAborted(() => remove(subscriber))
  response.onWritable(() => {
    drain(subscriber)
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
      .write(opening)
  })
}

function remove({ channel, index }: Subscriber): void {
  const last = channel.subscribers.pop()
  if (last === undefined || last.index === index) return
  channel.subscribers[index] = last
  last.index = index
}

function publish(body: Buffer): void {
  const { channel: name, message } = JSON.parse(body.toString())
  const payload = Buffer.from(JSON.stringify(message))
  const frame = Buffer.allocUnsafe(2 + payload.length)
  frame.writeUInt16BE(payload.length)
  payload.copy(frame, 2)
  const channel = channelOf(name)
  channel.frames.push(frame)
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(channel)
}

function flush(): void {
  for (const channel of dirty) {
    const joined = channel.frames.length === 1 ? channel.frames[0] : Buffer.concat(channel.frames)
    channel.frames = []
    if (joined === undefined) continue
    // Backwards, because one that is cut off is replaced by the last.
    for (let at = channel.subscribers.length - 1; at >= 0; at--) {
      const subscriber = channel.subscribers[at]
      if (subscriber !== undefined) offer(subscriber, joined)
    }
  }
  dirty.clear()
}

function offer(subscriber: Subscriber, joined: Buffer): void {
  if (subscriber.behind === undefined) {
    if (!write(subscriber.response, joined)) subscriber.behind = []
    return
  }
  subscriber.behind.push(joined)
  subscriber.behindBytes += joined.length
  if (subscriber.behindBytes > behindBytesMax) subscriber.response.close()
}

/** An empty cork sends what the library still holds; without one it would cut the stream. */
function drain(subscriber: Subscriber): void {
  const { response, behind } = subscriber
  response.cork(() => {})
  if (behind === undefined) return
  for (let next = behind.shift(); next !== undefined; next = behind.shift()) {
    subscriber.behindBytes -= next.length
    if (!write(response, next)) return
  }
  subscriber.behind = undefined
}

function write(response: HttpResponse, bytes: Buffer): boolean {
  let taken = true
  response.cork(() => {
    taken = response.write(bytes)
  })
  return taken
}

// Undocumented: without it every head names the library, which the daemon's do not.
const { _cfg } = uws as unknown as { _cfg(key: string): void }
_cfg('silent')

const app = App()
  .post('/api/stream/:name', (response, request) => {
    response.onAborted(() => {})
    const name = request.getParameter(0) ?? ''
    collect(response, () => subscribe(response, name))
  })
  .post('/api/publish', response => {
    response.onAborted(() => {})
    collect(response, body => {
      publish(body)
      response.cork(() => response.writeStatus('204 No Content').endWithoutBody())
    })
  })
  .listen('127.0.0.1', 0, socket => {
    if (socket === false) throw new Error('no free port')
    process.once('SIGTERM', () => {
      us_listen_socket_close(socket)
      app.close()
    })
    process.stdout.write(`listening ${us_socket_local_port(socket)}\n`)
  })
