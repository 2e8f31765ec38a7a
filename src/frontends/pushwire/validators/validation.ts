// Who is let in, and to what: opens whichever of the four validators the settings name.
import type { JwtKey } from '../../../auth/jwt-keys.ts'
import type { WholeCalls } from '../../../net/outgoing/whole-calls.ts'
import type { Clock } from '../../../std/clock.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { MetricRow } from '../../../telemetry/metric-row.ts'
import type { Permissions } from '../config/permission.ts'
import type { PushwireSettings } from '../settings.ts'
import { JwtValidator } from './jwt.ts'
import { StaticValidator } from './static.ts'
import type { Question, Validator, ValidatorCount, Verdict } from './validator.ts'
import { WebhookValidator } from './webhook.ts'

export interface ValidatorDependencies {
  readonly clock: Clock
  readonly log: Log<string>
  readonly permissions: Permissions
  readonly calls: Pick<WholeCalls, 'call'>
  /** Of auth jwt; see `jwtKeysOf`. */
  readonly keys: readonly JwtKey[]
}

/** For settings without mistakes. Another one is opened where they changed: nothing that it remembers outlives them. */
export function openValidator(settings: PushwireSettings, dependencies: ValidatorDependencies): Validator {
  switch (settings.auth) {
    case 'open':
      return new OpenValidator(dependencies.permissions)
    case 'static':
      return new StaticValidator(settings.tokens, dependencies.permissions)
    case 'jwt':
      return new JwtValidator(settings, dependencies)
    case 'webhook':
      return new WebhookValidator(settings, dependencies)
    default:
      return settings.auth satisfies never
  }
}

/** Everybody with any id, to everything. */
class OpenValidator implements Validator {
  readonly #verdict: Verdict

  constructor(permissions: Permissions) {
    this.#verdict = { ok: true, permission: permissions.of('all') }
  }

  judge(_question: Question, done: (verdict: Verdict) => void): void {
    done(this.#verdict)
  }

  statistics(): Partial<Record<ValidatorCount, number>> {
    return {}
  }
}

export const validatorMetrics: readonly (MetricRow & readonly [ValidatorCount, ...unknown[]])[] = [
  ['tokensVerified', 'tokens_verified_total', 'Signatures of tokens that were checked.'],
  ['tokensRemembered', 'tokens_remembered', 'Tokens that passed and need no other check of their signature.'],
  ['verdictsKept', 'verdicts_kept', 'Answers of the validating application that hold for others now.'],
  [
    'verdictsShared',
    'verdicts_shared_total',
    'Clients let in by such an answer, or by one asked for another client.',
  ],
  [
    'verdictsAtOnce',
    'verdicts_at_once_total',
    'Clients refused without asking, because the validating application failed again and again.',
  ],
]
