// Text or a value of the settings file to a setting's own type, or why it is none.
import { parseAddress } from '../std/address.ts'
import type { Setting, SettingValue } from '../std/setting.ts'

/** What was found, and where: `scale` is that of an alias. */
export interface Raw {
  readonly value: unknown
  readonly scale: number
}

/** Undefined where the value does not fit. */
export function parseValue(setting: Setting, { value, scale }: Raw): SettingValue | undefined {
  switch (setting.type) {
    case 'integer': {
      const number = /^\d{1,15}$/.test(String(value)) ? Number(value) * scale : Number.NaN
      return number >= setting.min && number <= setting.max ? number : undefined
    }
    case 'choice':
      return setting.choices.find(choice => choice === value)
    case 'boolean':
      return booleans.get(String(value))
    case 'list':
      return parseList(value, /,/)
    case 'secret': {
      const secrets = parseList(value, /\r?\n/)
      return secrets === undefined || secrets.length === 0 ? undefined : secrets
    }
    case 'address': {
      const text = String(value)
      return text === 'off' || parseAddress(text) !== undefined ? text : undefined
    }
    case 'json':
      return parseJson(value)
    case 'text':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
    default:
      return setting satisfies never
  }
}

/** What a setting takes, to follow its name. */
export function expectationOf(setting: Setting, scale: number): string {
  switch (setting.type) {
    case 'integer':
      return `must be a whole number from ${Math.ceil(setting.min / scale)} to ${Math.floor(setting.max / scale)}`
    case 'choice':
      return `must be one of ${setting.choices.join(', ')}`
    case 'boolean':
      return 'must be true or false'
    case 'list':
      return 'must be a list (in a variable or flag: separated by commas)'
    case 'secret':
      return 'must not be empty'
    case 'address':
      return "must be an address (host:port, a port, unix:/path, or 'off')"
    case 'json':
      return 'must be JSON'
    case 'text':
      return 'must be text'
    default:
      return setting satisfies never
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** Trimmed, without empty ones. */
function parseList(value: unknown, separator: RegExp): readonly string[] | undefined {
  const parts = typeof value === 'string' ? value.split(separator) : value
  if (!Array.isArray(parts) || !parts.every(part => typeof part === 'string')) return undefined
  return parts.map(part => part.trim()).filter(part => part !== '')
}

function parseJson(value: unknown): string | undefined {
  if (typeof value !== 'string') return JSON.stringify(value)
  if (value === '') return ''
  try {
    JSON.parse(value)
    return value
  } catch {
    return undefined // the caller says what was expected
  }
}
