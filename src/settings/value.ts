// Text or a value of the settings file to a setting's own type, or why it is none.
import { parseAddress } from '../std/address.ts'
import { unfitHost, unfitOrigin } from '../std/origin.ts'
import type { ListSetting, Setting, SettingValue, TextSetting } from '../std/setting.ts'

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
    case 'json':
      return respelled(plain, value) === undefined ? parseJson(plain ?? value) : undefined
    case 'text':
      return typeof value === 'string' && hasForm(setting, value) ? value : undefined
    default:
      return setting satisfies never
  }
}

/** Why the value does not fit, each to follow its name. A secret is not shown. */
export function mistakesOf(setting: Setting, raw: Raw): readonly string[] {
  const items = setting.type === 'list' ? parseList(raw.value, /,/) : undefined
  if (setting.type !== 'list' || items === undefined) return [mistakeOf(setting, raw)]
  return unfitItems(setting, items)
}

function mistakeOf(setting: Setting, { value, plain, scale }: Raw): string {
  if (setting.type === 'secret') {
    return parseList(value, /,/) === undefined ? 'must be text, or a list of texts' : 'must not be empty'
  }
  const odd = respelled(plain, value)
  if (odd !== undefined && setting.type === 'json') {
    return `has ${odd.spelled}, which YAML reads as ${odd.plain}; write that, or quote it where it is text`
  }
  const how = odd === undefined || setting.type !== 'integer' ? '' : ' in decimal digits'
  return `${expectationOf(setting, scale)}${how}, not '${textOf(value)}'`
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
      return `must be a list${setting.of === undefined ? '' : ` of ${setting.of}`} (in a variable or flag: separated by commas)`
    case 'secret':
      return 'must not be empty'
    case 'address':
      return "must be an address (host:port, a port, unix:/path, or 'off')"
    case 'json':
      return 'must be JSON'
    case 'text':
      return `must be ${setting.form === undefined ? 'text' : forms[setting.form].what}`
    default:
      return setting satisfies never
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** A cookie's name is a token (RFC 6265 section 4.1.1). */
const forms = {
  'absolute path': { what: 'an absolute path', pattern: /^\/[^\0]*$/ },
  'cookie name': { what: 'a name that a cookie can have', pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/ },
} as const satisfies Readonly<Record<NonNullable<TextSetting['form']>, { what: string; pattern: RegExp }>>

function hasForm({ form }: TextSetting, text: string): boolean {
  return form === undefined || text === '' || forms[form].pattern.test(text)
}

/** One sentence's end for each that can never match. */
function unfitItems({ of }: ListSetting, items: readonly string[]): readonly string[] {
  if (of === undefined) return []
  const unfitOf = of === 'hosts' ? unfitHost : unfitOrigin
  return items.flatMap(item => {
    const unfit = of === 'origins, or *' && item === '*' ? undefined : unfitOf(item)
    if (unfit === undefined) return []
    const hint = unfit.meant === undefined ? '' : `; did you mean ${unfit.meant}?`
    return [`has '${item}', which is ${unfit.reason}${hint}`]
  })
}

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
