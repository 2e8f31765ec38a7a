// Sample files: every setting commented out at its default. `#name` without a blank is a setting, `# Text` a comment,
// so that taking away one character sets one setting.

import { memberRows } from '../settings/members.ts'
import { fileVariableOf, pathOf, variableOf } from '../settings/names.ts'
import type { Section, Setting } from '../std/setting.ts'
import { takes } from './flags.ts'
import { wrap } from './output.ts'

const columns = 100

/** A settings file in YAML, without a line end at the end. The sections stand, empty, so that single lines can be set. */
export function sampleFile(sections: readonly Section[]): string {
  const head = [
    '# Settings of ringcast. Each stands here at its default; take away the # to set it. Variables and flags go',
    '# before what is set here. `ringcast check --config <this file>` tells all mistakes at once.',
  ]
  const body = sections.flatMap(({ name, fields }) => {
    const indent = name === '' ? '' : '  '
    const own = Object.entries(fields)
      // The file cannot name itself.
      .filter(([key]) => pathOf(name, key) !== 'config')
      .flatMap(([key, setting]) => {
        const shortName = pathOf('', key)
        const lines =
          setting.type === 'secret'
            ? [`#${shortName}:`, `#${shortName}_file:`]
            : [`#${shortName}: ${yamlOf(setting)}`]
        return ['', ...comment(setting, indent), ...lines.map(line => indent + line)]
      })
    return name === '' ? own : ['', `${name}:`, ...own]
  })
  return [...head, ...body].join('\n')
}

/** `NAME=value` lines as shells, systemd and containers read them, without a line end at the end. */
export function sampleEnvironment(sections: readonly Section[]): string {
  const head = [
    '# Variables of ringcast. Each stands here at its default; take away the # to set it. `ringcast check` tells all',
    '# mistakes at once.',
  ]
  const body = sections.flatMap(({ name, fields }) =>
    Object.entries(fields).flatMap(([key, setting]) => {
      const variable = variableOf(name, key)
      const lines =
        setting.type === 'secret'
          ? [`#${variable}=`, `#${fileVariableOf(variable)}=`]
          : [`#${variable}=${String(setting.default)}`]
      return ['', ...comment(setting, ''), ...lines]
    }),
  )
  return [...head, ...body].join('\n')
}

function comment(setting: Setting, indent: string): readonly string[] {
  const kind = setting.type === 'secret' ? 'In place or from a file: ' : ''
  return [
    ...wrap(setting.doc, columns, `${indent}# `),
    ...wrap(sentence(kind + takes(setting)), columns, `${indent}# `),
    ...memberRows(setting.type === 'records' ? setting.members : undefined).map(
      row => `${indent}#   ${row.name}: ${row.takes}`,
    ),
  ]
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

/** JSON is YAML; words that can mean nothing else in it stand bare. */
function yamlOf(setting: Exclude<Setting, { type: 'secret' }>): string {
  const isPlain = setting.type === 'choice' && setting.default !== 'off'
  return isPlain ? setting.default : JSON.stringify(setting.default)
}
