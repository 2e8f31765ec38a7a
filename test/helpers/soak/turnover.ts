// Clients of all protocols that connect, subscribe and leave, as many as asked for: some before they are answered, some
// in good order, some by a reset.
import { connect } from 'node:net'
import type { Daemon } from '../daemon.ts'
import { visitors } from './visitors.ts'

/**
 * More than the daemon of a soak remembers, so that channels are forgotten all the time. No multiple of what tells how a
 * client leaves, so that each channel is left in each way.
 */
const channels = 1_199
const atOnce = 48
/** One address has fewer ports than a minute needs. */
const localAddresses = 60
const giveUpMs = 20_000

const requests = visitors.map(({ request }) =>
  Array.from({ length: channels }, (_, channel) => request(`turnover-${channel}`)),
)

export class Turnover {
  /** Streams and sockets that were opened, clients that left before, and those that were neither answered nor left. */
  opened = 0
  left = 0
  lost = 0
  /** Clients after which every channel was met by every protocol on every address. */
  readonly round: number
  /** By visitor. */
  readonly #addresses: readonly (readonly string[])[]
  #next = 0

  constructor(daemon: Daemon) {
    this.#addresses = visitors.map(({ protocol }) => [daemon.address(protocol), ...daemon.shards(protocol)])
    this.round = channels * visitors.length * Math.max(...this.#addresses.map(({ length }) => length))
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
    const kind = index % visitors.length
    const turn = Math.floor(index / visitors.length)
    const { status = '', message } = visitors[kind] ?? {}
    const request = requests[kind]?.[turn % channels] ?? ''
    const addresses = this.#addresses[kind] ?? []
    const [host = '', port] = (addresses[Math.floor(turn / channels) % addresses.length] ?? '').split(':')
    const leavesEarly = index % 10 === 9
    let [answer, isOpen] = ['', false]
    return new Promise(resolve => {
      const localAddress = `127.0.0.${2 + (index % localAddresses)}`
      const socket = connect({ host, port: Number(port), localAddress, noDelay: true })
      const timer = setTimeout(() => socket.destroy(), giveUpMs)
      socket.on('connect', () => {
        socket.write(request)
        if (leavesEarly) setImmediate(() => socket.resetAndDestroy())
      })
      socket.on('data', (bytes: Buffer) => {
        const wasOpen = isOpen
        if (!isOpen) answer += bytes.toString('latin1') // the head of a 101 comes in pieces
        if (!answer.includes('\r\n\r\n')) return
        isOpen = answer.startsWith(status)
        if (isOpen && !wasOpen && message !== undefined) socket.write(message)
        else if (index % 2 === 0) socket.resetAndDestroy()
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
