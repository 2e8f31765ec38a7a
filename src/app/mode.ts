// Development or production: what each fills in, and what it refuses.
import type { Frontend } from '../frontends/frontend.ts'
import { type Values, variableOf } from '../settings/settings.ts'
import { isLoopback, parseAddress } from '../std/address.ts'
import type { Random } from '../std/random.ts'
import type { NodeSettings } from './settings.ts'

export interface ModeCheck {
  /** Variables of the secrets that were generated, with their values: to be shown once. */
  readonly generated: ReadonlyMap<string, string>
  readonly refused: readonly string[]
}

const secretBytes = 24

/** Fills `values` with what development may make up. */
export function checkMode(values: Values, frontends: readonly Frontend[], random: Random): ModeCheck {
  const { mode } = values[''] as unknown as NodeSettings // read against this section by the caller
  const generated = new Map<string, string>()
  const refused: string[] = []
  for (const { name, section } of frontends) {
    const own = values[name] ?? {}
    for (const [key, setting] of Object.entries(section.fields)) {
      const variable = variableOf(name, key)
      if (setting.type === 'secret' && own[key] === '') {
        if (mode === 'production')
          refused.push(`${variable} is required in production; one way to make it: openssl rand -hex 24`)
        own[key] = random.hex(secretBytes)
        generated.set(variable, String(own[key]))
      }
      const address = setting.type === 'address' ? parseAddress(String(own[key])) : undefined
      if (mode === 'development' && address !== undefined && !isLoopback(address)) {
        refused.push(
          `${variable} is ${own[key]}, but development listens on loopback addresses only; set RINGCAST_MODE=production`,
        )
      }
    }
  }
  return { generated, refused }
}
