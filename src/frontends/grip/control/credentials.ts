// Who may publish (contract §14, fault 3). Without a secret everybody who reaches the door, as with the original; but no page:
// a browser on the same machine reaches loopback, too, and takes whatever page its user has open there.
import { createBearerCheck } from '../../../auth/bearer.ts'
import type { GateExchange } from '../../../net/gate/gate-exchange.ts'

export interface ControlCredentials {
  readonly controlSecret: readonly string[]
  /** Empty: a bearer alone. */
  readonly controlUser: string
}

export type CredentialCheck = (exchange: Pick<GateExchange, 'header'>) => boolean

export function mayPublishWith({ controlSecret, controlUser }: ControlCredentials): CredentialCheck {
  if (controlSecret.length === 0) return exchange => exchange.header('origin') === undefined
  const isBearer = createBearerCheck(controlSecret)
  const isBasic = createBearerCheck(
    controlUser === '' ? [] : controlSecret.map(secret => basicOf(controlUser, secret)),
  )
  return exchange => {
    const header = exchange.header('authorization')
    return isBearer(header) || isBasic(header?.replace(/^Basic +/i, 'Bearer '))
  }
}

/** RFC 7617 section 2. */
function basicOf(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`).toString('base64')
}
