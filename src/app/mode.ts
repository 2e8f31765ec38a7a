// Development or production: what each fills in, and what it refuses. Works on sections alone, so that every room
// with a secret, an address or strangers is judged by the same rules.

import { isPresentable } from '../auth/bearer.ts'
import { makeSecret, secretAdvice, weaknessOf } from '../auth/secret-strength.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { pathOf, variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { isLoopback, parseAddress } from '../std/address.ts'
import type { Random } from '../std/random.ts'
import type { Section, Setting } from '../std/setting.ts'
import { nodeSettingsOf } from './node.ts'

export interface ModeCheck {
  /** Variables of the secrets that were generated, with their values: to be shown once. */
  readonly generated: ReadonlyMap<string, string>
  readonly refused: readonly string[]
  readonly warnings: readonly string[]
}

/** Fills `values` with what development may make up. `origins`: see `readSettings`. */
export function checkMode(
  values: Values,
  origins: ReadonlyMap<string, string>,
  sections: readonly Section[],
  random: Random,
): ModeCheck {
  const { mode } = nodeSettingsOf(values)
  const generated = new Map<string, string>()
  const refused: string[] = []
  const warnings: string[] = []
  for (const { name, fields } of sections) {
    const own = values[name] ?? {}
    for (const [key, setting] of Object.entries(fields)) {
      const variable = variableOf(name, key)
      const value = own[key] ?? ''
      if (setting.type === 'address' && mode === 'development') {
        const mistake = loopbackMistake(variable, String(value))
        if (mistake !== undefined) refused.push(mistake)
      }
      const origin = origins.get(pathOf(name, key)) ?? variable
      const unfit = unfitnessOf(setting, [value].flat())
      if (unfit !== undefined) (isStrict(setting, origin) ? refused : warnings).push(`${origin} ${unfit}`)
      if (hasReplacement([value].flat())) refused.push(`${origin} is not UTF-8`)
      if (setting.type !== 'secret') continue
      if (Array.isArray(value) && value.length > 0) {
        if (mode === 'development') continue
        const weakness = value.map(weaknessOf).find(text => text !== undefined)
        if (weakness === undefined) continue
        ;(isStrict(setting, origin) ? refused : warnings).push(`${origin} ${weakness}; ${secretAdvice}`)
      } else if (mode === 'development') {
        const secret = makeSecret(random)
        own[key] = [secret]
        generated.set(variable, secret)
      } else if (setting.optional === undefined) {
        refused.push(`${variable} is required in production; ${secretAdvice}`)
      }
    }
  }
  return { generated, refused, warnings }
}

/** What lets strangers in must say in production which channels are theirs. */
export function checkOpen(values: Values, frontends: readonly Frontend[]): readonly string[] {
  const { mode } = nodeSettingsOf(values)
  if (mode === 'development') return []
  return frontends.flatMap(frontend => {
    const own = values[frontend.name] as never // read against its section
    if (frontend.isOpen?.(own) !== true) return []
    return ['subscribe', 'publish']
      .filter(key => (values[frontend.name]?.[key] as readonly string[] | undefined)?.length === 0) // lists by contract
      .map(
        key =>
          `${variableOf(frontend.name, key)} is required in production, since ${frontend.name} lets everybody in; list the channels' patterns, or * for all`,
      )
  })
}

/** What is in files that settings name: secrets there are judged like those of settings. */
export function checkFiles(
  values: Values,
  frontends: readonly Frontend[],
): Pick<ModeCheck, 'refused' | 'warnings'> {
  const { mode } = nodeSettingsOf(values)
  const refused: string[] = []
  const warnings: string[] = []
  for (const { name, judgeFiles } of frontends) {
    const judgement = judgeFiles?.(values[name] as never) // read against its section
    if (judgement === undefined) continue
    refused.push(...judgement.mistakes.map(mistake => `${name}: ${mistake}`))
    warnings.push(...judgement.warnings.map(warning => `${name}: ${warning}`))
    if (mode === 'development') continue
    for (const secret of judgement.secrets) {
      const weakness = weaknessOf(secret.secret)
      if (weakness !== undefined) refused.push(`${name}: ${secret.name} ${weakness}; ${secretAdvice}`)
    }
  }
  return { refused, warnings }
}

function loopbackMistake(variable: string, text: string): string | undefined {
  const address = parseAddress(text)
  if (address === undefined || isLoopback(address)) return undefined
  return `${variable} is ${text}, but development listens on loopback addresses only; set RINGCAST_MODE=production`
}

/** What stands under the name of a replaced original was good enough so far, and only earns a warning. */
function isStrict({ aliases }: Setting, origin: string): boolean {
  return !(aliases ?? []).some(({ variable }) => origin.startsWith(variable))
}

/** Why a value can be had and never be used, in any mode. */
function unfitnessOf(setting: Setting, values: readonly unknown[]): string | undefined {
  const isPresented = (setting.type === 'secret' || setting.type === 'text') && setting.isPresented
  if (!isPresented || values.every(value => isPresentable(String(value)))) return undefined
  return 'has characters that no header can carry, so that no client can present it; write it in visible ASCII'
}

/** Bytes that are no UTF-8 became U+FFFD before we had them, each the same: a name or a key would be another one. */
function hasReplacement(values: readonly unknown[]): boolean {
  return values.some(value => (JSON.stringify(value) ?? '').includes('\ufffd'))
}
