// Text or a value of the settings file to a setting's own type, or why it is none.
import { parseAddress } from '../std/address.ts'
import type { Setting, SettingValue } from '../std/setting.ts'
import { expectationOf, hasForm, unfitItems } from './expectations.ts'
import { recordFaults, recordsOf } from './records.ts'

/** What was found: text, or what the settings file has in place of text. */
export interface Raw {
  /** As it is spelled. */
  readonly value: unknown
  /** Out of the settings file, where a number may be spelled in many ways: as YAML reads it. */
  readonly plain?: unknown
  /** That of an alias. */
  readonly scale: number
}

/** Undefined where the value does not fit. */
export function parseValue(setting: Setting, { value, plain, scale }: Raw): SettingValue | undefined {
  switch (setting.type) {
    case 'integer': {
      const isDecimal = /^\d{1,15}$/.test(String(value)) && respelled(plain, value) === undefined
      const number = isDecimal ? Number(value) * scale : Number.NaN
      return number >= setting.min && number <= setting.max ? number : undefined
    }
    case 'choice':
      return setting.choices.find(choice => choice === value)
    case 'boolean':
      return typeof plain === 'boolean' ? plain : booleans.get(String(value))
    case 'list': {
      const items = parseList(value, /,/)
      return items === undefined || unfitItems(setting, items).length > 0 ? undefined : items
    }
    case 'secret': {
      const secrets = parseList(value, /\r?\n/)
      return secrets === undefined || secrets.length === 0 ? undefined : secrets
    }
    case 'address': {
      const text = String(value)
      return text === 'off' || parseAddress(text) !== undefined ? text : undefined
    }
    case 'records':
      return respelled(plain, value) === undefined ? recordsOf(setting, listOf(plain ?? value)) : undefined
    case 'text':
      return typeof value === 'string' && hasForm(setting, value) ? value : undefined
    default:
      return setting satisfies never
  }
}

/** Why the value does not fit, each to follow its name. A secret is not shown. */
export function mistakesOf(setting: Setting, raw: Raw): readonly string[] {
  if (setting.type === 'records' && respelled(raw.plain, raw.value) === undefined) {
    const list = listOf(raw.plain ?? raw.value)
    return list === undefined ? [mistakeOf(setting, raw)] : recordFaults(setting, list)
  }
  const items = setting.type === 'list' ? parseList(raw.value, /,/) : undefined
  if (setting.type !== 'list' || items === undefined) return [mistakeOf(setting, raw)]
  return unfitItems(setting, items)
}

function mistakeOf(setting: Setting, { value, plain, scale }: Raw): string {
  if (setting.type === 'secret') {
    return parseList(value, /,/) === undefined ? 'must be text, or a list of texts' : 'must not be empty'
  }
  const odd = respelled(plain, value)
  if (odd !== undefined && setting.type === 'records') {
    return `has ${odd.spelled}, which YAML reads as ${odd.plain}; write that, or quote it where it is text`
  }
  const how = odd === undefined || setting.type !== 'integer' ? '' : ' in decimal digits'
  return `${expectationOf(setting, scale)}${how}, not '${textOf(value)}'`
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

/** What text says as JSON, or what the file has in place of text; undefined: it is no JSON. */
function listOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === '') return []
  try {
    return JSON.parse(value)
  } catch {
    return undefined // the caller says what was expected
  }
}

/** The first number that is not spelled as its value: `0777` may be meant as octal, or as text. */
function respelled(
  plain: unknown,
  spelled: unknown,
): { readonly plain: number; readonly spelled: string } | undefined {
  if (typeof plain === 'number') {
    return String(plain) === spelled ? undefined : { plain, spelled: String(spelled) }
  }
  if (typeof plain !== 'object' || plain === null || typeof spelled !== 'object') return undefined
  for (const [key, inner] of Object.entries(plain)) {
    const odd = respelled(inner, spelled?.[key as keyof typeof spelled]) // both have the same members
    if (odd !== undefined) return odd
  }
  return undefined
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
