// Reads the environment against every room's section and reports all mistakes at once. Nobody else reads it.
import { parseAddress } from '../std/address.ts'
import type { Section, Setting } from '../std/setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Values by section and key. A secret that was not given is empty. */
export type Values = Record<string, Record<string, string | number>>

export interface SettingsReading {
  readonly values: Values
  /** One sentence each, naming the variable; empty: all is well. */
  readonly mistakes: readonly string[]
}

export function readSettings(sections: readonly Section[], environment: Environment): SettingsReading {
  const values: Values = {}
  const mistakes: string[] = []
  for (const { name, fields } of sections) {
    const own: Record<string, string | number> = {}
    for (const [key, setting] of Object.entries(fields)) {
      own[key] = readSetting(setting, variableOf(name, key), environment, mistakes)
    }
    values[name] = own
  }
  return { values, mistakes }
}

/** `rpushd`, `heartbeatMs` → `RINGCAST_RPUSHD_HEARTBEAT_MS`. */
export function variableOf(section: string, key: string): string {
  const snake = key.replace(/[A-Z]/g, letter => `_${letter}`)
  return ['RINGCAST', ...(section === '' ? [] : [section]), snake].join('_').toUpperCase()
}

/** Our own variable goes before those of a replaced original. */
function readSetting(
  setting: Setting,
  own: string,
  environment: Environment,
  mistakes: string[],
): string | number {
  const names = [{ variable: own, scale: 1 }, ...(setting.aliases ?? [])]
  for (const { variable, scale } of names) {
    const text = environment[variable]
    if (text === undefined) continue
    const value = parseValue(setting, text, scale ?? 1)
    if (value !== undefined) return value
    mistakes.push(
      `${variable} ${expectation(setting, scale ?? 1)}${setting.type === 'secret' ? '' : `, not '${text}'`}`,
    )
    break
  }
  return setting.type === 'secret' ? '' : setting.default
}

function parseValue(setting: Setting, text: string, scale: number): string | number | undefined {
  switch (setting.type) {
    case 'integer': {
      const value = /^\d{1,15}$/.test(text) ? Number(text) * scale : Number.NaN
      return value >= setting.min && value <= setting.max ? value : undefined
    }
    case 'choice':
      return setting.choices.includes(text) ? text : undefined
    case 'secret':
      return text.trim() === '' ? undefined : text.trim()
    case 'address':
      return text === 'off' || parseAddress(text) !== undefined ? text : undefined
    case 'text':
      return text
    default:
      return setting satisfies never
  }
}

function expectation(setting: Setting, scale: number): string {
  switch (setting.type) {
    case 'integer':
      return `must be a whole number from ${Math.ceil(setting.min / scale)} to ${Math.floor(setting.max / scale)}`
    case 'choice':
      return `must be one of ${setting.choices.join(', ')}`
    case 'secret':
      return 'must not be empty'
    case 'address':
      return "must be an address (host:port, a port, or 'off')"
    case 'text':
      return 'must be text'
    default:
      return setting satisfies never
  }
}
