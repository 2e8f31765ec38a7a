// The word of the operator's own application. Equal questions are one, a yes is kept for as long as it says, a no never is; and
// where the application fails again and again it is left alone for a moment. Nothing that goes wrong lets anybody in.
import { strict as assert } from 'node:assert'
import { hash } from 'node:crypto'
import { type CallAddress, parseCallUrl } from '../../../net/outgoing/call-url.ts'
import type { WholeAnswer } from '../../../net/outgoing/whole-call.ts'
import type { WholeCalls } from '../../../net/outgoing/whole-calls.ts'
import type { Clock } from '../../../std/clock.ts'
import { Allowance } from '../../../telemetry/allowance.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { Permissions } from '../config/permission.ts'
import { type PushwireSettings, pushwireSection } from '../settings.ts'
import { unavailable } from './answers.ts'
import type { Question, Validator, Verdict } from './validator.ts'
import { readWebhookAnswer } from './webhook-answer.ts'

/** Contract §6.2. */
const answerBytesMax = 65_536

/** Verdicts that are kept: a worker's clients of a minute, 3 MB. */
const keptMax = 10_000

/** An application that failed so often in a row is not asked for so long: it needs its time to recover. */
const failuresMax = 5
const restMs = 1_000

interface Kept {
  readonly verdict: Verdict
  /** Of the monotonic clock. */
  readonly untilMs: number
  /** As of `Permission`. */
  readonly expires: number | undefined
}

interface Dependencies {
  readonly clock: Clock
  readonly log: Log<string>
  readonly permissions: Permissions
  readonly calls: Pick<WholeCalls, 'call'>
}

export class WebhookValidator implements Validator {
  readonly #address: CallAddress
  readonly #timeoutMs: number
  readonly #given: Dependencies
  readonly #allowance: Allowance
  /** Who waits for the answer to a question, by its digest. */
  readonly #asked = new Map<string, ((verdict: Verdict) => void)[]>()
  /** The one that was learned first comes first. */
  readonly #kept = new Map<string, Kept>()
  #failures = 0
  #restsUntilMs = Number.NEGATIVE_INFINITY
  readonly #counters = { verdictsShared: 0, verdictsAtOnce: 0 }

  constructor(
    { authUrl, authTimeoutMs }: Pick<PushwireSettings, 'authUrl' | 'authTimeoutMs'>,
    dependencies: Dependencies,
  ) {
    const address = parseCallUrl(authUrl)
    assert(typeof address !== 'string', 'a URL that does not read is a mistake')
    this.#address = address
    this.#timeoutMs = authTimeoutMs
    this.#given = dependencies
    this.#allowance = new Allowance(dependencies.clock)
  }

  statistics(): Readonly<Record<'verdictsKept' | 'verdictsShared' | 'verdictsAtOnce', number>> {
    return { ...this.#counters, verdictsKept: this.#kept.size }
  }

  judge(question: Question, done: (verdict: Verdict) => void): void {
    const { clientId, token = null, capabilities, transport, ip } = question
    const body = Buffer.from(JSON.stringify({ client_id: clientId, token, capabilities, transport, ip }))
    // Not the question itself, which has a token in it.
    const key = hash('sha256', body, 'base64')
    const kept = this.#find(key)
    const waiting = this.#asked.get(key)
    if (kept !== undefined || waiting !== undefined) this.#counters.verdictsShared++
    if (kept !== undefined) return done(kept)
    if (waiting !== undefined) return void waiting.push(done)
    if (this.#given.clock.now() < this.#restsUntilMs) {
      this.#counters.verdictsAtOnce++
      return done(unavailable)
    }
    this.#asked.set(key, [done])
    this.#ask(body, answer => this.#heard(key, question, answer))
  }

  #find(key: string): Verdict | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    const { clock } = this.#given
    const hasEnded = kept.expires !== undefined && kept.expires * 1_000 <= clock.unixMs()
    if (clock.now() < kept.untilMs && !hasEnded) return kept.verdict
    this.#kept.delete(key)
    return undefined
  }

  #ask(body: Uint8Array, done: (answer: WholeAnswer) => void): void {
    const { target, path, host } = this.#address
    const rawHeaders = ['Host', host, 'Content-Type', 'application/json', 'Accept', 'application/json']
    const request = { target, method: 'POST', path, rawHeaders, body }
    // A question may be asked twice: nothing comes of it but an answer.
    this.#given.calls.call(request, { timeoutMs: this.#timeoutMs, answerBytesMax, isRepeatable: true }, done)
  }

  #heard(key: string, question: Question, answer: WholeAnswer): void {
    const verdict = this.#verdictOf(key, question, answer)
    const waiting = this.#asked.get(key) ?? []
    this.#asked.delete(key)
    for (const done of waiting) done(verdict)
  }

  #verdictOf(key: string, { clientId }: Question, answer: WholeAnswer): Verdict {
    const { clock, permissions } = this.#given
    // Of our own bound the application knows nothing.
    if (!answer.ok) return this.#failed(answer.code, answer.message, answer.kind !== 'crowded')
    const read = readWebhookAnswer(answer, { clientId, unixMs: clock.unixMs() })
    if (read.kind === 'fault') {
      const { host, port } = this.#address.target
      // Whoever asks can bring it to that by what he says: it must not shut out others.
      const isOfQuestion = answer.status >= 400 && answer.status <= 499 && answer.status !== 429
      return this.#failed('answer-invalid', `${host}:${port} answered with ${read.why}`, !isOfQuestion)
    }
    this.#failures = 0
    if (read.kind === 'no') return read.verdict
    const { grants, expires, keptMs } = read
    const verdict: Verdict = { ok: true, permission: permissions.of(grants, expires) }
    if (keptMs > 0) this.#keep(key, { verdict, expires, untilMs: clock.now() + keptMs })
    return verdict
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.set(key, kept)
    if (this.#kept.size <= keptMax) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }

  #failed(cause: string, message: string, isItsOwn: boolean): Verdict {
    const { clock, log } = this.#given
    if (isItsOwn && ++this.#failures >= failuresMax) this.#restsUntilMs = clock.now() + restMs
    const fields = { protocol: pushwireSection.name, cause }
    const text = `clients are refused, since nobody says who may come in: ${message}`
    const write = (left: object) => log.warn({ code: 'validator-failed', ...fields, ...left }, text)
    this.#allowance.spend('validator-failed', write, write)
    return unavailable
  }
}
