// An origin on bare sockets, so that it costs little beside what is measured: `/stream/NAME` is held on the channel of that
// name, and everything else is answered as it is. It takes requests without a body, on connections that stay.
import { createServer } from 'node:net'
import { heldBody, plainBody } from './bodies.ts'

const headEnd = '\r\n\r\n'

function answerTo(head: string): string {
  const [, channel] = /^GET \/stream\/(\S+) /.exec(head) ?? []
  if (channel === undefined) return answer([], plainBody)
  return answer(['Grip-Hold: stream', `Grip-Channel: ${channel}`], heldBody)
}

function answer(headers: readonly string[], body: string): string {
  const fields = ['Content-Type: text/plain', `Content-Length: ${body.length}`, ...headers]
  return ['HTTP/1.1 200 OK', ...fields].join('\r\n') + headEnd + body
}

const server = createServer({ noDelay: true }, socket => {
  let begun = ''
  socket.on('data', bytes => {
    const heads = (begun + bytes.toString('latin1')).split(headEnd)
    begun = heads.pop() ?? ''
    if (heads.length > 0) socket.write(heads.map(answerTo).join(''), 'latin1')
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
