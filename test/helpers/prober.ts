// Connects again and again, one connection after the other or several at a time, asks once on each, and counts what came back. What
// is not answered was refused or reset.
import { connect } from 'node:net'

export interface Prober {
  /** Answered. */
  readonly answered: number
  /** What became of the others: codes of errors, or `closed`. */
  readonly failed: readonly string[]
  /** Resolves when all that were under way are over. */
  stop(): Promise<void>
}

/** `address`: `host:port`. `everyMs`: between two connects. */
export function probe(address: string, path: string, everyMs: number): Prober {
  const [host = '', port = ''] = address.split(':')
  const under = new Set<Promise<void>>()
  const failed: string[] = []
  let answered = 0
  const ask = () =>
    new Promise<void>(resolve => {
      let bytes = 0
      let fault = 'closed'
      const socket = connect(Number(port), host)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`)
      socket.on('data', data => {
        bytes += data.length
        socket.end()
      })
      socket.on('error', error => {
        fault = 'code' in error ? String(error.code) : error.message
      })
      socket.on('close', () => {
        if (bytes > 0) answered++
        else failed.push(fault)
        resolve()
      })
    })
  const timer = setInterval(() => {
    const one = ask().finally(() => under.delete(one))
    under.add(one)
  }, everyMs)
  return {
    get answered() {
      return answered
    },
    failed,
    async stop() {
      clearInterval(timer)
      await Promise.all(under)
    },
  }
}
