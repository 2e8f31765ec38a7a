// What a setting takes, in words and as a rule: the same for a value of its own and for a member of an object.
import { unfitHost, unfitOrigin } from '../std/origin.ts'
import type { ListSetting, Setting, TextSetting } from '../std/setting.ts'

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
    case 'records':
      return `must be a list of up to ${setting.recordsMax} objects (in a variable or flag: JSON)`
    case 'text':
      return `must be ${setting.form === undefined ? 'text' : forms[setting.form].what}`
    default:
      return setting satisfies never
  }
}

/** A cookie's name is a token (RFC 6265 section 4.1.1). */
const forms = {
  'absolute path': { what: 'an absolute path', pattern: /^\/[^\0]*$/ },
  'cookie name': { what: 'a name that a cookie can have', pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/ },
} as const satisfies Readonly<Record<NonNullable<TextSetting['form']>, { what: string; pattern: RegExp }>>

export function hasForm({ form }: TextSetting, text: string): boolean {
  return form === undefined || text === '' || forms[form].pattern.test(text)
}

/** One sentence's end for each that can never match. */
export function unfitItems({ of }: ListSetting, items: readonly string[]): readonly string[] {
  if (of === undefined) return []
  const unfitOf = of === 'hosts' ? unfitHost : unfitOrigin
  return items.flatMap(item => {
    const unfit = of === 'origins, or *' && item === '*' ? undefined : unfitOf(item)
    if (unfit === undefined) return []
    const hint = unfit.meant === undefined ? '' : `; did you mean ${unfit.meant}?`
    return [`has '${item}', which is ${unfit.reason}${hint}`]
  })
}
