// What the objects of a structured setting may say, for readers.
import type { Member, Members } from '../std/setting.ts'
import { variableOf } from './names.ts'

export interface MemberRow {
  readonly name: string
  readonly takes: string
  /** What holds where it is left out; empty: the doc says so. */
  readonly otherwise: string
  readonly isRequired: boolean
  readonly doc: string
}

export function memberRows(members: Members = {}): readonly MemberRow[] {
  return Object.entries(members).map(([name, { setting, as, required }]) => ({
    name,
    takes: takesOf(setting),
    otherwise: as === undefined ? String(setting.default) : `as ${variableOf(...as)}`,
    isRequired: required === true,
    doc: setting.doc,
  }))
}

function takesOf(setting: Member['setting']): string {
  switch (setting.type) {
    case 'integer':
      return `${setting.min} to ${setting.max} ${setting.unit === 'count' ? '' : setting.unit}`.trim()
    case 'choice':
      return setting.choices.join(', ')
    case 'boolean':
      return 'true, false'
    case 'list':
      return setting.of === undefined ? 'list' : `list of ${setting.of}`
    case 'text':
      return setting.form ?? 'text'
    default:
      return setting satisfies never
  }
}
