// WebSockets that were asked for, and what came of them.
import { equal } from 'node:assert/strict'
import type { BareConnection } from '../../src/net/bare-connection.ts'
import type { Dial, DialRequest } from '../../src/net/outgoing/dial.ts'
import type { Dialler } from '../../src/net/outgoing/dialler.ts'
import type { CallFailure } from '../../src/net/outgoing/failures.ts'
import { until } from './until.ts'

/** One dial and everything that its handlers heard. */
export class Dialled {
  readonly dial: Dial
  accepted: { readonly rawHeaders: readonly string[]; readonly connection: BareConnection } | undefined
  refused: readonly [number, string, readonly string[], string] | undefined
  failure: CallFailure | undefined
  told = 0

  constructor(dialler: Pick<Dialler, 'dial'>, request: DialRequest, onTold: () => void = () => {}) {
    const tell = () => {
      this.told++
      onTold()
    }
    this.dial = dialler.dial(request, {
      onAccepted: (rawHeaders, connection) => {
        this.accepted = { rawHeaders, connection }
        tell()
      },
      onRefused: (status, reason, rawHeaders, body) => {
        this.refused = [status, reason, rawHeaders, body.toString('latin1')]
        tell()
      },
      onFailure: failure => {
        this.failure = failure
        tell()
      },
    })
    equal(this.told, 0)
  }

  async over(): Promise<this> {
    await until('the end of a handshake', () => this.told > 0)
    return this
  }

  /** Phase and code. */
  async failed(): Promise<readonly [string | undefined, string | undefined]> {
    const { failure } = await this.over()
    return [failure?.phase, failure?.code]
  }

  async connection(): Promise<BareConnection> {
    const { accepted, failure } = await this.over()
    if (accepted === undefined) throw new Error(`not accepted: ${JSON.stringify(failure)}`)
    return accepted.connection
  }
}
