// Settings in force in one worker, and what follows from them: all of it anew with each reload.
import type { Clock } from '../../std/clock.ts'
import { type CredentialCheck, mayPublishWith } from './control/credentials.ts'
import { trustedKeys } from './files.ts'
import type { GatewaySettings } from './proxy/gateway.ts'
import { gatewaySettingsOf } from './proxy/settings.ts'
import { createTrustCheck, type TrustCheck } from './proxy/trust.ts'
import type { GripSettings } from './settings.ts'

interface Derived {
  readonly settings: GripSettings
  readonly gateway: GatewaySettings
  readonly isTrusted: TrustCheck
  readonly mayPublish: CredentialCheck
}

export class InForce {
  readonly #clock: Clock
  #now: Derived

  constructor(settings: GripSettings, clock: Clock) {
    this.#clock = clock
    this.#now = derivedFrom(settings, clock)
  }

  reload(settings: GripSettings): void {
    this.#now = derivedFrom(settings, this.#clock)
  }

  get settings(): GripSettings {
    return this.#now.settings
  }

  get gateway(): GatewaySettings {
    return this.#now.gateway
  }

  readonly isTrusted: TrustCheck = raw => this.#now.isTrusted(raw)

  readonly mayPublish: CredentialCheck = exchange => this.#now.mayPublish(exchange)
}

function derivedFrom(settings: GripSettings, clock: Clock): Derived {
  return {
    settings,
    gateway: gatewaySettingsOf(settings),
    isTrusted: createTrustCheck(trustedKeys(settings), clock),
    mayPublish: mayPublishWith(settings),
  }
}
