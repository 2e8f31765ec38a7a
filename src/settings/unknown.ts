// Names that no room describes: in the environment, the settings file and the flags.
import type { Section } from '../std/setting.ts'
import { fileVariableOf, flagOf, isOwnVariable, pathOf, unknownText, variableOf } from './names.ts'

/** The file itself is named by a variable or a flag, never in the file. */
const fileFlag = flagOf('', 'config')

const none: readonly string[] = []
const same = (name: string): string => name

/** One sentence each, with the name that was probably meant. Of the file its paths are given. */
export function findUnknown(
  sections: readonly Section[],
  environment: Readonly<Record<string, string | undefined>>,
  flags: ReadonlyMap<string, string> | undefined,
  inFile: Iterable<string>,
  filePath: string,
): readonly string[] {
  const all = sections.flatMap(({ name, fields }) =>
    Object.entries(fields).map(([key, setting]) => ({ name, key, isSecret: setting.type === 'secret' })),
  )
  const variables = all.flatMap(({ name, key, isSecret }) => {
    const variable = variableOf(name, key)
    return isSecret ? [variable, fileVariableOf(variable)] : [variable]
  })
  const fileOnly = all.filter(({ name, key }) => pathOf(name, key) !== fileFlag)
  const paths = fileOnly.flatMap(({ name, key, isSecret }) => {
    const path = pathOf(name, key)
    return isSecret ? [path, `${path}_file`] : [path]
  })
  const ours = Object.keys(environment).filter(name => isOwnVariable(name, environment[name]))
  const dashed = (flag: string) => `--${flag}`
  const flagsSet = [...(flags?.keys() ?? [])].map(dashed)
  const open = all.filter(({ isSecret }) => !isSecret).map(({ name, key }) => dashed(flagOf(name, key)))
  const secret = new Set(
    all.filter(({ isSecret }) => isSecret).map(({ name, key }) => dashed(flagOf(name, key))),
  )
  const strange = (names: Iterable<string>, valid: readonly string[], label = same, headings = none) =>
    [...names]
      .filter(name => !valid.includes(name))
      .map(name => `${label(name)} ${unknownText(name, [...headings, ...valid])}`)
  // A section that is misspelt is one unknown key, whatever it holds.
  const headings = sections.map(({ name }) => name).filter(name => name !== '')
  return [
    ...strange(ours, variables),
    ...strange(inFile, paths, name => `${name} in ${filePath}`, headings),
    ...flagsSet
      .filter(flag => secret.has(flag))
      .map(flag => `${flag} is a secret, and everybody on the machine sees flags; use a variable or a file`),
    ...strange(
      flagsSet.filter(flag => !secret.has(flag)),
      open,
    ),
  ]
}
