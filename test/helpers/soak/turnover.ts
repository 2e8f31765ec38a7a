// Clients that connect, subscribe and leave, as many as asked for: some before they are answered, some in good order,
// some by a reset.
import { connect } from 'node:net'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { type Daemon, secrets } from '../daemon.ts'

/** A channel leaves its numbering behind for a while, so there are only so many, and a warm-up meets them all. */
export const turnoverChannels = 2_000
const atOnce = 48
/** One address has fewer ports than a minute needs. */
const localAddresses = 60
const giveUpMs = 20_000

const tokens: readonly string[] = Array.from({ length: turnoverChannels }, (_, index) =>
  mintHmacToken(secrets.subscribe, {
    aud: 'rpushd',
    channel: `turnover-${index}`,
    exp: 4_102_444_800,
    scope: 'subscribe',
  }),
)

export class Turnover {
  /** Streams that were opened, clients that left before, and those that were neither answered nor left. */
  opened = 0
  left = 0
  lost = 0
  readonly #addresses: readonly string[]
  #next = 0

  constructor(daemon: Daemon) {
    this.#addresses = [daemon.address('rpushd'), ...daemon.shards('rpushd')]
  }

  /** `ms`: evenly over so long a time, or as fast as it goes. */
  async run(count: number, ms = 0): Promise<void> {
    const first = this.#next
    const end = first + count
    const from = performance.now()
    const client = async () => {
      while (this.#next < end) {
        const due = from + ((this.#next - first) * ms) / count
        const early = due - performance.now()
        if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
        if (this.#next < end) await this.#visit(this.#next++)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, client))
  }

  #visit(index: number): Promise<void> {
    const channel = index % turnoverChannels
    const address = this.#addresses[Math.floor(index / turnoverChannels) % this.#addresses.length] ?? ''
    const [host = '', port] = address.split(':')
    const leavesEarly = index % 10 === 9
    let isOpen = false
    return new Promise(resolve => {
      const localAddress = `127.0.0.${2 + (index % localAddresses)}`
      const socket = connect({ host, port: Number(port), localAddress, noDelay: true })
      const timer = setTimeout(() => socket.destroy(), giveUpMs)
      socket.on('connect', () => {
        const body = JSON.stringify({ token: tokens[channel] })
        socket.write(
          `POST /api/stream/turnover-${channel} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        )
        if (leavesEarly) setImmediate(() => socket.resetAndDestroy())
      })
      socket.on('data', (bytes: Buffer) => {
        if (!isOpen) isOpen = bytes.toString('latin1', 0, 12) === 'HTTP/1.1 200'
        if (index % 2 === 0) socket.resetAndDestroy()
        else socket.destroy()
      })
      socket.on('error', () => {}) // counted as lost
      socket.on('close', () => {
        clearTimeout(timer)
        if (isOpen) this.opened++
        else if (leavesEarly) this.left++
        else this.lost++
        resolve()
      })
    })
  }
}
