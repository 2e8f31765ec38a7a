// What a daemon of the tests is started with, out of the registry: each protocol listens on free ports, has secrets, and
// lists channels where production asks it to. It is made once for a run: reading every protocol takes a third of a second.
import { createHash } from 'node:crypto'
import type { Frontend } from '../../src/frontends/frontend.ts'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import type { Setting } from '../../src/std/setting.ts'
import { secrets } from './daemon-secrets.ts'
import { defaultsOf } from './defaults.ts'

/** By the names of the originals, so that conformance rows can set them as their users do. Where no protocol reads one, nobody does. */
const chosen: Readonly<Record<string, string>> = {
  RPUSHD_SECRET: secrets.subscribe,
  RPUSHD_PUBLISH_SECRET: secrets.publish,
  AUTH_SECRET_KEY: secrets.jwt,
  PUBLISHER_CLIENT_ID: 'app',
  PUBLISHER_CLIENT_SECRET: secrets.client,
}

/** Where channels are a protocol's own, tests of several protocols make theirs as they go. */
const channels: Readonly<Record<string, string>> = {
  RINGCAST_PUSHWIRE_CHANNELS: '[{"name":"system","system":true},{"name":"*","handler":"broadcast"}]',
}

function defaultsFor({ name, section, isOpen }: Frontend): readonly (readonly [string, string])[] {
  const listsAll = isOpen?.(defaultsOf(section.fields)) === true
  return Object.entries<Setting>(section.fields).flatMap(([key, setting]) => {
    const variable = variableOf(name, key)
    if (channels[variable] !== undefined) return [[variable, channels[variable]] as const]
    const isChosen = setting.aliases?.some(alias => alias.variable in chosen) === true
    if (setting.type === 'address') return [[variable, '127.0.0.1:0'] as const]
    if (setting.type === 'secret' && !isChosen) return [[variable, secretFor(variable)] as const]
    if (listsAll && (key === 'subscribe' || key === 'publish')) return [[variable, '*'] as const]
    return []
  })
}

/** The same in every process of a run. */
function secretFor(variable: string): string {
  return createHash('sha256').update(variable).digest('hex')
}

const frontends: readonly Frontend[] = Object.values(registry)

export const daemonDefaults: Readonly<Record<string, string>> = {
  RINGCAST_MODE: 'production',
  RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
  ...Object.fromEntries(frontends.flatMap(defaultsFor)),
  ...chosen,
}
