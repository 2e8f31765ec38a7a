// Which broker joins the nodes, by the mode. Its client is loaded by those who want it alone.
import type { CarrierOptions, Membership } from './membership.ts'

export function join({ settings }: CarrierOptions): Promise<Membership> {
  return Promise.reject(new Error(`there is no carrier for ${settings.mode}`))
}
