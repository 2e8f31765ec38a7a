// The settings reference for a terminal, wrapped at its width.

import { memberRows } from '../settings/members.ts'
import { fileVariableOf, flagOf, pathOf, variableOf } from '../settings/names.ts'
import type { Section, Setting } from '../std/setting.ts'
import { takesText } from './flags.ts'
import { wrap } from './output.ts'

/** Narrower than this, wrapping leaves one word per line. */
const columnsMin = 40

/** Without a line end at the end. */
export function settingsPage(sections: readonly Section[], columns: number): string {
  const width = Math.max(columns, columnsMin)
  const blocks = sections.flatMap(({ name, fields }) => [
    [`${name === '' ? 'The node' : name}`.toUpperCase()],
    ...Object.entries(fields).map(([key, setting]) => blockOf(name, key, setting, width)),
  ])
  return blocks.map(lines => lines.join('\n')).join('\n\n')
}

function blockOf(section: string, key: string, setting: Setting, width: number): string[] {
  const variable = variableOf(section, key)
  const path = pathOf(section, key)
  const isSecret = setting.type === 'secret'
  const places = isSecret
    ? [`Or ${fileVariableOf(variable)}, the path of a file. In the settings file: ${path} or ${path}_file.`]
    : [`Flag: --${flagOf(section, key)}.${path === 'config' ? '' : ` In the settings file: ${path}.`}`]
  const also = (setting.aliases ?? []).map(
    alias => `Also ${alias.variable}${alias.scale === undefined ? '' : ` (times ${alias.scale})`}.`,
  )
  const live = setting.live ? ['Changes without a restart (SIGHUP).'] : []
  return [
    variable,
    ...wrap(setting.doc, width, '    '),
    ...wrap(takesText(setting), width, '    '),
    ...wrap([...places, ...also, ...live].join(' '), width, '    '),
    ...memberLines(setting, width),
  ]
}

/** What the objects of a structured setting may say. */
function memberLines(setting: Setting, width: number): readonly string[] {
  const rows = memberRows(setting.type === 'records' ? setting.members : undefined)
  if (rows.length === 0) return []
  const items = rows.flatMap(({ name, takes, otherwise, isRequired, doc }) => [
    `      ${name}`,
    ...wrap(
      `${doc} Takes ${takes}${isRequired ? '; required' : otherwise === '' ? '' : `; default: ${otherwise}`}.`,
      width,
      '          ',
    ),
  ])
  return ['    Each of its objects may say:', ...items]
}
