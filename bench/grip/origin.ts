// An origin on bare sockets, so that it costs little beside what is measured. `/stream/NAME` is held on the channel of that
// name, `/socket/NAME` is a WebSocket over HTTP that is subscribed to it, and `/echo` is one that gets back what it said. Everything else is
// answered as it is. Connections stay.
import { createServer } from 'node:net'
import { heldBody, plainBody } from './bodies.ts'

const headEnd = '\r\n\r\n'
const opening = 'OPEN\r\n'
const events = 'application/websocket-events'

function answerTo(head: string, body: string): string {
  const [, kind, channel] = /^\w+ \/(stream|socket|echo)\/?(\S*) /.exec(head) ?? []
  if (kind === 'stream')
    return answer('text/plain', heldBody, ['Grip-Hold: stream', `Grip-Channel: ${channel}`])
  // Events that came are events for the client.
  if (kind === 'echo') return answer(events, body)
  if (kind === 'socket') {
    const subscribe = `c:{"type":"subscribe","channel":"${channel}"}`
    const accepted = `${opening}TEXT ${subscribe.length.toString(16)}\r\n${subscribe}\r\n`
    return answer(events, body === opening ? accepted : body, ['Sec-WebSocket-Extensions: grip'])
  }
  return answer('text/plain', plainBody)
}

function answer(type: string, body: string, headers: readonly string[] = []): string {
  const fields = [`Content-Type: ${type}`, `Content-Length: ${body.length}`, ...headers]
  return ['HTTP/1.1 200 OK', ...fields].join('\r\n') + headEnd + body
}

const server = createServer({ noDelay: true }, socket => {
  let begun = ''
  socket.on('data', bytes => {
    begun += bytes.toString('latin1')
    let answers = ''
    for (let at = begun.indexOf(headEnd); at >= 0; at = begun.indexOf(headEnd)) {
      const head = begun.slice(0, at)
      const bodyAt = at + headEnd.length
      const end = bodyAt + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (end > begun.length) break
      answers += answerTo(head, begun.slice(bodyAt, end))
      begun = begun.slice(end)
    }
    if (answers !== '') socket.write(answers, 'latin1')
  })
  // A proxy that ends cuts what it kept.
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  process.stdout.write(`listening ${address.port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
