// How an operation is tagged (contract §1.5, rule 2), told from the members of one JSON value, of which nothing is made.
import { passValue, stringAt, walkObject } from '../../../std/json-walk.ts'
import { type OperationName, operationNames } from './operations.ts'

export const tagKeys = ['op', 'type', 'kind', 'action'] as const
export const contentKeys = ['data', 'payload', 'content'] as const

export type TagKey = (typeof tagKeys)[number]
export type ContentKey = (typeof contentKeys)[number]

/** What decides on the shape of one value. */
export interface Seen {
  /** Undefined where it is no text. */
  channel: string | undefined
  members: number
  /** The name of the last member, and where its value begins. */
  lastName: string
  lastAt: number
  /** Where values begin. */
  readonly tags: { [key in TagKey]?: number }
  readonly contents: { [key in ContentKey]?: number }
}

const openBrace = 0x7b

/** Nothing is seen in what is no object. */
export function survey(text: string, start: number): Seen {
  const seen: Seen = { channel: undefined, members: 0, lastName: '', lastAt: start, tags: {}, contents: {} }
  if (text.charCodeAt(start) !== openBrace) return seen
  walkObject(text, start, (name, at) => {
    seen.members++
    seen.lastName = name
    seen.lastAt = at
    if (name === 'channel') seen.channel = stringAt(text, at)
    else if (isOneOf(tagKeys, name)) seen.tags[name] = at
    else if (isOneOf(contentKeys, name)) seen.contents[name] = at
    return passValue(text, at)
  })
  return seen
}

/** An operation, and how it is written. */
export interface Shape {
  readonly op: OperationName
  /** Undefined: its name is the key of the only member, or all there is. */
  readonly tag: TagKey | undefined
  /** Undefined: its fields do not stand in a member beside the tag. */
  readonly content: ContentKey | undefined
  /** As the client wrote it. */
  readonly name: string
  readonly fieldsAt: number | undefined
}

export function shapeOf(text: string, at: number, seen: Seen): Shape | undefined {
  for (const tag of tagKeys) {
    const tagAt = seen.tags[tag]
    const name = tagAt === undefined ? undefined : stringAt(text, tagAt)
    const op = name === undefined ? undefined : operationOf(name)
    if (name === undefined || op === undefined) continue
    const content =
      seen.members === 2 ? contentKeys.find(key => isObjectAt(text, seen.contents[key])) : undefined
    return { op, name, tag, content, fieldsAt: content === undefined ? at : seen.contents[content] }
  }
  const external = { tag: undefined, content: undefined }
  const unit = stringAt(text, at)
  const name = unit ?? (seen.members === 1 ? seen.lastName : '')
  const op = operationOf(name)
  if (op === undefined) return undefined
  return { op, name, ...external, fieldsAt: unit === undefined ? seen.lastAt : undefined }
}

/** By the words that they have without case and marks. */
const operations: ReadonlyMap<string, OperationName> = new Map(
  operationNames.map(name => [name.replaceAll('_', ''), name]),
)

/** Longer than any name of ours with marks between all letters. */
const operationUnitsMax = 64

function operationOf(name: string): OperationName | undefined {
  if (name.length > operationUnitsMax) return undefined
  return operations.get(name.toLowerCase().replace(/[_-]/g, ''))
}

export function pascalOf(op: OperationName): string {
  return op.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
}

function isObjectAt(text: string, at: number | undefined): boolean {
  return at !== undefined && text.charCodeAt(at) === openBrace
}

function isOneOf<Word extends string>(words: readonly Word[], text: string): text is Word {
  return words.some(word => word === text)
}
