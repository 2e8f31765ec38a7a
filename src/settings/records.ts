// A list of objects whose members are described like settings: judged as a whole, each mistake with its place.
import type { Member, Members, RecordsSetting, SettingRecord } from '../std/setting.ts'
import { expectationOf, hasForm, unfitItems } from './expectations.ts'
import { unknownText } from './names.ts'

/** `value` is what JSON or the settings file makes of it; undefined where `recordFaults` finds some. */
export function recordsOf(setting: RecordsSetting, value: unknown): readonly SettingRecord[] | undefined {
  return recordFaults(setting, value).length > 0 ? undefined : (value as readonly SettingRecord[]) // it was judged just now
}

/** Each to follow the setting's name; what begins with a bracket is a place in the list. */
export function recordFaults({ recordsMax, members }: RecordsSetting, value: unknown): readonly string[] {
  if (!Array.isArray(value)) return ['must be a list of objects']
  if (value.length > recordsMax) return [`has ${value.length} entries, and ${recordsMax} are allowed`]
  return value.flatMap((entry, index) => entryFaults(entry, members).map(fault => `[${index}]${fault}`))
}

function entryFaults(entry: unknown, members: Members): readonly string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [' must be an object']
  const missing = Object.entries(members)
    .filter(([name, { required }]) => required && !Object.hasOwn(entry, name))
    .map(([name]) => `.${name} is missing`)
  const wrong = Object.entries(entry).flatMap(([name, value]) => {
    const member = Object.hasOwn(members, name) ? members[name] : undefined
    const faults =
      member === undefined ? [unknownMember(name, Object.keys(members))] : memberFaults(member, value)
    return faults.map(fault => `.${name} ${fault}`)
  })
  return [...missing, ...wrong]
}

function unknownMember(name: string, names: readonly string[]): string {
  const unknown = unknownText(name, names)
  return unknown === 'is unknown' ? `${unknown}; known are ${names.join(', ')}` : unknown
}

function memberFaults({ setting }: Member, value: unknown): readonly string[] {
  switch (setting.type) {
    case 'integer': {
      const { min, max } = setting
      const fits = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
      return fits ? [] : [expectationOf(setting, 1)]
    }
    case 'choice':
      return setting.choices.some(choice => choice === value) ? [] : [expectationOf(setting, 1)]
    case 'boolean':
      return typeof value === 'boolean' ? [] : [expectationOf(setting, 1)]
    case 'list':
      if (!Array.isArray(value) || !value.every(item => typeof item === 'string'))
        return ['must be a list of texts']
      return unfitItems(setting, value)
    case 'text':
      return typeof value === 'string' && hasForm(setting, value) ? [] : [expectationOf(setting, 1)]
    default:
      return setting satisfies never
  }
}
