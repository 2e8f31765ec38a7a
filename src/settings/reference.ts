// The settings as tables for readers, out of what the rooms describe: it cannot go stale.
import type { Section, Setting } from '../std/setting.ts'
import { memberRows } from './members.ts'
import { fileVariableOf, variableOf } from './names.ts'

/** Markdown, one table for each room's section, without a line end at the end. */
export function settingsReference(sections: readonly Section[]): string {
  return sections
    .map(section =>
      [`## ${section.name || 'The node'}`, '', ...tableHead, ...sectionRows(section)].join('\n'),
    )
    .join('\n\n')
}

/** One setting's row of the reference, for a page that shows a few. */
export function referenceRow(sections: readonly Section[], variable: string): string | undefined {
  return sections.flatMap(sectionRows).find(row => row.startsWith(`| \`${variable}\` |`))
}

const tableHead = ['| variable | default | values | |', '| --- | --- | --- | --- |']

function sectionRows({ name, fields }: Section): readonly string[] {
  return Object.entries(fields).flatMap(([key, setting]) => settingRows(variableOf(name, key), setting))
}

/** The members of a structured one stand below it. */
function settingRows(variable: string, setting: Setting): readonly string[] {
  const members = memberRows(setting.type === 'records' ? setting.members : undefined)
  return [
    settingRow(variable, setting),
    ...members.map(
      ({ name, takes, otherwise, isRequired, doc }) =>
        `| \`${variable}[].${name}\` | ${isRequired ? 'required' : otherwise || 'none'} | ${takes} | ${doc} |`,
    ),
  ]
}

function settingRow(variable: string, setting: Setting): string {
  const preset =
    setting.type === 'secret' || String(setting.default) === '' ? 'none' : `\`${setting.default}\``
  const also = (setting.aliases ?? []).map(alias => {
    const how = alias.isWhole ? ' (as it stands)' : alias.scale === undefined ? '' : ` (times ${alias.scale})`
    return ` Also \`${alias.variable}\`${how}.`
  })
  const byFile = setting.type === 'secret' ? ` Or \`${fileVariableOf(variable)}\`.` : ''
  const live = setting.live ? ' Live.' : ''
  return `| \`${variable}\` | ${preset} | ${valuesOf(setting)} | ${setting.doc}${byFile}${also.join('')}${live} |`
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case 'integer':
      return `${setting.min} to ${setting.max} ${setting.unit === 'count' ? '' : setting.unit}`.trim()
    case 'choice':
      return setting.choices.join(', ')
    case 'boolean':
      return 'true, false'
    case 'list':
      return setting.of === undefined ? 'list' : `list of ${setting.of}`
    case 'address':
      return 'address or `off`'
    case 'records':
      return `JSON: up to ${setting.recordsMax} objects`
    case 'text':
      return setting.form ?? 'text'
    default:
      return setting.type
  }
}
