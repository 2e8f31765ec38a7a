// A request of this thread to itself that is never answered. Its response lends its cork to handshakes that are accepted
// late, which need one and must not use their own (README, rule 13).
import { connect } from 'node:net'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { ListenSocket, Response, Uws } from './uws.ts'

export interface CorkHolder {
  /** Resolves when the cork is there, or cannot be had: the thread serves without it, too. */
  readonly ready: Promise<void>
  /** Runs `run`, which upgrades the response, at once: under the cork where there is one, else without any. */
  cork(response: Response, run: () => void): void
  /** Ends it for good, synchronously. A thread must not end before (README, rule 10). Calling it twice is harmless. */
  close(): void
}

/** A connection over loopback takes some turns of the loop. */
const readyMsMax = 1_000
/** One that was cut from outside is made again, and not in a hurry. */
const againMs = 1_000
/** For a path that nobody guesses who finds the port while it is open. */
const pathBytes = 16

export function openCorkHolder(uws: Uws, clock: Clock, random: Random): CorkHolder {
  const path = `/${random.hex(pathBytes)}`
  const app = uws.App()
  let listening: ListenSocket | undefined
  let held: Response | undefined
  let closed = false
  let settle = () => {}
  const ready = new Promise<void>(resolve => {
    settle = resolve
  })
  const stopListening = () => {
    if (listening !== undefined) uws.us_listen_socket_close(listening)
    listening = undefined
    settle()
  }
  /** Listens until its own request has come: a few milliseconds. */
  const open = () => {
    if (closed) return
    app.listen('127.0.0.1', 0, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, socket => {
      if (socket !== false) listening = socket
    })
    if (listening === undefined) return settle()
    const own = connect(uws.us_socket_local_port(listening), '127.0.0.1')
    own.on('error', () => {}) // it is closed then, too
    own.on('close', stopListening)
    own.unref()
    own.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  }
  app.any('/*', response => void response.close())
  app.get(path, response => {
    response.onAborted(() => {
      held = undefined
      clock.after(againMs, open)
    })
    held = response
    stopListening()
  })
  clock.after(readyMsMax, settle)
  open()
  return {
    ready,
    cork(response, run) {
      if (held === undefined) run()
      // Under a cork that is not its own, the cork of the response does nothing but keep the library quiet.
      else held.cork(() => response.cork(run))
    },
    close() {
      closed = true
      stopListening()
      app.close()
    },
  }
}
