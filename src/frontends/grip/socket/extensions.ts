// `Sec-WebSocket-Extensions`: GRIP is the only one that passes, for frames are ours on both sides.
import { fieldsOf, parameterOf, parseList, utf8Of } from '../instruct/list.ts'
import { membersOf, type RawHeaders, valuesOf } from '../proxy/raw-headers.ts'

export const extensionsHeader = 'sec-websocket-extensions'

/** In front of what is for the client, where an origin's answer agrees to GRIP; undefined: it does not (contract §8.3). */
export function messagePrefix(answer: RawHeaders): string | undefined {
  const elements = parseList(fieldsOf(answer, extensionsHeader))
  const grip = elements.find(({ value }) => value.toLowerCase() === 'grip')
  return grip && utf8Of(parameterOf(grip, 'message-prefix') ?? 'm:')
}

/** What is offered or agreed on of it, as it stands, between a proxy in front that speaks it and an origin; empty: nothing. */
export function gripExtensions(raw: RawHeaders): string {
  const members = membersOf(valuesOf(raw, extensionsHeader))
  return members.filter(member => /^grip[ \t]*(?:;|$)/i.test(member)).join(', ')
}
