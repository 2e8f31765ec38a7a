// Who is let in, as it is set now: the validator that the settings name, with its keys and its calls. Another one takes its place
// where they are read again; a key set that went bad since is told, and the one before stays.
import type { JwtKey } from '../../../auth/jwt-keys.ts'
import { readKeyFile } from '../../../auth/key-file.ts'
import { createIsForbidden } from '../../../net/outgoing/forbidden-addresses.ts'
import { WholeCalls } from '../../../net/outgoing/whole-calls.ts'
import { faultText } from '../../../std/fault.ts'
import type { FrontendContext } from '../../frontend.ts'
import type { Plan } from '../config/config.ts'
import { Permissions } from '../config/permission.ts'
import type { PushwireSettings } from '../settings.ts'
import { jwtKeysOf } from './jwt.ts'
import { openValidator } from './validation.ts'
import type { Question, Validator, Verdict } from './validator.ts'

type Context = Pick<FrontendContext<PushwireSettings>, 'clock' | 'log' | 'ownAddresses'>

export class Entrance {
  readonly calls: WholeCalls
  readonly #context: Context
  readonly #permissions: Permissions
  #validator: Validator

  constructor(context: Context, plan: Plan, settings: PushwireSettings) {
    this.#context = context
    const { clock, ownAddresses } = context
    const isForbidden = createIsForbidden(settings.outgoingAllow, ownAddresses)
    this.calls = new WholeCalls({ clock, isForbidden })
    this.#permissions = new Permissions(
      plan.channels.filter(({ isSystem }) => !isSystem).map(({ configured }) => configured),
    )
    this.#validator = this.#open(settings, this.#keysAtOpen(settings))
  }

  /** `done` is called exactly once, possibly before this returns. */
  judge(question: Question, done: (verdict: Verdict) => void): void {
    this.#validator.judge(question, done)
  }

  /** Who is in stays; who comes next is judged by these. */
  reload(settings: PushwireSettings): void {
    try {
      this.#validator = this.#open(settings, jwtKeysOf(settings, readKeyFile).keys)
    } catch (error) {
      this.#context.log.error({ code: 'reload-refused' }, faultText(error))
    }
  }

  statistics(): Readonly<Record<string, number>> {
    const { tokensVerified = 0, tokensRemembered = 0, ...verdicts } = this.#validator.statistics()
    const { verdictsKept = 0, verdictsShared = 0, verdictsAtOnce = 0 } = verdicts
    const own = { tokensVerified, tokensRemembered, verdictsKept, verdictsShared, verdictsAtOnce }
    return { ...own, ...this.calls.statistics() }
  }

  /**
   * The start checked the file. Where it went bad since, the successor of a dead worker goes on without it: its tokens are
   * refused until the file is mended and read again.
   */
  #keysAtOpen(settings: PushwireSettings): readonly JwtKey[] {
    try {
      return jwtKeysOf(settings, readKeyFile).keys
    } catch (error) {
      this.#context.log.error({ code: 'reload-refused' }, faultText(error))
      return jwtKeysOf({ ...settings, jwksFile: '' }, readKeyFile).keys
    }
  }

  #open(settings: PushwireSettings, keys: readonly JwtKey[]): Validator {
    const { clock, log } = this.#context
    return openValidator(settings, { clock, log, permissions: this.#permissions, calls: this.calls, keys })
  }
}
