// Reads every room's settings out of file, environment and flags, in rising order of rank, and reports all mistakes
// at once. Nobody else reads the environment.
import { readRegularFile } from '../std/regular-file.ts'
import type { Alias, Section, Setting, SettingValue } from '../std/setting.ts'
import { exposureWarnings, type SettingWarning, trustWarnings } from './exposure.ts'
import { type FileReading, type FileValue, readSettingsFile } from './file.ts'
import { fileVariableOf, flagOf, pathOf, variableOf } from './names.ts'
import { findUnknown } from './unknown.ts'
import { mistakesOf, parseValue, type Raw } from './value.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Values by section and key. A secret that was not given is an empty list. */
export type Values = Record<string, Record<string, SettingValue>>

export interface Sources {
  readonly environment: Environment
  /** By name without dashes; see `flagOf`. */
  readonly flags?: ReadonlyMap<string, string>
}

export interface SettingsReading {
  readonly values: Values
  /** Where each setting that was given comes from, by path: a variable, a flag, or a place in the file. */
  readonly origins: ReadonlyMap<string, string>
  /** One sentence each, naming what was given; empty: all is well. */
  readonly mistakes: readonly string[]
  readonly warnings: readonly SettingWarning[]
}

/** What reading finds wrong, as it goes on. */
interface Findings {
  readonly mistakes: string[]
  readonly warnings: SettingWarning[]
}

interface Found extends Raw {
  /** As the operator wrote it. */
  readonly name: string
  /** See `Alias`. */
  readonly isWhole?: true
}

/** The file itself is named by a variable or a flag, never in the file. */
const fileVariable = variableOf('', 'config')
const fileFlag = flagOf('', 'config')

/** A secret has 48 characters when it is made as we say, and there are few at a time. */
const secretBytesMax = 65_536

export function readSettings(sections: readonly Section[], sources: Sources): SettingsReading {
  const path = sources.flags?.get(fileFlag) ?? sources.environment[fileVariable] ?? ''
  const names = new Set(sections.map(({ name }) => name).filter(name => name !== ''))
  const file: FileReading = path === '' ? { values: new Map(), mistakes: [] } : readSettingsFile(path, names)
  const findings: Findings = {
    mistakes: [
      ...file.mistakes,
      ...findUnknown(sections, sources.environment, sources.flags, file.values.keys(), path),
    ],
    warnings: [],
  }
  let holdsSecret = false
  const values: Values = {}
  const origins = new Map<string, string>()
  for (const { name, fields } of sections) {
    const own: Record<string, SettingValue> = {}
    for (const [key, setting] of Object.entries(fields)) {
      const found = find(setting, name, key, sources, file.values, findings)
      own[key] = found === undefined ? presetOf(setting) : readValue(setting, found, findings.mistakes)
      if (found === undefined) continue
      origins.set(pathOf(name, key), found.name)
      if (setting.type === 'secret' && found.name === pathOf(name, key)) holdsSecret = true
      if (setting.type === 'text' && setting.isTrusted)
        findings.warnings.push(...trustWarnings(found.name, String(found.value)))
    }
    values[name] = own
  }
  if (file.stats !== undefined) {
    const name = sources.flags?.has(fileFlag) ? `--${fileFlag}` : fileVariable
    findings.warnings.push(...exposureWarnings(name, path, file.stats, holdsSecret))
  }
  return { values, origins, ...findings }
}

function presetOf(setting: Setting): SettingValue {
  return setting.type === 'secret' ? [] : setting.default
}

function readValue(setting: Setting, found: Found, mistakes: string[]): SettingValue {
  if (found.isWhole && typeof found.value === 'string' && found.value !== '') return [found.value]
  const value = parseValue(setting, found)
  if (value !== undefined) return value
  // One of a list of objects begins with the place in the list.
  const named = mistakesOf(setting, found).map(
    text => `${found.name}${text.startsWith('[') ? '' : ' '}${text}`,
  )
  mistakes.push(...named)
  return presetOf(setting)
}

/** The place of highest rank: flag, our variable, one of a replaced original, file. */
function find(
  setting: Setting,
  section: string,
  key: string,
  { environment, flags }: Sources,
  file: ReadonlyMap<string, FileValue>,
  findings: Findings,
): Found | undefined {
  const flag = flags?.get(flagOf(section, key))
  // A secret on a command line is seen by everybody on the machine; `findUnknown` refuses it.
  if (flag !== undefined && setting.type !== 'secret') {
    return { name: `--${flagOf(section, key)}`, value: flag, scale: 1 }
  }
  const variables: readonly Alias[] = [{ variable: variableOf(section, key) }, ...(setting.aliases ?? [])]
  for (const { variable, scale = 1, isWhole } of variables) {
    const value = environment[variable]
    const byFile = setting.type === 'secret' ? environment[fileVariableOf(variable)] : undefined
    if (value !== undefined && byFile !== undefined) {
      findings.mistakes.push(`${variable} and ${fileVariableOf(variable)} are both set; leave one out`)
    }
    if (value !== undefined) return { name: variable, value, scale, ...(isWhole && { isWhole }) }
    if (byFile !== undefined) return readSecretFile(fileVariableOf(variable), byFile, findings)
  }
  const path = pathOf(section, key)
  const inFile = file.get(path)
  if (inFile !== undefined && inFile.plain !== null) {
    return { name: path, value: inFile.spelled, plain: inFile.plain, scale: 1 }
  }
  const secretPath = setting.type === 'secret' ? file.get(`${path}_file`) : undefined
  if (secretPath === undefined || secretPath.plain === null) return undefined
  return readSecretFile(`${path}_file`, String(secretPath.spelled), findings)
}

function readSecretFile(name: string, path: string, { mistakes, warnings }: Findings): Found | undefined {
  const reading = readRegularFile(path, { bytesMax: secretBytesMax, follow: true })
  if (!reading.ok) {
    mistakes.push(`${name} names ${path}, which cannot be read: ${reading.reason}`)
    return undefined
  }
  warnings.push(...exposureWarnings(name, path, reading.stats, true))
  return { name, value: reading.bytes.toString('utf8'), scale: 1 }
}
