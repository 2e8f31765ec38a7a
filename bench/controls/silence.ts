// FROZEN. The least that bare uWebSockets.js needs to take a publish that nobody reads, on one thread: the body is
// received and dropped, the answer is fixed. Nothing is parsed, checked or numbered. Stored figures are compared with
// it, so it is never made faster; a new idea gets a new file.
import * as uws from 'uWebSockets.js'
import { App, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js'

// Undocumented: without it every head names the library, which the daemon's do not.
const { _cfg } = uws as unknown as { _cfg(key: string): void }
_cfg('silent')

const app = App()
  .post('/api/publish', response => {
    response.onAborted(() => {})
    response.onData((_, last) => {
      if (last) response.cork(() => response.writeStatus('204 No Content').endWithoutBody())
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
