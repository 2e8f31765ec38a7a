// Validators of tests, and what they say.

import { Permissions } from '../../src/frontends/pushwire/config/permission.ts'
import type { Question, Validator, Verdict } from '../../src/frontends/pushwire/validators/validator.ts'
import type { WholeAnswer, WholeLimits, WholeRequest } from '../../src/net/outgoing/whole-call.ts'
import type { Log } from '../../src/telemetry/log.ts'

export const clientId = '7d444840-9dc0-11d1-b245-5ffdce74fad2'

export const permissions = () => new Permissions(['chat', 'data'])

export function questionOf(more: Partial<Question> = {}): Question {
  return {
    clientId,
    token: 'a token',
    capabilities: ['chat'],
    transport: 'websocket',
    ip: '192.0.2.7',
    ...more,
  }
}

export function judge(validator: Validator, more: Partial<Question> = {}): Promise<Verdict> {
  return new Promise(done => validator.judge(questionOf(more), done))
}

/** What is read and written, or the reason and the message. */
export function wordOf(verdict: Verdict): string {
  if (!verdict.ok) return `${verdict.reason}: ${verdict.message}`
  const { reads, writes, expires } = verdict.permission
  return `r ${[...reads]} w ${[...writes]}${expires === undefined ? '' : ` until ${expires}`}`
}

/** Keeps warnings. */
export class KeptLog {
  readonly lines: string[] = []
  readonly log = {
    warn: (fields: object, text: string) => void this.lines.push(`${JSON.stringify(fields)} ${text}`),
  } as unknown as Log<string> // nothing else is written
}

/** Calls that a test answers by itself. */
export class HandCalls {
  readonly asked: { readonly request: WholeRequest; readonly limits: WholeLimits; readonly body: string }[] =
    []
  readonly #waiting: ((answer: WholeAnswer) => void)[] = []

  call(request: WholeRequest, limits: WholeLimits, done: (answer: WholeAnswer) => void): () => void {
    this.asked.push({ request, limits, body: Buffer.from(request.body ?? []).toString() })
    this.#waiting.push(done)
    return () => {}
  }

  /** To the one that was asked first and has no answer. */
  answer(status: number, body: unknown = ''): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    this.#next({ ok: true, status, rawHeaders: [], body: Buffer.from(text) })
  }

  fail(kind: 'crowded' | 'timeout' | 'failed' = 'failed'): void {
    this.#next({ ok: false, kind, code: `call-${kind}`, message: 'a.example:80 did not answer' })
  }

  #next(answer: WholeAnswer): void {
    const done = this.#waiting.shift()
    if (done === undefined) throw new Error('nothing was asked')
    done(answer)
  }
}
