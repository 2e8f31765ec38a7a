// Settings as flags of a command: one per setting, derived like the variables. Values are left as they are given;
// the settings room reads and judges them together with those of the other sources.
import { type Command, Option } from 'commander'
import { expectationOf } from '../settings/expectations.ts'
import { flagOf, unknownText } from '../settings/names.ts'
import type { Section, Setting } from '../std/setting.ts'
import { wrap } from './output.ts'

/** Where nobody says how wide the window is. */
const columnsDefault = 80

/** What the command line said: flags for `Sources`, and one sentence for each argument that is no flag of a setting. */
export interface FlagReading {
  readonly flags: ReadonlyMap<string, string>
  readonly mistakes: readonly string[]
}

/** Adds a flag for each setting to the command. The returned function reads them once the command was parsed. */
export function addSettingFlags(command: Command, sections: readonly Section[]): () => FlagReading {
  const options = sections.flatMap(({ name, fields }) =>
    Object.entries(fields).map(([key, setting]) => {
      const option = optionOf(flagOf(name, key), setting)
      option.helpGroup(`Settings of ${name === '' ? 'the node' : name}:`)
      command.addOption(option)
      return option
    }),
  )
  // Commander stops at the first unknown flag; this way all are told at once.
  command.allowUnknownOption().allowExcessArguments()
  // Names are long and so are their docs: side by side they fit no window.
  command.configureHelp({
    formatItem: (term, _, description, helper) =>
      [`  ${term}`, ...wrap(description, helper.helpWidth ?? columnsDefault, '      ')].join('\n'),
  })
  return () => {
    const flags = new Map<string, string>()
    for (const option of options) {
      const value: unknown = command.getOptionValue(option.attributeName())
      if (value !== undefined) flags.set(nameOf(option), String(value))
    }
    const shown = options.filter(({ hidden }) => !hidden).map(option => `--${nameOf(option)}`)
    return { flags, mistakes: strangeArguments(command.args, [...shown, '--help']) }
  }
}

/** `--log_level` is `--log-level`: whoever knows a setting's name in the file knows its flag. */
export function withHyphens(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return args.map((arg, index) =>
    end !== -1 && index >= end ? arg : arg.replace(/^--[\w.-]+/, name => name.replaceAll('_', '-')),
  )
}

/** What follows a setting's doc. */
export function takesText(setting: Setting): string {
  return `Takes ${takes(setting)}; default: ${presetText(setting)}.`
}

/** What a setting takes, as a part of a sentence. */
export function takes(setting: Setting): string {
  if (setting.type === 'secret') return 'one secret per line; the first signs, each is accepted'
  const unit = setting.type === 'integer' && setting.unit !== 'count' ? ` ${setting.unit}` : ''
  return `${expectationOf(setting, 1).replace(/^must be /, '')}${unit}`
}

function presetText(setting: Setting): string {
  const text = setting.type === 'secret' ? '' : String(setting.default)
  return text === '' ? 'none' : text
}

function optionOf(flag: string, setting: Setting): Option {
  // A secret's flag is there to be refused with the reason.
  if (setting.type === 'secret') return new Option(`--${flag} <secret>`).hideHelp()
  const text = `${setting.doc} ${takesText(setting)}`
  if (setting.type === 'boolean') return new Option(`--${flag} [true|false]`, text).preset('true')
  const unit = setting.type === 'integer' ? setting.unit : setting.type === 'records' ? 'json' : setting.type
  return new Option(`--${flag} <${unit}>`, text)
}

function nameOf(option: Option): string {
  return (option.long ?? '').slice(2)
}

function strangeArguments(args: readonly string[], known: readonly string[]): readonly string[] {
  const mistakes: string[] = []
  // What follows an unknown flag was most likely meant as its value.
  let isValue = false
  for (const arg of args) {
    const isFlag = arg.startsWith('-')
    if (isFlag) mistakes.push(`${nameIn(arg)} ${unknownText(nameIn(arg), known)}`)
    else if (!isValue) mistakes.push(`${arg} is one argument too many`)
    isValue = isFlag && !arg.includes('=')
  }
  return mistakes
}

function nameIn(flag: string): string {
  return flag.split('=')[0] ?? flag
}
