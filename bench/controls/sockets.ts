// FROZEN. Bare `send` loops of uWebSockets.js, on one thread, as most servers have them: a WebSocket on any path
// hears what is posted to the path, POST is answered 200 with `OK`, and at the end of a turn every socket of a channel
// gets each message of the turn by a `send` of its own, all in one cork. No origins, no pings, no bounds, no slices.
// Stored figures are compared with it, so it is never made faster; a new idea gets a new file.
import * as uws from 'uWebSockets.js'
import { App, us_listen_socket_close, us_socket_local_port, type WebSocket } from 'uWebSockets.js'

interface Subscriber {
  readonly channel: Channel
  index: number
}

interface Channel {
  readonly sockets: WebSocket<Subscriber>[]
  messages: Buffer[]
}

const channels = new Map<string, Channel>()
const dirty = new Set<Channel>()

function channelOf(path: string): Channel {
  const known = channels.get(path)
  if (known !== undefined) return known
  const channel: Channel = { sockets: [], messages: [] }
  channels.set(path, channel)
  return channel
}

function remove({ channel, index }: Subscriber): void {
  const last = channel.sockets.pop()
  if (last === undefined || last.getUserData().index === index) return
  channel.sockets[index] = last
  last.getUserData().index = index
}

function publish(path: string, message: Buffer): void {
  const channel = channelOf(path)
  channel.messages.push(message)
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(channel)
}

function flush(): void {
  for (const channel of dirty) {
    const { messages } = channel
    channel.messages = []
    for (const socket of channel.sockets)
      socket.cork(() => {
        for (const message of messages) socket.send(message, false)
      })
  }
  dirty.clear()
}

// Undocumented: without it every head names the library, which the daemon's do not.
const { _cfg } = uws as unknown as { _cfg(key: string): void }
_cfg('silent')

const app = App()
  .ws<Subscriber>('/*', {
    // Zero is no bound, and no timer.
    idleTimeout: 0,
    sendPingsAutomatically: false,
    maxBackpressure: 0,
    upgrade(response, request, context) {
      const channel = channelOf(request.getUrl())
      const key = request.getHeader('sec-websocket-key')
      response.upgrade<Subscriber>({ channel, index: -1 }, key, '', '', context)
    },
    open(socket) {
      const subscriber = socket.getUserData()
      subscriber.index = subscriber.channel.sockets.push(socket) - 1
    },
    close(socket) {
      remove(socket.getUserData())
    },
  })
  .post('/*', (response, request) => {
    const path = request.getUrl()
    let collected: Buffer | undefined
    response.onAborted(() => {})
    response.onData((chunk, last) => {
      const copy = Buffer.from(new Uint8Array(chunk))
      collected = collected === undefined ? copy : Buffer.concat([collected, copy])
      if (!last) return
      publish(path, collected)
      response.cork(() => response.writeStatus('200 OK').end('OK\n'))
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
