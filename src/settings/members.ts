// What the objects of a structured setting may say, for readers.
import type { Member, Members } from '../std/setting.ts'
import { variableOf } from './names.ts'

export interface MemberRow {
  readonly name: string
  readonly takes: string
  /** What holds where it is left out; empty: the doc says so. */
  readonly otherwise: string
  readonly doc: string
}

export function memberRows(members: Members = {}): readonly MemberRow[] {
  return Object.entries(members).map(([name, { setting, as }]) => ({
    name,
    takes: takesOf(setting),
    otherwise: as === undefined ? '' : `as ${variableOf(...as)}`,
    doc: setting.doc,
  }))
}

function takesOf(setting: Member['setting']): string {
  switch (setting.type) {
    case 'integer':
      return `${setting.min} to ${setting.max} ${setting.unit === 'count' ? '' : setting.unit}`.trim()
    case 'choice':
      return setting.choices.join(', ')
    case 'list':
    case 'text':
      return setting.type
    default:
      return setting satisfies never
  }
}
