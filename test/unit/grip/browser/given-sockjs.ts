// Two workers that serve SockJS, with an origin and clients whose every word a test says.
import { Sockjs } from '../../../../src/frontends/grip/browser/sockjs/sockjs.ts'
import type { Choice } from '../../../../src/frontends/grip/proxy/choice.ts'
import type { GateExchange } from '../../../../src/net/gate/gate-exchange.ts'
import { choiceOf, FakeExchange } from '../proxy/given-origin.ts'
import { SocketScene } from '../socket/given-session.ts'

const line = '*,sockjs=/s o:80'

interface Asked {
  readonly key: string
  readonly question: string
  readonly done: (answer: unknown) => void
}

/** Sessions that begin with a `b` are the second worker's, all others the first one's. */
function ownerOf(key: string): number {
  return /^sockjs/.test(key)
    ? Number.parseInt(key.slice(-1), 16) % 2
    : Number(JSON.parse(key).at(-1).startsWith('b'))
}

export class SockjsScene extends SocketScene {
  readonly workers: readonly Sockjs[]
  readonly settings = { sockjsUrl: 'http://s.test/s.js?a&b', sockjsSessionsMax: 10 }
  /** Workers that do not answer any more. */
  readonly lost = new Set<number>()
  /** Questions that wait until the test lets them go on; undefined: none does. */
  held: Asked[] | undefined
  #count = 0

  constructor(more: ConstructorParameters<typeof SocketScene>[0] = {}) {
    super(more)
    this.workers = [0, 1].map(
      slot =>
        new Sockjs({
          clock: this.mesh.clock,
          gateway: this.gateway,
          random: { hex: bytes => (++this.#count).toString(16).padStart(2 * bytes, '0') },
          settings: () => this.settings,
          workers: {
            ask: (key, question, done) => {
              if (this.held === undefined) this.#answer({ key, question, done })
              else this.held.push({ key, question, done })
            },
            owns: key => key !== '' && ownerOf(key) === slot,
          },
          choose: exchange => choiceOf(exchange, line),
          sockets: this.sockets,
        }),
    )
  }

  /** Below the base of the rule. */
  request(path: string, more: Partial<GateExchange> = {}, worker = 0, rule = line): FakeExchange {
    const exchange = new FakeExchange(`/s${path}`, { method: 'POST', ...more })
    this.workers[worker]?.serve(choiceOf(exchange, rule))
    this.mesh.settle()
    return exchange
  }

  /** A session that its origin has accepted. */
  async begin(session = 'a1', worker = 0): Promise<SocketScene['end']> {
    const exchange = this.request(`/1/${session}/xhr`, {}, worker)
    const { end } = this
    end.open()
    await this.turn()
    if (exchange.got[0] !== '200 o\n') throw new Error(`the session was answered ${exchange.got}`)
    return end
  }

  poll(session = 'a1', worker = 0): FakeExchange {
    return this.request(`/1/${session}/xhr`, {}, worker)
  }

  send(text: string, session = 'a1', worker = 0): FakeExchange {
    return this.request(`/1/${session}/xhr_send`, { body: bodyOf(text) }, worker)
  }

  /** What the last origin was asked. */
  chosen(): Choice {
    const choice = this.choices.at(-1)
    if (choice === undefined) throw new Error('nobody asked an origin')
    return choice
  }

  /** What was put off happens. */
  async turn(): Promise<void> {
    for (let turns = 0; turns < 5; turns++) await new Promise(resolve => setImmediate(resolve))
    this.mesh.settle()
  }

  /** Questions that wait are answered, and what follows from that. */
  release(): void {
    for (let one = this.held?.shift(); one !== undefined; one = this.held?.shift()) this.#answer(one)
  }

  #answer({ key, question, done }: Asked): void {
    const owner = ownerOf(key)
    done(this.lost.has(owner) ? undefined : this.workers[owner]?.answer(question))
  }
}

/** Of a request; `length`: what it says of it. */
export function bodyOf(
  text: string,
  length: number | undefined = Buffer.byteLength(text),
): GateExchange['body'] {
  return {
    length,
    read(onChunk, onEnd) {
      onChunk(Buffer.from(text))
      onEnd()
    },
    pause() {},
    resume() {},
  }
}
