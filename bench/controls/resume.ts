// FROZEN. The least that bare uWebSockets.js needs for streams that resume, on one thread: a channel keeps its frames,
// a stream that names a position gets all behind it as one write, and then what comes. Positions are counts; only the
// number in `since` is read of a request. No token, no bound of history, no slices. Stored figures are compared with
// it, so it is never made faster; a new idea gets a new file.
import * as uws from 'uWebSockets.js'
import { App, type HttpResponse, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js'

interface Channel {
  readonly frames: Buffer[]
  readonly streams: Set<HttpResponse>
  /** Frames that the streams were sent. */
  sent: number
  /** What the last resume got, for the next one from the same place. */
  joined: { readonly from: number; readonly to: number; readonly bytes: Buffer } | undefined
}

const opening = Buffer.alloc(4)
const messageBehind = '","message":'.length
const channels = new Map<string, Channel>()
const dirty = new Set<Channel>()

function channelOf(name: string): Channel {
  const known = channels.get(name)
  if (known !== undefined) return known
  const channel: Channel = { frames: [], streams: new Set(), sent: 0, joined: undefined }
  channels.set(name, channel)
  return channel
}

function frameOf(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + payload.length)
  frame.writeUInt16BE(payload.length)
  frame.set(payload, 2)
  return frame
}

function collect(response: HttpResponse, done: (body: Buffer) => void): void {
  let collected: Buffer | undefined
  response.onData((chunk, last) => {
    const copy = Buffer.from(new Uint8Array(chunk))
    collected = collected === undefined ? copy : Buffer.concat([collected, copy])
    if (last) done(collected)
  })
}

function range({ frames, sent, joined }: Channel, from: number): Buffer {
  if (joined?.from === from && joined.to === sent) return joined.bytes
  return Buffer.concat(frames.slice(from, sent))
}

function subscribe(response: HttpResponse, channel: Channel, body: Buffer): void {
  const since = /"since":"(?:\w+\.(\d+))?"/.exec(body.toString('latin1'))?.[1]
  const from = since === undefined ? channel.sent : Number(since)
  const missed = range(channel, from)
  channel.joined = { from, to: channel.sent, bytes: missed }
  const notice = frameOf(Buffer.from(` {"ringcast":{"position":"0.${from}","gap":false}}`))
  response.onAborted(() => channel.streams.delete(response))
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
      .write(Buffer.concat([opening, notice]))
    if (missed.length > 0) response.write(missed)
  })
  channel.streams.add(response)
}

function publish(body: Buffer): void {
  const channelAt = '{"channel":"'.length
  const channelEnd = body.indexOf(34, channelAt)
  const channel = channelOf(body.toString('latin1', channelAt, channelEnd))
  channel.frames.push(frameOf(body.subarray(channelEnd + messageBehind, body.length - 1)))
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(channel)
}

function flush(): void {
  for (const channel of dirty) {
    const joined = Buffer.concat(channel.frames.slice(channel.sent))
    channel.sent = channel.frames.length
    for (const response of channel.streams)
      response.cork(() => {
        response.write(joined)
      })
  }
  dirty.clear()
}

// Undocumented: without it every head names the library, which the daemon's do not.
const { _cfg } = uws as unknown as { _cfg(key: string): void }
_cfg('silent')

const app = App()
  .post('/api/stream/:name', (response, request) => {
    response.onAborted(() => {})
    const channel = channelOf(request.getParameter(0) ?? '')
    collect(response, body => subscribe(response, channel, body))
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
