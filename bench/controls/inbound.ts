// FROZEN. Bare `send` loops of uWebSockets.js, on one thread, for WebSockets that publish themselves: what one of a path says
// goes to all of that path, itself included, at the end of the turn: each message by a `send` of its own, all of a socket in one cork.
// Nothing is parsed. No origins, no pings, no bounds, no slices. Stored figures are compared with it, so it is never made
// faster; a new idea gets a new file.
import * as uws from 'uWebSockets.js'
import { App, us_listen_socket_close, us_socket_local_port, type WebSocket } from 'uWebSockets.js'

interface Member {
  readonly room: Room
  index: number
}

interface Room {
  readonly sockets: WebSocket<Member>[]
  messages: Buffer[]
}

const rooms = new Map<string, Room>()
const dirty = new Set<Room>()

function roomOf(path: string): Room {
  const known = rooms.get(path)
  if (known !== undefined) return known
  const room: Room = { sockets: [], messages: [] }
  rooms.set(path, room)
  return room
}

function remove({ room, index }: Member): void {
  const last = room.sockets.pop()
  if (last === undefined || last.getUserData().index === index) return
  room.sockets[index] = last
  last.getUserData().index = index
}

function flush(): void {
  for (const room of dirty) {
    const { messages } = room
    room.messages = []
    for (const socket of room.sockets)
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
  .ws<Member>('/*', {
    // Zero is no bound, and no timer.
    idleTimeout: 0,
    sendPingsAutomatically: false,
    maxBackpressure: 0,
    upgrade(response, request, context) {
      const room = roomOf(request.getUrl())
      const key = request.getHeader('sec-websocket-key')
      response.upgrade<Member>({ room, index: -1 }, key, '', '', context)
    },
    open(socket) {
      const member = socket.getUserData()
      member.index = member.room.sockets.push(socket) - 1
    },
    message(socket, message) {
      const { room } = socket.getUserData()
      room.messages.push(Buffer.from(new Uint8Array(message)))
      if (dirty.size === 0) setImmediate(flush)
      dirty.add(room)
    },
    close(socket) {
      remove(socket.getUserData())
    },
  })
  .listen('127.0.0.1', 0, socket => {
    if (socket === false) throw new Error('no free port')
    process.once('SIGTERM', () => {
      us_listen_socket_close(socket)
      app.close()
    })
    process.stdout.write(`listening ${us_socket_local_port(socket)}\n`)
  })
